"""Credentials from the metadata of containers and instances, as `doctor` shows them."""

import json
import subprocess
import sys
import time

import pytest

from conftest import program
from credentials_helpers import (  # noqa: F401  (who is a fixture)
    METADATA, NONE, WHOAMI, container, metadata, session_arn, who)
from raw_server import Raw, says


# ---- containers ---------------------------------------------------------------------------------

def test_container(aws, run, who):
    env = container(aws, FULL="/creds/x?y=1")
    said = who(env=env)
    assert said["arn"] == session_arn("local-task-role", "local-task")
    assert said["provider"] == f"container ({aws.url}/creds/x?y=1)"
    # its token, from the environment or from a file that is read each time
    aws.settings(container={"token": "a-container-token"})
    who(env=env).refused(3, "401", "invalid authorization token")
    assert who(env={**env, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "a-container-token"})["account"]
    (run.home / "token").write_text("a-container-token")
    env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = str(run.home / "token")
    assert who(env={**env, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "old"})["account"]
    (run.home / "token").write_text("a-container-token\r\nX-Other: 1")
    aws.clear_requests()
    who(env=env).refused(2, str(run.home / "token"), "line break")
    (run.home / "token").unlink()
    who(env=env).refused(6, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "No such file")
    assert not aws.requests()


def test_container_that_fails(aws, who):
    aws.settings(container={"status": 500})
    aws.clear_requests()
    who(env={**container(aws, FULL="/creds/x"), **metadata(aws)}).refused(4, "500", "told to")
    assert {r["op"] for r in aws.requests("metadata")} == {"/creds/x"}


@pytest.mark.parametrize("padding, is_read", [(1 << 15, True), (1 << 16, False)])
def test_credentials_larger_than_any(run, padding, is_read):
    """64 MiB, which take 20 times as much when parsed, are not read to their end: from an endpoint, or from STS."""
    document = json.dumps({"AccessKeyId": "ASIA1", "SecretAccessKey": "s", "Token": "t",
                           "Expiration": "2099-01-01T00:00:00Z"}).encode()
    role = {"AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/r", "AWS_WEB_IDENTITY_TOKEN_FILE": "/dev/stdin"}
    for body, env in ((document, {"AWS_CONTAINER_CREDENTIALS_FULL_URI": None}), (b"<a>", role)):
        with Raw(says(body + b" " * padding)) as raw:
            env = {k: v or raw.url for k, v in env.items()}
            with open(run.home / "token", "w+") as token:
                token.write("a-token")
                token.seek(0)
                r = run(*WHOAMI, "--endpoint-url", raw.url, "--max-attempts", "1", env={**NONE, **env}, stdin=token)
            assert r.status and ("larger than allowed" in r.stderr) != is_read, r


@pytest.mark.parametrize("uri", [
    "http://169.254.169.254/x", "http://example.com/creds", "http://169.254.170.2.example.com/",
    "http://127.0.0.1.nip.io/", "http://127.0.0.1@example.com/", "http://2130706433.example/",
    "http://localhost.example/", "ftp://127.0.0.1/", "nonsense", "http://", "/creds"])
def test_container_hosts_that_are_refused(aws, who, uri):
    """The token must not leave the machine unencrypted: no request and no DNS query is sent."""
    who(env={"AWS_CONTAINER_CREDENTIALS_FULL_URI": uri, **metadata(aws),
             "AWS_CONTAINER_AUTHORIZATION_TOKEN": "a-container-token"}).refused(
        2, "AWS_CONTAINER_CREDENTIALS_FULL_URI")
    assert not aws.requests()


ECS = """
import fcntl, http.server, json, socket, struct, subprocess, sys
def address(ip, name):
    request = struct.pack("16sH2s4s8x", name, socket.AF_INET, b"", socket.inet_aton(ip))
    fcntl.ioctl(s, 0x8916, request)                                         # SIOCSIFADDR
    fcntl.ioctl(s, 0x8914, struct.pack("16sH14x", name, 0x41))              # SIOCSIFFLAGS: UP, RUNNING
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
address("127.0.0.1", b"lo")
address("169.254.170.2", b"lo:1")
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"AccessKeyId": "ASIAECS", "SecretAccessKey": "the-ecs-secret",
                           "Token": "the-ecs-token", "Expiration": "2099-01-01T00:00:00Z"}).encode()
        self.send_response(200 if self.path == "/creds/x" else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
server = http.server.HTTPServer(("169.254.170.2", 80), Handler)
import threading
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.exit(subprocess.run(sys.argv[1:]).returncode)
"""
NETWORK = ["unshare", "--map-root-user", "--net"]


def can_unshare():
    return not subprocess.run([*NETWORK, "true"], capture_output=True).returncode


def test_container_relative(who):
    who(env={"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "no-slash"}).refused(
        2, "RELATIVE_URI", "no-slash", "'/'")


def test_container_of_ecs(run):
    """The real address, in a network namespace of our own, which has no STS."""
    if not can_unshare():
        pytest.skip("no network namespaces here")
    env = run.env(**NONE, AWS_CONTAINER_CREDENTIALS_RELATIVE_URI="/creds/x")
    r = subprocess.run([*NETWORK, sys.executable, "-c", ECS, program(), "-vv", "--max-attempts=1",
                        *WHOAMI], env=env, capture_output=True, text=True, timeout=60)
    assert r.returncode == 4 and "(container (http://169.254.170.2/creds/x))" in r.stderr, r
    assert "Credential=ASIAECS" not in r.stderr and "the-ecs" not in r.stderr
    # nobody there: soon over
    began = time.monotonic()
    r = subprocess.run([*NETWORK, program(), *WHOAMI], env=env, capture_output=True, text=True)
    assert r.returncode == 4 and "http://169.254.170.2/creds/x" in r.stderr, r
    assert time.monotonic() - began < 10


# ---- instance metadata --------------------------------------------------------------------------

def test_instance_metadata(aws, who):
    said = who(env=metadata(aws), config={"default": {"region": "eu-west-1"}})
    assert said["arn"] == session_arn("local-instance-role", "i-0123456789abcdef0")
    assert said["provider"] == "instance metadata (role 'local-instance-role')"
    asked = [r["op"] for r in aws.requests("metadata")][:3]
    base = "/latest/meta-data/iam/security-credentials/"
    assert asked == ["/latest/api/token", base, base + "local-instance-role"]
    assert all(r["status"] == 200 for r in aws.requests("metadata"))
    # further members of the reply
    env = {**metadata(aws), "AWS_EC2_METADATA_SERVICE_ENDPOINT": aws.url + "/"}
    assert "instance metadata" in who(env=env)["provider"]
    config = {"default": {"ec2_metadata_service_endpoint": aws.url}}
    assert "instance" in who(env={"AWS_EC2_METADATA_DISABLED": None}, config=config)["provider"]


def test_no_role_on_the_instance(aws, who):
    aws.settings(imds={"role": ""})
    who(env=metadata(aws)).refused(3, "no AWS credentials", "instance has no IAM role")
    aws.settings(imds={"disabled": True})
    who(env=metadata(aws)).refused(3, "no AWS credentials", "IMDS is disabled")
    aws.clear_requests()
    who(env={**metadata(aws), "AWS_EC2_METADATA_DISABLED": "TRUE"}).refused(
        3, "no AWS credentials", "AWS_EC2_METADATA_DISABLED")
    assert not aws.requests()
    # a role that cannot be assumed is set up, and fails
    aws.settings(imds={"code": "AssumeRoleUnauthorizedAccess", "message": "EC2 cannot assume the role"})
    who(env=metadata(aws)).refused(3, "EC2 cannot assume the role", "local-instance-role")


def test_instance_metadata_that_is_not_there(aws, run):
    """Most machines are not EC2 instances: the error about missing credentials must come soon."""
    for url in ("http://127.0.0.1:9", "http://127.0.0.2:1"):
        began = time.monotonic()
        r = run(*WHOAMI, env={**METADATA, "AWS_EC2_METADATA_SERVICE_ENDPOINT": url})
        r.refused(3, "no AWS credentials", url)
        assert time.monotonic() - began < 2
    aws.faults({"action": "metadata:*", "kind": "stall", "count": 9})
    began = time.monotonic()
    run(*WHOAMI, env={**NONE, **metadata(aws)}).refused(3, "no AWS credentials", "in time")
    assert time.monotonic() - began < 3
    # but a service that has issued a token is asked again
    aws.clear_faults()
    aws.faults({"action": "metadata:*", "kind": "status", "status": 503, "skip": 1, "count": 2})
    run(*WHOAMI, env={**NONE, **metadata(aws)}, check=0)


@pytest.mark.parametrize("env, words", [
    ({"AWS_EC2_METADATA_SERVICE_ENDPOINT": "nonsense"}, ["AWS_EC2_METADATA_SERVICE_ENDPOINT"]),
    ({"AWS_EC2_METADATA_SERVICE_ENDPOINT": None, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "IPv5"},
     ["ENDPOINT_MODE", "IPv5"]),
    ({"AWS_METADATA_SERVICE_TIMEOUT": "soon"}, ["AWS_METADATA_SERVICE_TIMEOUT", "soon"])])
def test_instance_metadata_misconfigured(aws, who, env, words):
    who(env={**metadata(aws), **env}).refused(2, *words)
    assert not aws.requests()
