"""aws-chunked bodies: "Signature calculations for the Authorization header: transferring payload in
multiple chunks" and "including trailing headers", S3 API reference."""

import hashlib
import hmac

from .wire import AwsError

SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
KINDS = (SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER)
EMPTY = hashlib.sha256(b"").hexdigest()


def decode(req, kind, secret, claim, scope):
    """The body without its chunk frame; trailers become headers of the request."""
    body, pos, out = req.wire_body, 0, []
    previous = claim.signature
    while True:
        end = body.find(b"\r\n", pos)
        if end < 0:
            raise incomplete()
        head = body[pos:end].split(b";")
        try:
            size = int(head[0], 16)
        except ValueError:
            raise incomplete() from None
        data = body[end + 2:end + 2 + size]
        if len(data) != size:
            raise incomplete()
        pos = end + 2 + size
        if kind != UNSIGNED_TRAILER:
            given = head[1].partition(b"=")[2].decode() if len(head) > 1 else ""
            text = "\n".join(["AWS4-HMAC-SHA256-PAYLOAD", claim.amz_date, scope, previous, EMPTY,
                              hashlib.sha256(data).hexdigest()])
            previous = sign(secret, text)
            if not hmac.compare_digest(previous, given):
                raise mismatch()
        if size == 0:
            break
        out.append(data)
        if body[pos:pos + 2] != b"\r\n":
            raise incomplete()
        pos += 2
    if kind != SIGNED:
        read_trailers(req, body[pos:], kind, secret, claim, scope, previous)
    data = b"".join(out)
    declared = req.get("x-amz-decoded-content-length")
    if declared is None:
        raise AwsError("MissingContentLength", "You must provide the Content-Length HTTP header.",
                       411)
    if int(declared) != len(data):
        raise incomplete()
    return data


def read_trailers(req, raw, kind, secret, claim, scope, previous):
    trailers, signature = [], None
    for line in raw.decode("latin-1").split("\r\n"):
        name, sep, value = line.partition(":")
        if not sep:
            continue
        if name.lower() == "x-amz-trailer-signature":
            signature = value.strip()
        else:
            trailers.append((name.lower(), value.strip()))
    announced = sorted(n.strip().lower() for n in (req.get("x-amz-trailer") or "").split(",") if n)
    if sorted(n for n, _ in trailers) != announced:
        raise AwsError("MalformedTrailerError", "The request contained trailing data that was not "
                       "well-formed or did not conform to our published schema.", 400)
    if kind == SIGNED_TRAILER:
        text = "".join(f"{n}:{v}\n" for n, v in sorted(trailers))
        expected = sign(secret, "\n".join([
            "AWS4-HMAC-SHA256-TRAILER", claim.amz_date, scope, previous,
            hashlib.sha256(text.encode()).hexdigest()]))
        if not hmac.compare_digest(expected, signature or ""):
            raise mismatch()
    req.headers.extend(trailers)


def sign(secret, text):
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()


def incomplete():
    return AwsError("IncompleteBody", "The request body terminated unexpectedly", 400)


def mismatch():
    return AwsError("SignatureDoesNotMatch", "The request signature we calculated does not match "
                    "the signature you provided. Check your key and signing method.", 403)
