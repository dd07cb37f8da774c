# SPDX-License-Identifier: MIT
"""Error replies, decoded by this program and by botocore's parsers.

No case is made where the two differ by design: awsJson's X-Amzn-Errortype and
`code`, which botocore does not look at; a reply without a code, for which
botocore takes the status; bodies of mark-up where JSON is due.
"""

import json
from xml.sax.saxutils import escape

import runners
from botocore.awsrequest import HeadersDict
from botocore.parsers import create_parser

NAMES = ["Throttling", "NoSuchKey", "a.b#AccessDenied", "FooError:http://x/y#z", "x#y#Z", "É",
         "ns#E:1:2", "AWS.SimpleQueueService.NonExistentQueue"]
TEXTS = ["Hi", "a & b < c > d", "line\nline", "naïve ☃ \U0001f600", "\"quoted\"", "x" * 3000, " s "]
QUERY = ["Customized;Sender", "Q;", ";Sender", "Q", "a;b;c"]


def body_json(rng, protocol):
    body = {}
    if rng.random() < 0.8:
        body["__type"] = rng.choice(NAMES)
    if protocol == "rest-json":
        for key in ("code", "Code"):
            if rng.random() < 0.3:
                body[key] = rng.choice(NAMES)
    for key in ("message", "Message"):
        if rng.random() < 0.5:
            body[key] = rng.choice(TEXTS)
    items = list(body.items())
    rng.shuffle(items)
    return json.dumps(dict(items), ensure_ascii=rng.random() < 0.5)


def body_xml(rng, protocol):
    error = ""
    if rng.random() < 0.9:
        error += "<Code>%s</Code>" % escape(rng.choice(["NoSuchKey", "Throttling", "É"]))
    if rng.random() < 0.8:
        error += "<Message>%s</Message>" % escape(rng.choice(TEXTS))
    request_id = "<RequestId>r-%d</RequestId>" % rng.randrange(10)
    space = ' xmlns="https://example.com/doc/"' if rng.random() < 0.5 else ""
    if protocol == "s3":
        return f"<?xml version='1.0'?>\n<Error>{error}{request_id}</Error>"
    if protocol == "ec2":
        request_id = request_id.replace("RequestId", "RequestID")
        return f"<Response><Errors><Error>{error}</Error></Errors>{request_id}</Response>"
    return f"<ErrorResponse{space}><Error><Type>Sender</Type>{error}</Error>{request_id}</ErrorResponse>"


def make(rng, protocol):
    headers = {"Content-Type": "x"}
    if protocol in ("json", "rest-json"):
        if rng.random() < 0.5:
            headers["x-amzn-RequestId"] = "r-7"
        if protocol == "rest-json" and rng.random() < 0.5:
            headers["X-Amzn-ErrorType"] = rng.choice(NAMES)
        if protocol == "json" and rng.random() < 0.3:
            headers["x-amzn-query-error"] = rng.choice(QUERY)
        body = body_json(rng, protocol) if rng.random() < 0.9 else rng.choice(["busy", "{", "-"])
    else:
        body = body_xml(rng, protocol)
    return {"status_code": rng.choice([400, 403, 404, 409, 429, 500, 503]), "headers": headers,
            "body": body}


def by_botocore(protocol, response):
    """Code, message and request id, "" where there is none."""
    parser = create_parser({"s3": "rest-xml"}.get(protocol, protocol))
    parsed = parser.parse(
        {"status_code": response["status_code"], "headers": HeadersDict(response["headers"]),
         "body": response["body"].encode()}, None)
    error = parsed.get("Error") or {}
    code = error.get("Code") or ""
    return ("" if code == str(response["status_code"]) else code, error.get("Message") or "",
            parsed["ResponseMetadata"].get("RequestId"))


def test_error_botocore(tmp_path):
    seed, rng = runners.seeded()
    cases = []
    while len(cases) < runners.count(3000):
        protocol = rng.choice(["json", "rest-json", "query", "ec2", "rest-xml", "s3"])
        response = make(rng, protocol)
        code, message, request_id = by_botocore(protocol, response)
        if not code and response["headers"].get("x-amzn-query-error"):
            continue  # botocore overrides even the status, which stands in for a code
        case = {"id": f"{protocol}-{len(cases)}", "protocol": protocol, "response": response,
                "expected_code": code, "expected_message": message}
        if request_id:
            case["expected_request_id"] = request_id
        cases.append(case)
    runners.run(tmp_path, seed, "error", cases)
