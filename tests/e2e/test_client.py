"""The client behind every command: clock, redirects, retries, time-outs, bad replies.

For replies that the local AWS cannot give, a raw socket answers instead.
"""

import re
import resource
import socket
import time

import pytest

from archive_helpers import BUCKET, day, make_bucket, put
from raw_server import IDENTITY, Raw, reply, says

WHOAMI = ("doctor",)
VERIFY = ("verify", "--bucket", BUCKET, "--log-group", "/g", "--from", day(0), "--to", day(1))


# ---- clock --------------------------------------------------------------------------------------

@pytest.mark.parametrize("offset", [7200, -7200, 86400 * 400])
def test_clock_is_corrected_once(aws, run, offset):
    """A refusal because of the clock is corrected with the reply's Date, and the offset is kept."""
    make_bucket(aws)
    put(aws, "/g", {"s": [(int(time.time() * 1000) - 86400000 * 3, "x")]})
    aws.clock(offset)
    aws.clear_requests()
    run(*VERIFY, "--max-attempts", "1")
    calls = aws.requests()
    assert len(calls) > 2, calls
    assert [c["status"] // 100 for c in calls] == [4] + [2] * (len(calls) - 1), calls
    aws.clear_requests()
    run(*WHOAMI, check=0)
    assert [c["status"] // 100 for c in aws.requests()] == [4, 2]


def test_a_small_difference_is_left_alone(aws, run):
    aws.clock(200)
    run(*WHOAMI, check=0)
    assert len(aws.requests()) == 1


def test_skew_that_stays(aws, run):
    """The clock is right, whatever the reply says: it is not corrected again and again."""
    aws.faults({"action": "sts:*", "kind": "error", "code": "RequestTimeTooSkewed", "status": 403,
                "message": "The difference between the request time and the current time is too "
                "large.", "count": 99})
    run(*WHOAMI).refused(3, "RequestTimeTooSkewed", "clock")
    assert len(aws.requests()) == 1
    far = "Date: Mon, 01 Jan 2035 00:00:00 GMT"
    body = b"<ErrorResponse><Error><Code>RequestTimeTooSkewed</Code><Message>m</Message></Error></ErrorResponse>"
    with Raw(says(body, "403 Forbidden", far)) as raw:
        run(*WHOAMI, "--endpoint-url", raw.url).refused(3, "RequestTimeTooSkewed", "clock")
        assert len(raw.heads) == 2
        dates = [re.search(r"(?i)x-amz-date: (\d{4})", h)[1] for h in raw.heads]
        assert dates[0] < "2035" and dates[1] == "2035"


def test_a_wrong_secret_is_no_skew(aws, run):
    run(*WHOAMI, env={"AWS_SECRET_ACCESS_KEY": "wrong"}).refused(3, "SignatureDoesNotMatch")
    assert len(aws.requests()) == 1


# ---- S3's redirect ------------------------------------------------------------------------------

@pytest.mark.parametrize("how", ["auto", "400", "301", "307"])
def test_bucket_in_another_region(aws, run, how):
    """Followed once, with a new signature, and later calls go there directly."""
    aws.settings(wrong_region=how)
    make_bucket(aws, region="us-west-2")
    put(aws, "/g", {"s": [(int(time.time() * 1000) - 86400000 * 3, "x")]})
    aws.clear_requests()
    run(*VERIFY)
    s3 = aws.requests("s3")
    assert s3[0]["region"] == "eu-west-1" and s3[0]["status"] // 100 in (3, 4)
    assert len(s3) > 1 and {c["region"] for c in s3[1:]} == {"us-west-2"}, s3
    assert {c["status"] // 100 for c in s3[1:]} == {2}
    assert {c["region"] for c in aws.requests() if c["service"] != "s3"} == {"eu-west-1"}


def test_redirects_in_a_circle(aws, run):
    wanted = {"us-west-2": "eu-west-3", "eu-west-3": "us-west-2"}

    def answer(s):
        region = re.search(r"/\d{8}/([^/]+)/s3/", raw.heads[-1])[1]
        to = wanted.get(region, "us-west-2")
        s.sendall(reply(f"<Error><Code>PermanentRedirect</Code><Message>go</Message></Error>".encode(),
                        "301 Moved", f"x-amz-bucket-region: {to}", "Location: http://example.com/"))
    with Raw(answer) as raw:
        r = run(*VERIFY, env={"AWS_ENDPOINT_URL_S3": raw.url})
        assert r.status in (2, 3) and "region" in r.stderr.lower(), r
        assert 2 <= len(raw.heads) <= 4, raw.heads


# ---- retries ------------------------------------------------------------------------------------

def signed_at(aws, action="sts"):
    return [r["headers"]["x-amz-date"] for r in aws.requests(action)]


def test_throttles_are_retried_with_new_signatures(aws, run):
    aws.faults({"action": "sts:*", "kind": "throttle", "retry_after": 1, "count": 2})
    began = time.monotonic()
    run(*WHOAMI, check=0)
    assert len(set(signed_at(aws))) == 3            # two waits of a second
    assert time.monotonic() - began >= 2
    assert [r["status"] for r in aws.requests("sts")] == [400, 400, 200]


@pytest.mark.parametrize("args, env, attempts", [
    ((), {}, 3), ((), {"AWS_MAX_ATTEMPTS": "1"}, 1), ((), {"AWS_MAX_ATTEMPTS": "2"}, 2),
    (("--max-attempts", "2"), {"AWS_MAX_ATTEMPTS": "1"}, 2),
    ((), {"AWS_RETRY_MODE": "standard", "AWS_MAX_ATTEMPTS": "2"}, 2),
    ((), {"AWS_RETRY_MODE": "adaptive", "AWS_MAX_ATTEMPTS": "2"}, 2),
    ((), {"AWS_RETRY_MODE": "LEGACY", "AWS_MAX_ATTEMPTS": "2"}, 2)], ids=str)
@pytest.mark.parametrize("fault", [{"kind": "status", "status": 503}, {"kind": "reset_before"}],
                         ids=["503", "reset"])
def test_attempts(aws, run, args, env, attempts, fault):
    aws.faults({"action": "sts:*", "count": 99, **fault})
    run(*WHOAMI, *args, env=env).refused(4, "sts:GetCallerIdentity")
    assert len(aws.requests("sts")) == attempts == aws.faults()[0]["hits"]


def test_attempts_of_the_profile(aws, run):
    (run.home / "config").write_text("[default]\nmax_attempts = 2\nretry_mode = standard\n")
    aws.faults({"action": "sts:*", "kind": "status", "count": 99})
    run(*WHOAMI, env={"AWS_CONFIG_FILE": str(run.home / "config")}).refused(4)
    assert len(aws.requests("sts")) == 2


@pytest.mark.parametrize("env, words", [
    ({"AWS_MAX_ATTEMPTS": "0"}, ["AWS_MAX_ATTEMPTS", "'0'"]),
    ({"AWS_MAX_ATTEMPTS": "many"}, ["AWS_MAX_ATTEMPTS", "'many'"]),
    ({"AWS_RETRY_MODE": "often"}, ["AWS_RETRY_MODE", "'often'", "standard"]),
    ({"AWS_USE_FIPS_ENDPOINT": "perhaps"}, ["AWS_USE_FIPS_ENDPOINT", "'perhaps'"])], ids=str)
def test_settings_that_make_no_sense(aws, run, env, words):
    run(*WHOAMI, env=env).refused(2, *words)
    assert not aws.requests()


def test_refusals_are_not_retried(aws, run):
    for code, status in (("AccessDenied", 403), ("ValidationError", 400), ("NotThere", 404)):
        aws.clear_requests()
        aws.faults({"action": "sts:*", "kind": "error", "code": code, "status": status})
        run(*WHOAMI).refused(3, code)
        assert len(aws.requests("sts")) == 1


# ---- time-outs ----------------------------------------------------------------------------------

def test_read_timeout(aws, run):
    aws.faults({"action": "sts:*", "kind": "stall", "count": 9})
    began = time.monotonic()
    run(*WHOAMI, "--read-timeout", "1", "--max-attempts", "1").refused(4, aws.url, "1 s")
    assert 0.8 < time.monotonic() - began < 5
    # in the middle of a reply, too
    aws.clear_faults()
    aws.faults({"action": "sts:*", "kind": "stall", "bytes": 20, "count": 9})
    began = time.monotonic()
    run(*WHOAMI, "--read-timeout", "1", "--max-attempts", "1").refused(4, aws.url, "1 s")
    assert 0.8 < time.monotonic() - began < 5
    # one that is slow, but comes
    aws.clear_faults()
    aws.faults({"action": "sts:*", "kind": "delay", "seconds": 0.5})
    run(*WHOAMI, "--read-timeout", "2", check=0)


def test_connect_timeout(run):
    """A full queue: the kernel answers no more than a host that is down."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = []
        for _ in range(4):
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(("127.0.0.1", port))
            waiting.append(s)
        began = time.monotonic()
        r = run(*WHOAMI, "--connect-timeout", "1", "--read-timeout", "30", "--max-attempts", "1",
                "--endpoint-url", f"http://127.0.0.1:{port}")
        r.refused(4, f"127.0.0.1:{port}")
        assert 0.8 < time.monotonic() - began < 5
        for s in waiting:
            s.close()


# ---- replies that nobody wants ------------------------------------------------------------------

# Limit of a process's memory in bytes: its RSS, because ASan reserves enormous address ranges.
MEMORY = 600 << 20


@pytest.fixture
def bad(run):
    """Runs against a server with this reply; the peak memory of all runs so far stays bounded."""
    def go(answer, *args, path="", **more):
        with Raw(answer) as raw:
            began = time.monotonic()
            r = run(*(args or WHOAMI), "--max-attempts", "1", "--read-timeout", "5",
                    "--endpoint-url", raw.url, timeout=60, **more)
            assert time.monotonic() - began < 30
        assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10 < MEMORY
        return r
    return go


def endless(head, piece):
    def answer(s):
        s.sendall(head)
        while True:
            s.sendall(piece)
    return answer


HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
CHUNK = b"10000\r\n" + b"x" * 65536 + b"\r\n"


@pytest.mark.parametrize("answer", [
    endless(HEAD + b"\r\n", b"x" * 65536), endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", CHUNK),
    endless(HEAD + b"Content-Length: 99999999999\r\n\r\n", b"x" * 65536),
    endless(b"HTTP/1.1 500 No\r\n\r\n", b"<Error>" * 9999),
], ids=["close", "chunked", "length", "error"])
def test_a_reply_that_never_ends(bad, answer):
    bad(answer).refused(4, "larger than allowed")


@pytest.mark.parametrize("answer", [
    endless(HEAD, b"x-header: y\r\n" * 999), endless(HEAD + b"x: ", b"y" * 65536),
    endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 999), endless(b"", b"x" * 65536),
], ids=["many", "long", "informational", "no-http"])
def test_headers_that_never_end(bad, answer):
    bad(answer).refused(4, "127.0.0.1")


@pytest.mark.parametrize("body, status", [
    (b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>', 4),
    (b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + IDENTITY.replace(b"user/x", b"&f;"), 4),
    (b"<a>" * 100000, 4), (b"<a>" * 100000 + b"</a>" * 100000, 4), (b"", 4), (b"<a", 4),
    (b"\x00\xff\xfe", 4), (b"{}", 4), (b"<html>not what you asked for</html>", 4),
    (IDENTITY[:-9], 4), (IDENTITY.replace(b"<Account>123456789012</Account>", b""), 4),
], ids=lambda v: str(v)[2:30])
def test_xml_that_is_refused(bad, body, status):
    r = bad(says(body))
    r.refused(status, "sts")
    assert "root:" not in r.stderr


@pytest.mark.parametrize("body", [
    b"[" * 200000, b'{"a":' * 200000, b"[" * 200000 + b"]" * 200000, b"", b"{", b"null", b"[]",
    b'{"logGroups": 7}', b'{"logGroups": [7, null, {"logGroupName": 3}]}', b"\xff", b"<html/>",
    b'{"logGroups": [], "logGroups": [{}]}'], ids=lambda v: str(v)[2:30])
def test_json_that_is_refused(aws, run, body):
    make_bucket(aws)
    with Raw(says(body)) as raw:
        r = run("export", "--bucket", BUCKET, "--log-group", "/g*", "--from", "2d", "--to", "1d",
                "--max-attempts", "1", env={"AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": raw.url})
        r.refused(4, "logs:DescribeLogGroups")
        assert raw.heads


def test_a_reply_that_is_cut_short(bad):
    bad(lambda s: s.sendall(reply(IDENTITY)[:-20])).refused(4, "was lost")
    bad(lambda s: None).refused(4, "was lost")
    bad(lambda s: s.sendall(b"HTTP/1.1 200 OK\r\nContent-Le")).refused(4, "was lost")


def test_errors_with_control_characters(bad):
    """AWS's messages are printed, but cannot control the terminal."""
    words = "caf\u00e9 &#27;[2J \u009b2J tail"
    r = bad(says(f"<ErrorResponse><Error><Code>Bad\u009bCode</Code><Message>{words}</Message></Error>"
                 "</ErrorResponse>".encode(), "403 Forbidden", "x-amzn-requestid: \x9b2J\x1b[2J"))
    assert r.status == 3
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", r.stderr), r


def test_a_redirect_is_not_followed(bad):
    """Redirects are not followed except to another region of S3: a signature is valid for one host."""
    with Raw(says(IDENTITY)) as other:
        r = bad(says(b"", "302 Found", f"Location: {other.url}/"))
        assert r.status == 3 and "302" in r.stderr
        assert not other.heads


def test_a_lying_length(bad):
    bad(lambda s: s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n" + IDENTITY)).refused(4)
    bad(lambda s: s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\n<a/>x")
        ).refused(4)
    # a decompression bomb is not decompressed, because no compression was requested
    bad(says(IDENTITY, "200 OK", "Content-Encoding: gzip"))
