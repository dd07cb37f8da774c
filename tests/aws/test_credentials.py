"""Where keys come from: STS, IAM, instance metadata, container, SSO; and the launcher."""

import base64
import json
import os
import subprocess
import time

import pytest
from aws import local
from aws.rawhttp import plain, query_call, send
from botocore.exceptions import ClientError

ME = "arn:aws:iam::123456789012:user/admin"


def role(aws, name="r", condition=None, principal=None, action="sts:AssumeRole", policy=None):
    iam = aws.client("iam")
    st = {"Effect": "Allow", "Principal": principal or {"AWS": "123456789012"}, "Action": action}
    if condition:
        st["Condition"] = condition
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [st]}))["Role"]["Arn"]
    if policy:
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": policy,
                                                     "Resource": "*"}]}))
    return arn


def as_key(creds):
    return {"access_key": creds["AccessKeyId"], "secret_key": creds["SecretAccessKey"],
            "session_token": creds.get("SessionToken") or creds.get("Token")}


def who(aws, key):
    return aws.client("sts", key=key).get_caller_identity()["Arn"]


def code(call, **kw):
    with pytest.raises(ClientError) as e:
        call(**kw)
    return e.value.response["Error"]["Code"]


def test_assume_role(aws):
    sts = aws.client("sts")
    assert sts.get_caller_identity()["Arn"] == ME
    arn = role(aws, policy="logs:Describe*")
    got = sts.assume_role(RoleArn=arn, RoleSessionName="name", DurationSeconds=900)
    key = as_key(got["Credentials"])
    assert who(aws, key) == "arn:aws:sts::123456789012:assumed-role/r/name"
    aws.client("logs", key=key).describe_log_groups()
    assert code(aws.client("s3", key=key).list_buckets) == "AccessDenied"
    absent = "arn:aws:iam::123456789012:role/absent"
    assert code(sts.assume_role, RoleArn=absent, RoleSessionName="name") == "AccessDenied"
    assert code(sts.assume_role, RoleArn=arn, RoleSessionName="name",
                DurationSeconds=7200) == "ValidationError"


def test_external_id(aws):
    sts = aws.client("sts")
    arn = role(aws, condition={"StringEquals": {"sts:ExternalId": "secret"}})
    assert code(sts.assume_role, RoleArn=arn, RoleSessionName="name") == "AccessDenied"
    assert code(sts.assume_role, RoleArn=arn, RoleSessionName="name",
                ExternalId="other") == "AccessDenied"
    sts.assume_role(RoleArn=arn, RoleSessionName="name", ExternalId="secret")


def test_web_identity(aws):
    arn = role(aws, principal={"Federated": "arn:aws:iam::123456789012:oidc-provider/x"},
               action="sts:AssumeRoleWithWebIdentity", policy="*")

    def jwt(exp):
        part = base64.urlsafe_b64encode(json.dumps({"exp": exp}).encode()).decode().rstrip("=")
        return f"e30.{part}.c2ln"

    def call(token):
        from urllib.parse import urlencode
        body = urlencode({"Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15",
                          "RoleArn": arn, "RoleSessionName": "web", "WebIdentityToken": token})
        return plain(aws, "POST", "/", {"Content-Type": "application/x-www-form-urlencoded"},
                     body.encode())
    resp = call(jwt(time.time() + 60))
    assert resp.status == 200 and "assumed-role/r/web</Arn>" in resp.text
    assert "<Code>ExpiredTokenException</Code>" in call(jwt(1)).text
    assert "<Code>InvalidIdentityToken</Code>" in call("nonsense").text
    aws.settings(web_identity_tokens={"opaque": "ok", "busy": "idp_error"})
    assert call("opaque").status == 200
    assert "<Code>IDPCommunicationError</Code>" in call("busy").text


def test_iam_user_keys(aws):
    iam = aws.client("iam")
    iam.create_user(UserName="u")
    made = iam.create_access_key(UserName="u")["AccessKey"]
    key = as_key(made)
    assert who(aws, key) == "arn:aws:iam::123456789012:user/u"
    iam.update_access_key(UserName="u", AccessKeyId=made["AccessKeyId"], Status="Inactive")
    resp = send(aws, query_call(aws, "sts", b"Action=GetCallerIdentity&Version=2011-06-15", key=key))
    assert "InvalidClientTokenId" in resp.text


def test_session_token(aws):
    key = as_key(aws.client("sts").get_session_token()["Credentials"])
    assert key["session_token"] and who(aws, key) == ME


def test_instance_metadata(aws):
    base = "/latest/meta-data/iam/security-credentials/"
    assert plain(aws, "GET", base).status == 401
    assert plain(aws, "PUT", "/latest/api/token").status == 400
    resp = plain(aws, "PUT", "/latest/api/token", {"X-aws-ec2-metadata-token-ttl-seconds": "60"})
    token = {"X-aws-ec2-metadata-token": resp.text}
    name = plain(aws, "GET", base, token).text
    creds = json.loads(plain(aws, "GET", base + name, token).text)
    assert creds["Code"] == "Success" and ":assumed-role/" + name in who(aws, as_key(creds))
    assert plain(aws, "GET", "/latest/meta-data/placement/region", token).text == "us-east-1"
    aws.clock(61)
    assert plain(aws, "GET", base, token).status == 401


def test_container(aws):
    aws.settings(container={"token": "Basic abc"})
    assert plain(aws, "GET", "/creds/task").status == 401
    resp = plain(aws, "GET", "/creds/task", {"Authorization": "Basic abc"})
    assert ":assumed-role/local-task-role/" in who(aws, as_key(json.loads(resp.text)))


def test_sso(aws):
    aws.settings(sso={"tokens": ["good"], "roles": ["Reader"]})
    path = "/federation/credentials?role_name=Reader&account_id=123456789012"
    resp = plain(aws, "GET", path, {"x-amz-sso_bearer_token": "bad"})
    assert resp.status == 401 and resp.headers["x-amzn-ErrorType"] == "UnauthorizedException"
    refresh = plain(aws, "POST", "/token", {"Content-Type": "application/json"}, json.dumps(
        {"clientId": "c", "clientSecret": "s", "grantType": "refresh_token",
         "refreshToken": "r"}).encode())
    for token in ("good", json.loads(refresh.text)["accessToken"]):
        resp = plain(aws, "GET", path, {"x-amz-sso_bearer_token": token})
        got = json.loads(resp.text)["roleCredentials"]
        key = {"access_key": got["accessKeyId"], "secret_key": got["secretAccessKey"],
               "session_token": got["sessionToken"]}
        assert "AWSReservedSSO_Reader" in who(aws, key)
        assert got["expiration"] > time.time() * 1000
    assert plain(aws, "GET", path.replace("Reader", "Writer"),
                 {"x-amz-sso_bearer_token": "good"}).status == 403


def test_launcher(tmp_path):
    """The script prints what a shell needs, and dies when asked."""
    script = os.path.join(local.HERE, "run")
    port_file = tmp_path / "port"
    process = subprocess.Popen([script, "--port-file", str(port_file), "--state",
                                '{"pending_polls": 3}'], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    try:
        lines = [process.stdout.readline() for _ in range(2)]
        port = int(port_file.read_text()) if port_file.exists() else None
        assert lines[0].startswith("export AWS_ENDPOINT_URL=http://127.0.0.1:")
        deadline = time.monotonic() + 10
        while port is None and time.monotonic() < deadline:
            time.sleep(0.01)
            port = int(port_file.read_text()) if port_file.exists() else None
        env = dict(os.environ)
        for line in lines:
            for word in line.split()[1:]:
                name, _, value = word.partition("=")
                env[name] = value
        code = ("import boto3; print(boto3.client('sts', region_name='us-east-1')"
                ".get_caller_identity()['Account'])")
        import sys
        got = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
        assert got.stdout.strip() == "123456789012", got.stderr
    finally:
        process.terminate()
        assert process.wait(5) == 0
    assert process.stderr.read() == ""


def test_tls_and_death_with_parent(tmp_path):
    cert, key = tmp_path / "cert", tmp_path / "key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", key, "-out", cert], check=True, capture_output=True)
    with local.LocalAws(tls=(str(cert), str(key))) as aws:
        s3 = aws.client("s3")
        s3.create_bucket(Bucket="bucket")
        # over TLS boto3 sends aws-chunked bodies with a trailing checksum
        import io
        s3.put_object(Bucket="bucket", Key="k", Body=io.BytesIO(b"x" * 100000))
        assert s3.get_object(Bucket="bucket", Key="k")["Body"].read() == b"x" * 100000
        assert any(r["headers"].get("x-amz-content-sha256") == "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
                   for r in aws.requests("s3:PutObject"))
        aws.process.stdin.close()
        assert aws.process.wait(5) == 0
