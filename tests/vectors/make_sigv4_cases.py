# SPDX-License-Identifier: MIT
"""Cases for vectors/sigv4, signed by botocore, in the layout of AWS's own test suite.

    $(tests/venv) tests/vectors/make_sigv4_cases.py     writes tests/vectors/sigv4-cases anew

The requests are random but for the seed below; `s3-published-…` are the examples of
"Signature Calculations" in the S3 API reference, whose signatures are compared here.
"""

import json
import pathlib
import random
import shutil
from urllib.parse import quote, urlsplit

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

SEED = 20261121
KINDS = {"header": 22, "query": 10, "s3-header": 14, "s3-query": 8}

SAFE = "-_.~"
WORDS = ["a", "B", "logs", "x-y", "2026-11-21", "a b", "ü", "ሴ", "☃", "q=1", "a+b", "50%", "a~b",
         "$", "*", "(1)", "'", "!", "@x", "a:b", "a,b", "a;b", "[x]", "\U0001f600"]
NAMES = ["prefix", "Prefix", "marker", "max-keys", "list-type", "a", "A", "ab", "a-b", "a b", "é",
         "x&y", "k=v", "acl", "~", "_"]
VALUES = ["value", "a  b", "  lead", "trail  ", "\ttab\t\tbed ", '"a   b   c"', "", " ", "a,b", "ü é",
          "first\n second\n\t third", "x=y; z", "A" * 200]
TOKENS = ["FwoGZXIvYXdzEXAMPLE//////////+==", "a" * 900, "t/o+k=e n"]


class Plain(SigV4Auth):
    """With normalize false: the path is encoded again, and nothing else."""

    def _normalize_url_path(self, path):
        return quote(path, safe="/~")


class PlainQuery(SigV4QueryAuth):
    _normalize_url_path = Plain._normalize_url_path


SIGNERS = {("service", True, False): SigV4Auth, ("service", True, True): SigV4QueryAuth,
           ("service", False, False): Plain, ("service", False, True): PlainQuery,
           ("s3", False, False): S3SigV4Auth, ("s3", False, True): S3SigV4QueryAuth}


def lines(request, target, headers, body):
    """A request as text, with LF."""
    head = "".join(f"{name}:{value}\n" for name, value in headers)
    return f"{request.method} {target} HTTP/1.1\n{head}".encode() + (b"\n" + body if body else b"")


def target_of(url):
    parts = urlsplit(url)
    return parts.path + ("?" + parts.query if parts.query else "")


def stages(signer, request, query, canonical=None):
    """Signs as add_auth() does, and keeps what is on the way."""
    signer._modify_request_before_signing(request)
    canonical = canonical or signer.canonical_request(request)
    to_sign = signer.string_to_sign(request, canonical)
    signature = signer.signature(to_sign, request)
    signer._inject_signature_to_request(request, signature)
    return {"canonical-request.txt": canonical, "string-to-sign.txt": to_sign,
            "signature.txt": signature}


def case(context, method, url, headers, body=b"", query=False, unsigned=False, eol="\n",
         canonical=None):
    """The files of one case."""
    keys, omit = context["credentials"], context.get("omit_session_token", False)
    when = context["timestamp"].replace("-", "").replace(":", "")
    host = [("Host", urlsplit(url).netloc)]
    request = AWSRequest(method=method, url=url, data=body or None)
    request.context = {"timestamp": when}
    for name, value in headers:
        request.headers[name] = value
    if context["sign_body"] and context["service"] != "s3" and not query:
        request.headers["x-amz-content-sha256"] = SigV4Auth(None, "", "").payload(request)
    if unsigned:
        request.context["client_config"] = Config(s3={"payload_signing_enabled": False})
    credentials = Credentials(keys["access_key_id"], keys["secret_access_key"],
                              None if omit else keys.get("token"))
    auth = SIGNERS[context["service"] if context["service"] == "s3" else "service",
                   context["normalize"], query]
    more = {"expires": context["expiration_in_seconds"]} if query else {}
    signer = auth(credentials, context["service"], context["region"], **more)
    text = lines(request, target_of(url), host + list(headers), body)
    files = {"request.txt": text.replace(b"\n", eol.encode()) if not body else text,
             "context.json": json.dumps(context, indent=4) + "\n"}
    made = stages(signer, request, query, canonical)
    if omit and not query:
        request.headers["X-Amz-Security-Token"] = keys["token"]
    if omit and query:
        request.url += "&X-Amz-Security-Token=" + quote(keys["token"], safe=SAFE)
    made["signed-request.txt"] = lines(request, target_of(request.url),
                                       host + list(request.headers.items()), body)
    prefix = "query-" if query else "header-"
    return files | {prefix + name: text for name, text in made.items()}


def write(folder, files):
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())


def random_path(rng, s3, normalize):
    segments = [quote(w, safe=SAFE) for w in rng.choices(WORDS, k=rng.randrange(5))]
    if not s3 and rng.random() < 0.3:
        segments = [rng.choice(["a b", "ü", "x", "ሴ~"]) for _ in segments]  # not encoded at all
    if rng.random() < 0.5:
        for odd in rng.choices(["", ".", "..", "..."], k=rng.randrange(1, 4)):
            segments.insert(rng.randrange(len(segments) + 1), odd)
    path = "/" + "/".join(segments)
    # "//x" at the start of a target would be taken for a host by urlsplit, but not after one.
    return path + rng.choice(["", "", "/"])


def random_query(rng, unique):
    pairs = [(rng.choice(NAMES), rng.choice(["", "1", "Value", *WORDS]))
             for _ in range(rng.choice([0, 0, 1, 2, 5]))]
    if unique:
        pairs = list(dict(pairs).items())
    bare = "" if not unique and rng.random() < 0.3 else "="
    return "&".join(quote(k, safe=SAFE) + (("=" + quote(v, safe=SAFE)) if v else bare)
                    for k, v in pairs)


def random_headers(rng, s3):
    headers = []
    for name in rng.sample(["My-Header1", "x-amz-meta-Z", "X-Amz-Acl", "Accept", "p", "Content-Type",
                            "X-AMZ-Target", "Range", "zebra", "User-Agent", "x-amzn-trace-id",
                            "traceparent", "TE"], rng.randrange(6)):
        headers.append((name, rng.choice([" ", ""]) + rng.choice(VALUES)))
        while rng.random() < 0.15:
            headers.append((rng.choice([name, name.upper()]), rng.choice(VALUES)))
    rng.shuffle(headers)
    return headers


def random_case(rng, kind):
    s3, query = kind.startswith("s3"), kind.endswith("query")
    context = {
        "credentials": {"access_key_id": "AKIDEXAMPLE" + str(rng.randrange(10)),
                        "secret_access_key": rng.choice(["wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                                                         "s", "x" * 100])},
        "expiration_in_seconds": rng.choice([1, 3600, 86400, 604800]),
        "normalize": not s3 and rng.random() < 0.7,
        "region": rng.choice(["us-east-1", "eu-central-2", "cn-north-1"]),
        "service": "s3" if s3 else rng.choice(["logs", "iam", "execute-api"]),
        "sign_body": s3 or rng.random() < 0.4,
        "timestamp": "20%02d-%02d-%02dT%02d:%02d:%02dZ" % (
            rng.randrange(10, 60), rng.randrange(1, 13), rng.randrange(1, 29), rng.randrange(24),
            rng.randrange(60), rng.randrange(60)),
    }
    if rng.random() < 0.4:
        context["credentials"]["token"] = rng.choice(TOKENS)
        context["omit_session_token"] = rng.random() < 0.2
    method = "GET" if query else rng.choice(["GET", "PUT", "POST", "HEAD", "DELETE", "PATCH"])
    body = rng.choice([b"", b"Param1=value1", "ü\r\n\nx".encode(), b"{}" * 600])
    if query or method in ("GET", "HEAD", "DELETE"):
        body = b""
    host = rng.choice(["example.amazonaws.com", "bucket.s3.eu-west-1.amazonaws.com", "localhost:4566"])
    target = random_path(rng, s3, context["normalize"]) + "?" + random_query(rng, query)
    headers = random_headers(rng, s3)
    unsigned = s3 and not query and rng.random() < 0.3
    if unsigned and rng.random() < 0.5:
        headers.append(("x-amz-content-sha256", "UNSIGNED-PAYLOAD"))
    if not query and rng.random() < 0.1:
        headers.append(("X-Amz-Date", "20150101T000000Z"))
    return case(context, method, "https://" + host + target.rstrip("?"), headers, body, query,
                unsigned, rng.choice(["\n", "\r\n"]))


def published(name, method, target, headers, signature, body=b"", query=False, canonical=None):
    context = {
        "credentials": {"access_key_id": "AKIAIOSFODNN7EXAMPLE",
                        "secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
        "expiration_in_seconds": 86400, "normalize": False, "region": "us-east-1",
        "service": "s3", "sign_body": True, "timestamp": "2013-05-24T00:00:00Z",
    }
    files = case(context, method, "https://examplebucket.s3.amazonaws.com" + target, headers, body,
                 query, canonical=canonical)
    assert files[("query-" if query else "header-") + "signature.txt"] == signature, (name, files)
    return "s3-published-" + name, files


PUT_CANONICAL = """PUT
/test%24file.text

date:Fri, 24 May 2013 00:00:00 GMT
host:examplebucket.s3.amazonaws.com
x-amz-content-sha256:44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072
x-amz-date:20130524T000000Z
x-amz-storage-class:REDUCED_REDUNDANCY

date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class
44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"""


def published_put():
    """botocore would send Date or X-Amz-Date, not both, so its header is put right by hand."""
    name, files = published(
        "put", "PUT", "/test$file.text",
        [("x-amz-storage-class", "REDUCED_REDUNDANCY")],
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        b"Welcome to Amazon S3.", canonical=PUT_CANONICAL)
    date = b"Date:Fri, 24 May 2013 00:00:00 GMT\n"
    for part in ("request.txt", "header-signed-request.txt"):
        files[part] = files[part].replace(b"x-amz-storage", date + b"x-amz-storage", 1)
    files["header-signed-request.txt"] = files["header-signed-request.txt"].replace(
        b"SignedHeaders=host;", b"SignedHeaders=date;host;")
    return name, files


def all_published():
    yield published("get-range", "GET", "/test.txt", [("Range", "bytes=0-9")],
                    "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
    yield published_put()
    yield published("lifecycle", "GET", "/?lifecycle", [],
                    "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")
    yield published("list", "GET", "/?max-keys=2&prefix=J", [],
                    "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
    yield published("presigned", "GET", "/test.txt", [],
                    "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404", query=True)


def main():
    folder = pathlib.Path(__file__).parent / "sigv4-cases"
    for old in filter(pathlib.Path.is_dir, folder.iterdir()):
        shutil.rmtree(old)
    for name, files in all_published():
        write(folder / name, files)
    for kind, count in KINDS.items():
        rng = random.Random(f"{SEED} {kind}")
        for i in range(count):
            write(folder / f"{kind}-{i:02d}", random_case(rng, kind))


if __name__ == "__main__":
    main()
