"""The verifier: good requests pass, and every kind of bad one is refused in the service's words."""

import json
import time

import pytest
from aws.rawhttp import logs_call, plain, query_call, send, signed

IDENTITY = b"Action=GetCallerIdentity&Version=2011-06-15"
ROLES = b"Action=ListRoles&Version=2010-05-08"


def kind(resp):
    return json.loads(resp.text).get("__type")


def test_good_requests_pass(aws):
    assert send(aws, logs_call(aws, "DescribeLogGroups")).status == 200
    assert send(aws, query_call(aws, "sts", IDENTITY)).status == 200
    assert send(aws, query_call(aws, "iam", ROLES)).status == 200
    assert send(aws, signed(aws, "s3", "GET", "/")).status == 200
    assert send(aws, signed(aws, "apigateway", "GET", "/restapis?limit=3")).status == 200


def test_every_reply_has_request_id_and_date(aws):
    for call in (logs_call(aws, "DescribeLogGroups"), logs_call(aws, "Nonsense")):
        resp = send(aws, call)
        assert resp.headers["x-amzn-RequestId"] and resp.headers["Date"]
    resp = send(aws, signed(aws, "s3", "GET", "/no-such-bucket"))
    assert resp.headers["x-amz-request-id"] in resp.text and resp.headers["x-amz-id-2"]


def test_tampered_body(aws):
    call = logs_call(aws, "DescribeLogGroups", b'{"limit":1}')
    call[3] = b'{"limit":2}'
    resp = send(aws, call)
    assert (resp.status, kind(resp)) == (400, "InvalidSignatureException")
    call = query_call(aws, "iam", ROLES)
    call[3] = ROLES.replace(b"ListRoles", b"ListUsers")
    resp = send(aws, call)
    assert resp.status == 403 and "<Code>SignatureDoesNotMatch</Code>" in resp.text
    assert resp.text.startswith("<ErrorResponse")


def test_tampered_s3_body_and_hash(aws):
    aws.client("s3").create_bucket(Bucket="bucket")
    call = signed(aws, "s3", "PUT", "/bucket/key", b"hello")
    call[3] = b"jello"
    resp = send(aws, call)
    assert resp.status == 400 and "<Code>XAmzContentSHA256Mismatch</Code>" in resp.text
    call[2].pop("X-Amz-Content-SHA256")
    resp = send(aws, call)
    assert resp.status == 400 and "x-amz-content-sha256" in resp.text


@pytest.mark.parametrize("service,target", [("s3", "/bucket"), ("apigateway", "/restapis")])
def test_wrong_secret(aws, service, target):
    key = {"access_key": "AKIAIOSFODNN7LOCAL00", "secret_key": "wrong"}
    resp = send(aws, signed(aws, service, "GET", target, key=key))
    assert resp.status == 403
    if service == "s3":
        assert "<Code>SignatureDoesNotMatch</Code>" in resp.text
        assert "<CanonicalRequest>GET\n/bucket\n" in resp.text
    else:
        assert resp.headers["x-amzn-ErrorType"] == "InvalidSignatureException"


def test_changed_path_and_query(aws):
    aws.client("s3").create_bucket(Bucket="bucket")
    call = signed(aws, "s3", "GET", "/bucket?list-type=2&prefix=a")
    call[1] = "/bucket?list-type=2&prefix=b"
    assert send(aws, call).status == 403
    call = signed(aws, "s3", "GET", "/bucket/a")
    call[1] = "/bucket/b"
    assert "SignatureDoesNotMatch" in send(aws, call).text


def test_path_encoding(aws):
    """S3 signs the path encoded once and as it is, the others normalise and encode twice."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="bucket")
    for key in ("a b", "a+b", "a//b", "./a", "ü$default", "a%2Fb", "[$LATEST]", "x=1&y"):
        s3.put_object(Bucket="bucket", Key=key, Body=key.encode())
        assert s3.get_object(Bucket="bucket", Key=key)["Body"].read() == key.encode()
    listed = {o["Key"] for o in s3.list_objects_v2(Bucket="bucket")["Contents"]}
    assert len(listed) == 8 and "a//b" in listed and "ü$default" in listed
    v2 = aws.client("apigatewayv2")
    api = v2.create_api(Name="h", ProtocolType="HTTP")["ApiId"]
    v2.create_stage(ApiId=api, StageName="$default")
    assert v2.get_stage(ApiId=api, StageName="$default")["StageName"] == "$default"
    # the same path signed as S3 would sign it is refused
    call = signed(aws, "s3", "GET", f"/v2/apis/{api}/stages/%24default", scope_service="apigateway")
    assert send(aws, call).status == 403


def test_unsigned_headers(aws):
    call = logs_call(aws, "DescribeLogGroups")
    call[2]["X-Amz-Extra"] = "1"
    resp = send(aws, call)
    assert kind(resp) == "InvalidSignatureException" and "x-amz-extra" in resp.text
    call = signed(aws, "s3", "GET", "/")
    call[2]["x-amz-acl"] = "private"
    assert "<HeadersNotSigned>x-amz-acl" in send(aws, call).text
    call = logs_call(aws, "DescribeLogGroups")
    call[2]["Authorization"] = call[2]["Authorization"].replace("host;", "")
    assert "'Host'" in send(aws, call).text


def test_changed_host(aws):
    call = signed(aws, "s3", "GET", "/")
    call[2]["Host"] = f"localhost:{aws.port}"
    assert "SignatureDoesNotMatch" in send(aws, call).text


def test_skew(aws):
    aws.clock(16 * 60)
    resp = send(aws, logs_call(aws, "DescribeLogGroups"))
    assert kind(resp) == "InvalidSignatureException" and "Signature expired: " in resp.text
    resp = send(aws, signed(aws, "s3", "GET", "/"))
    assert resp.status == 403 and "<Code>RequestTimeTooSkewed</Code>" in resp.text
    aws.clock(-16 * 60)
    resp = send(aws, query_call(aws, "sts", IDENTITY))
    assert resp.status == 403 and "Signature not yet current: " in resp.text
    aws.clock(14 * 60)
    resp = send(aws, logs_call(aws, "DescribeLogGroups"))
    assert resp.status == 200
    from email.utils import parsedate_to_datetime
    assert abs(parsedate_to_datetime(resp.headers["Date"]).timestamp() - time.time() - 840) < 5


def test_scope(aws):
    resp = send(aws, logs_call(aws, "DescribeLogGroups", scope_service="s3"))
    assert "correct service: 'logs'" in resp.text
    resp = send(aws, query_call(aws, "iam", ROLES, region="eu-west-1"))
    assert resp.status == 403 and "valid region" in resp.text
    resp = send(aws, query_call(aws, "iam", ROLES, scope_service="sts"))
    assert resp.status == 403 and "correct service" in resp.text
    call = signed(aws, "s3", "GET", "/", headers={"Host": "s3.eu-west-1.amazonaws.com"})
    resp = send(aws, call)
    assert "<Code>AuthorizationHeaderMalformed</Code>" in resp.text
    assert "<Region>eu-west-1</Region>" in resp.text
    call = logs_call(aws, "DescribeLogGroups", region="eu-west-1")
    assert send(aws, call).status == 200
    call = signed(aws, "logs", body=b"{}", headers={
        "Content-Type": "application/x-amz-json-1.1", "Host": "logs.us-east-1.amazonaws.com",
        "X-Amz-Target": "Logs_20140328.DescribeLogGroups"}, region="eu-west-1")
    assert "valid region" in send(aws, call).text
    resp = send(aws, signed(aws, "apigateway", "GET", "/restapis", scope_service="logs"))
    assert "correct service: 'apigateway'" in resp.text
    resp = send(aws, logs_call(aws, "DescribeLogGroups", region="nowhere"))
    assert "valid region" in resp.text


def test_unknown_key(aws):
    key = {"access_key": "AKIANOBODYKNOWSTHIS0", "secret_key": "x"}
    assert kind(send(aws, logs_call(aws, "DescribeLogGroups", key=key))) == \
        "UnrecognizedClientException"
    resp = send(aws, query_call(aws, "sts", IDENTITY, key=key))
    assert resp.status == 403 and "<Code>InvalidClientTokenId</Code>" in resp.text
    resp = send(aws, signed(aws, "s3", "GET", "/", key=key))
    assert "<Code>InvalidAccessKeyId</Code>" in resp.text
    resp = send(aws, signed(aws, "apigateway", "GET", "/restapis", key=key))
    assert resp.headers["x-amzn-ErrorType"] == "UnrecognizedClientException"


def test_session_tokens(aws):
    key = aws.credentials("ASIASESSION000000000", session_token="right", expires_in=60)
    assert send(aws, logs_call(aws, "DescribeLogGroups", key=key)).status == 200
    for token in ("wrong", None):
        bad = {**key, "session_token": token}
        assert kind(send(aws, logs_call(aws, "DescribeLogGroups", key=bad))) == \
            "UnrecognizedClientException"
    resp = send(aws, signed(aws, "s3", "GET", "/", key={**key, "session_token": "wrong"}))
    assert resp.status == 400 and "<Code>InvalidToken</Code>" in resp.text
    aws.clock(61)
    assert kind(send(aws, logs_call(aws, "DescribeLogGroups", key=key))) == "ExpiredTokenException"
    assert "<Code>ExpiredToken</Code>" in send(aws, signed(aws, "s3", "GET", "/", key=key)).text
    assert "<Code>ExpiredToken</Code>" in send(aws, query_call(aws, "sts", IDENTITY, key=key)).text


def test_missing_signature(aws):
    resp = plain(aws, "POST", "/", {"X-Amz-Target": "Logs_20140328.DescribeLogGroups",
                                    "Content-Type": "application/x-amz-json-1.1"}, b"{}")
    assert (resp.status, kind(resp)) == (400, "MissingAuthenticationTokenException")
    assert "<Code>AccessDenied</Code>" in plain(aws, "GET", "/bucket").text
    resp = plain(aws, "GET", "/restapis")
    assert resp.status == 403
    assert resp.headers["x-amzn-ErrorType"] == "MissingAuthenticationTokenException"
    resp = plain(aws, "POST", "/", {"Content-Type": "application/x-www-form-urlencoded"}, ROLES)
    assert resp.status == 403 and "<Code>MissingAuthenticationToken</Code>" in resp.text


def test_presigned(aws):
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="a b", Body=b"x")
    call = signed(aws, "s3", "GET", "/bucket/a%20b", presign=100)
    assert send(aws, call).text == "x"
    spoilt = [call[0], call[1].replace("X-Amz-Expires=100", "X-Amz-Expires=900"), *call[2:]]
    assert "SignatureDoesNotMatch" in send(aws, spoilt).text
    aws.clock(101)
    assert "Request has expired" in send(aws, call).text


def test_aws_chunked(aws):
    """Trailing checksums, as boto3 sends them for a stream over TLS, and signed chunks."""
    import base64
    import zlib
    aws.client("s3").create_bucket(Bucket="bucket")
    crc = base64.b64encode(zlib.crc32(b"hello").to_bytes(4, "big")).decode()
    body = f"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:{crc}\r\n\r\n".encode()

    def put(data):
        headers = {"x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
                   "x-amz-trailer": "x-amz-checksum-crc32", "Content-Encoding": "aws-chunked",
                   "x-amz-decoded-content-length": "5"}
        from botocore.auth import S3SigV4Auth
        old = S3SigV4Auth.payload
        S3SigV4Auth.payload = lambda self, request: "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
        try:
            return send(aws, signed(aws, "s3", "PUT", "/bucket/k", data, headers))
        finally:
            S3SigV4Auth.payload = old
    assert put(body).status == 200
    got = aws.client("s3").get_object(Bucket="bucket", Key="k")
    assert got["Body"].read() == b"hello" and "aws-chunked" not in got.get("ContentEncoding", "")
    assert "<Code>BadDigest</Code>" in put(body.replace(b"hello", b"jello")).text
    assert "<Code>IncompleteBody</Code>" in put(body.replace(b"5\r\n", b"4\r\n")).text
