"""The signature check in front of every service, written from AWS's "Signature Version 4 signing
process" and "Authenticating Requests (AWS Signature Version 4)" of the S3 API reference.

Shares no code with botocore or with the program under test, so that it can disagree with both.
"""

import calendar
import hashlib
import hmac
import re
import time

from . import awschunked, keys, state
from .wire import AwsError, protocol_of, query_pairs

UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
REGION = re.compile(r"^[a-z]{2}(-[a-z]+)+-\d$")
# IAM is signed for the home region of its partition, whatever the caller's region.
IAM_REGIONS = ("us-east-1", "cn-north-1", "us-gov-west-1")
SKEW = 15 * 60
MISMATCH = ("The request signature we calculated does not match the signature you provided. "
            "Check your {0} and signing method.{1}")


class Claim:
    """What the request claims about its signature."""
    key_id = date = region = service = amz_date = signature = token = None
    signed_headers = ()
    presigned = False
    expires = None


def uri_encode(raw, keep=b""):
    return "".join(chr(c) if c in UNRESERVED or c in keep else f"%{c:02X}" for c in raw)


def percent_decode(text):
    raw = text.encode("latin-1")
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda m: bytes([int(m.group(1), 16)]), raw)


def canonical_uri(service, path):
    if service == "s3":
        # S3: encoded once, not normalised, so "//" and "/./" are part of the key.
        return uri_encode(percent_decode(path), b"/") or "/"
    out = []
    for part in path.split("/"):
        if part == "..":
            if out:
                out.pop()
        elif part not in ("", "."):
            out.append(part)
    normal = "/" + "/".join(out)
    if path.endswith("/") and normal != "/":
        normal += "/"
    # Other services: what is on the wire is encoded once and is encoded again.
    return uri_encode(normal.encode("latin-1"), b"/")


def canonical_query(query, without=None):
    pairs = []
    for name, value in query_pairs(query):
        if name != without:
            pairs.append((uri_encode(name.encode("utf-8", "surrogateescape")),
                          uri_encode(value.encode("utf-8", "surrogateescape"))))
    return "&".join(f"{n}={v}" for n, v in sorted(pairs))


def canonical_request(req, claim, payload_hash):
    lines = []
    for name in claim.signed_headers:
        values = [re.sub(" +", " ", v.strip()) for v in req.getall(name)]
        lines.append(f"{name}:{','.join(values)}\n")
    return "\n".join([
        req.method, canonical_uri(claim.service, req.path),
        canonical_query(req.query, "X-Amz-Signature" if claim.presigned else None),
        "".join(lines), ";".join(claim.signed_headers), payload_hash])


def hmac256(key, text):
    return hmac.new(key, text.encode("utf-8"), hashlib.sha256).digest()


def signing_key(secret, claim):
    key = ("AWS4" + secret).encode()
    for part in (claim.date, claim.region, claim.service, "aws4_request"):
        key = hmac256(key, part)
    return key


def parse_claim(req):
    """The Claim, or None for an unsigned request."""
    auth = req.get("Authorization")
    claim = Claim()
    if auth is not None:
        if not auth.startswith("AWS4-HMAC-SHA256"):
            raise incomplete(req, "Unsupported Authorization Type")
        fields = {}
        for part in auth[len("AWS4-HMAC-SHA256"):].split(","):
            name, _, value = part.strip().partition("=")
            fields[name] = value
        for name in ("Credential", "SignedHeaders", "Signature"):
            if not fields.get(name):
                raise incomplete(req, f"Authorization header requires '{name}' parameter. "
                                      f"Authorization={auth.split(' ')[0]}")
        credential, signed = fields["Credential"], fields["SignedHeaders"]
        claim.signature = fields["Signature"]
        claim.amz_date = req.get("X-Amz-Date") or http_date_to_amz(req.get("Date"))
        claim.token = req.get("X-Amz-Security-Token")
    elif "X-Amz-Algorithm" in req.args or "X-Amz-Signature" in req.args:
        args = req.args
        for name in ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-SignedHeaders",
                     "X-Amz-Signature") + (("X-Amz-Expires",) if req.service == "s3" else ()):
            if name not in args:
                raise AwsError("AuthorizationQueryParametersError", "Query-string authentication "
                               "version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
                               "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and "
                               "X-Amz-Expires parameters.", 400)
        claim.presigned = True
        credential, signed = args["X-Amz-Credential"], args["X-Amz-SignedHeaders"]
        claim.signature, claim.amz_date = args["X-Amz-Signature"], args["X-Amz-Date"]
        claim.token = args.get("X-Amz-Security-Token")
        expires = args.get("X-Amz-Expires", "900")
        if not expires.isdigit() or not 1 <= int(expires) <= 604800:
            raise AwsError("AuthorizationQueryParametersError",
                           "X-Amz-Expires must be less than a week (in seconds) that is "
                           "604800", 400)
        claim.expires = int(expires)
    else:
        return None
    parts = credential.split("/")
    if len(parts) < 5 or parts[-1] != "aws4_request":
        raise incomplete(req, "Credential must have exactly 5 slash-delimited elements, "
                              "e.g. keyid/date/region/service/term")
    claim.key_id = "/".join(parts[:-4])
    claim.date, claim.region, claim.service = parts[-4:-1]
    claim.signed_headers = signed.split(";")
    return claim


def http_date_to_amz(value):
    from email.utils import parsedate_to_datetime
    try:
        return parsedate_to_datetime(value).strftime("%Y%m%dT%H%M%SZ") if value else None
    except ValueError:
        return None


def amz(seconds):
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))


def refuse(req, s3, json, query, message, fields=None, rest_status=403, json_status=400):
    """One refusal under the code and status that each protocol has for it.
    s3 and query are (code, status)."""
    proto = protocol_of(req.service)
    if proto == "s3":
        return AwsError(s3[0], message, s3[1], fields)
    if proto == "query":
        return AwsError(query[0], message, query[1])
    return AwsError(json, message, rest_status if proto == "rest-json" else json_status)


def incomplete(req, message):
    return refuse(req, ("AuthorizationHeaderMalformed", 400), "IncompleteSignatureException",
                  ("IncompleteSignature", 400), message)


def bad_signature(req, message, fields=None):
    return refuse(req, ("SignatureDoesNotMatch", 403), "InvalidSignatureException",
                  ("SignatureDoesNotMatch", 403), message, fields)


def unsigned(req):
    message = {"s3": "Access Denied",
               "query": "Request is missing Authentication Token"}.get(
                   protocol_of(req.service), "Missing Authentication Token")
    return refuse(req, ("AccessDenied", 403), "MissingAuthenticationTokenException",
                  ("MissingAuthenticationToken", 403), message)


def check_scope(req, claim):
    if claim.service != req.service.replace("apigatewayv2", "apigateway"):
        right = req.service.replace("apigatewayv2", "apigateway")
        if right == "s3":
            raise AwsError("AuthorizationHeaderMalformed", "The authorization header is malformed; "
                           f'incorrect service "{claim.service}". This endpoint belongs to "s3".',
                           400)
        raise bad_signature(req, f"Credential should be scoped to correct service: '{right}'. ")
    wrong = not REGION.match(claim.region) or (req.region and claim.region != req.region)
    if req.service == "iam":
        wrong = claim.region not in IAM_REGIONS
    if wrong:
        if req.service == "s3":
            right = req.region or "us-east-1"
            raise AwsError("AuthorizationHeaderMalformed", "The authorization header is malformed; "
                           f"the region '{claim.region}' is wrong; expecting '{right}'", 400,
                           {"Region": right})
        raise bad_signature(req, "Credential should be scoped to a valid region. ")
    if not claim.amz_date or not re.match(r"^\d{8}T\d{6}Z$", claim.amz_date):
        if req.service == "s3":
            raise AwsError("AccessDenied", "AWS authentication requires a valid Date or "
                           "x-amz-date header", 403)
        raise incomplete(req, "Authorization header requires existence of either a 'X-Amz-Date' or "
                              "a 'Date' header.")
    if claim.amz_date[:8] != claim.date:
        if req.service == "s3":
            raise AwsError("AuthorizationHeaderMalformed", "The authorization header is malformed; "
                           f"Invalid credential date \"{claim.date}\". This date is not the same "
                           f"as X-Amz-Date: \"{claim.amz_date[:8]}\".", 400)
        raise bad_signature(req, f"Date in Credential scope does not match YYYYMMDD from ISO-8601 "
                                 f"version of date from HTTP: '{claim.date}' != "
                                 f"'{claim.amz_date[:8]}', from '{claim.amz_date}'.")


def check_time(req, claim):
    then = calendar.timegm(time.strptime(claim.amz_date, "%Y%m%dT%H%M%SZ"))
    now = state.now()
    if claim.presigned:
        if now > then + claim.expires:
            if req.service == "s3":
                raise AwsError("AccessDenied", "Request has expired", 403, {
                    "X-Amz-Expires": claim.expires,
                    "Expires": time.strftime("%Y-%m-%dT%H:%M:%SZ",
                                             time.gmtime(then + claim.expires)),
                    "ServerTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))})
            raise bad_signature(req, f"Signature expired: {claim.amz_date} is now earlier than "
                                     f"{amz(now - SKEW)} ({amz(now)} - 15 min.)")
        if then <= now + SKEW:
            return
    if abs(now - then) <= SKEW or not state.settings["check_skew"]:
        return
    if req.service == "s3":
        raise AwsError("RequestTimeTooSkewed", "The difference between the request time and the "
                       "current time is too large.", 403, {
                           "RequestTime": claim.amz_date,
                           "ServerTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)),
                           "MaxAllowedSkewMilliseconds": SKEW * 1000})
    if then < now:
        raise bad_signature(req, f"Signature expired: {claim.amz_date} is now earlier than "
                                 f"{amz(now - SKEW)} ({amz(now)} - 15 min.)")
    raise bad_signature(req, f"Signature not yet current: {claim.amz_date} is still later than "
                             f"{amz(now + SKEW)} ({amz(now)} + 15 min.)")


def check_token(req, claim, key):
    s3 = req.service == "s3"
    fields = {"Token-0": claim.token or ""}
    if (key.token or None) != (claim.token or None):
        raise refuse(req, ("InvalidToken", 400), "UnrecognizedClientException",
                     ("InvalidClientTokenId", 403),
                     "The provided token is malformed or otherwise invalid." if s3 else
                     "The security token included in the request is invalid.", fields)
    if key.expires is not None and state.now() >= key.expires:
        raise refuse(req, ("ExpiredToken", 400), "ExpiredTokenException", ("ExpiredToken", 403),
                     "The provided token has expired." if s3 else
                     "The security token included in the request is expired", fields)


def check_headers(req, claim):
    """host and every x-amz-* header must be signed, and every signed header must be present."""
    signed = claim.signed_headers
    if req.service == "s3" and not claim.presigned and req.get("x-amz-content-sha256") is None:
        raise AwsError("InvalidRequest", "Missing required header for this request: "
                       "x-amz-content-sha256", 400)
    if "host" not in signed:
        if req.service == "s3":
            raise AwsError("AccessDenied", "There were headers present in the request which were "
                           "not signed", 403, {"HeadersNotSigned": "host"})
        raise bad_signature(req, "'Host' or ':authority' must be a 'SignedHeader' in the AWS "
                                 "Authorization.")
    present = {n.lower() for n, _ in req.headers}
    missing = sorted(n for n in present if n.startswith("x-amz-") and n not in signed)
    if missing:
        if req.service == "s3":
            raise AwsError("AccessDenied", "There were headers present in the request which were "
                           "not signed", 403, {"HeadersNotSigned": ", ".join(missing)})
        raise bad_signature(req, f"'{missing[0]}' must be a 'SignedHeader' in the AWS "
                                 "Authorization.")
    if list(signed) != sorted(set(signed)) or any(n != n.lower() for n in signed):
        raise bad_signature(req, "SignedHeaders must be lower case, sorted and without doubles.")
    absent = [n for n in signed if n not in present]
    if absent:
        raise bad_signature(req, f"Signed header '{absent[0]}' is not in the request.")


def payload_hash(req, claim):
    """The last line of the canonical request, and the real hash of the body if it must be compared
    afterwards."""
    real = hashlib.sha256(req.wire_body).hexdigest()
    sent = req.get("x-amz-content-sha256")
    if claim.presigned and sent is None:
        sent = req.args.get("X-Amz-Content-Sha256")
        if sent is None:
            return ("UNSIGNED-PAYLOAD", None) if req.service == "s3" else (real, None)
    if req.service != "s3":
        if sent is not None and sent != real:
            raise bad_signature(req, MISMATCH.format("AWS Secret Access Key", " Consult the service "
                                "documentation for details.") +
                                f" (x-amz-content-sha256 is {sent}, the body's hash is {real})")
        return real, None
    if sent == "UNSIGNED-PAYLOAD" or sent in awschunked.KINDS:
        return sent, None
    if not re.match(r"^[0-9a-f]{64}$", sent):
        raise AwsError("InvalidArgument", "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, "
                       "STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, "
                       "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, "
                       "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, "
                       "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
                       400, {"ArgumentName": "x-amz-content-sha256", "ArgumentValue": sent})
    return sent, real


def verify(req):
    """Sets req.key, req.account and req.region, or raises AwsError. None when unsigned."""
    claim = parse_claim(req)
    if claim is None:
        return None
    check_scope(req, claim)
    key = keys.find(claim.key_id)
    if key is None:
        raise refuse(req, ("InvalidAccessKeyId", 403), "UnrecognizedClientException",
                     ("InvalidClientTokenId", 403),
                     "The AWS Access Key Id you provided does not exist in our records."
                     if req.service == "s3" else
                     "The security token included in the request is invalid.",
                     {"AWSAccessKeyId": claim.key_id})
    check_headers(req, claim)
    hashed, real = payload_hash(req, claim)
    canonical = canonical_request(req, claim, hashed)
    scope = f"{claim.date}/{claim.region}/{claim.service}/aws4_request"
    to_sign = "\n".join(["AWS4-HMAC-SHA256", claim.amz_date, scope,
                         hashlib.sha256(canonical.encode("latin-1", "replace")).hexdigest()])
    secret = signing_key(key.secret_key, claim)
    expected = hmac256(secret, to_sign).hex()
    check_time(req, claim)
    if not hmac.compare_digest(expected, claim.signature):
        if req.service == "s3":
            raise AwsError("SignatureDoesNotMatch", MISMATCH.format("key", ""), 403, {
                "AWSAccessKeyId": claim.key_id, "StringToSign": to_sign,
                "SignatureProvided": claim.signature,
                "StringToSignBytes": to_sign.encode().hex(" "), "CanonicalRequest": canonical,
                "CanonicalRequestBytes": canonical.encode("latin-1", "replace").hex(" ")})
        raise bad_signature(req, MISMATCH.format("AWS Secret Access Key", " Consult the service "
                            "documentation for details.") +
                            "\n\nThe Canonical String for this request should have been\n'" +
                            canonical + "'\n\nThe String-to-Sign should have been\n'" + to_sign +
                            "'\n")
    check_token(req, claim, key)
    if real is not None and real != hashed:
        raise AwsError("XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header "
                       "does not match what was computed.", 400,
                       {"ClientComputedContentSHA256": hashed,
                        "S3ComputedContentSHA256": real})
    if hashed in awschunked.KINDS:
        req.body = awschunked.decode(req, hashed, secret, claim, scope)
    req.key, req.account, req.region = key, key.account, claim.region
    return key
