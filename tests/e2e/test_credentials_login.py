"""Credentials from a credential_process and from IAM Identity Center, as `doctor` shows them."""

import hashlib
import json
import os
import stat
import time

import pytest

from credentials_helpers import (  # noqa: F401  (who is a fixture)
    ACCESS, ACCOUNT, GOOD, NONE, REFRESH, WHOAMI, ini, metadata, process, session_arn, who)


# ---- credential_process -------------------------------------------------------------------------

def test_credential_process(aws, run, who):
    said = who("--profile", "p", config=process(run, GOOD))
    assert said["provider"] == "profile 'p' (credential_process)" and "expires" not in said
    key = aws.credentials("ASIAPROCESS000000000", session_token="token-of-the-process" * 3)
    said = who("--profile", "p", secret=["token-of-the-process"], config=process(run, {
        "Version": 1, "AccessKeyId": key["access_key"], "SecretAccessKey": key["secret_key"],
        "SessionToken": key["session_token"], "Expiration": "2099-01-01T00:00:00Z"}))
    assert said["access_key_id"] == key["access_key"] and said["expires"] == "2099-01-01T00:00:00Z"
    assert (run.home / "count").read_text().count("run") == 6       # once in each run of the program


@pytest.mark.parametrize("document, status, ours, words", [
    (GOOD, 3, 3, ["status 3"]),
    ("", 0, 4, ["JSON"]), ("{", 0, 4, ["JSON"]), ("[]", 0, 4, ["Version"]),
    ({**GOOD, "Version": 2}, 0, 4, ["Version other than 1"]),
    ({**GOOD, "Version": "1"}, 0, 4, ["no Version"]),
    ({**GOOD, "SecretAccessKey": ""}, 0, 4, ["no SecretAccessKey"]),
    ({**GOOD, "Expiration": "tomorrow"}, 0, 4, ["Expiration"]),
    ({**GOOD, "Expiration": "2020-01-01T00:00:00Z"}, 0, 3, ["expired at 2020-01-01"]),
    ({**GOOD, "AccessKeyId": "AK\r\nX: y"}, 0, 2, ["access key id"]),
    ("x" * 300000, 0, 4, ["larger than"]), ("[" * 100000, 0, 4, ["nested too deeply"]),
], ids=lambda v: str(v)[:20])
def test_bad_credential_process(aws, run, who, document, status, ours, words):
    """It ends the search, too."""
    who("--profile", "p", config=process(run, document, status), env=metadata(aws)).refused(
        ours, "credential_process", "'p'", *words)
    assert not aws.requests()


def test_credential_process_that_is_not_there(run, who):
    config = {"profile p": {"credential_process": "/nonexistent/tool --password secret-word"}}
    r = who("--profile", "p", config=config)
    assert r.status == 3 and "status 127" in r.stderr and "'p'" in r.stderr


def test_credential_process_may_speak(aws, run, who):
    """stderr is left to the user; a pipe inside the command breaks as it does in a shell."""
    config = {"profile p": {"credential_process":
                            f"echo tap the key >&2; yes | head -n 1 >/dev/null; echo '{json.dumps(GOOD)}'"}}
    (run.home / ".aws/config").write_text(ini(config))
    r = run(*WHOAMI, "--profile", "p", check=0,
            env={**NONE, "AWS_CONFIG_FILE": str(run.home / ".aws/config")})
    assert r.stderr == "tap the key\n"


# ---- SSO ----------------------------------------------------------------------------------------

START = "https://example.awsapps.com/start"
SESSION_FORM = {
    "profile p": {"sso_session": "corp", "sso_account_id": ACCOUNT, "sso_role_name": "Logs"},
    "sso-session corp": {"sso_start_url": START, "sso_region": "eu-central-1"}}
OLD_FORM = {"profile p": {"sso_start_url": START, "sso_region": "eu-central-1",
                          "sso_account_id": ACCOUNT, "sso_role_name": "Logs"}}


def iso(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def cached(run, key, seconds=3600, **more):
    """A token as `aws sso login` leaves it; returns the file."""
    folder = run.home / ".aws/sso/cache"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / (hashlib.sha1(key.encode()).hexdigest() + ".json")
    file.write_text(json.dumps({"startUrl": START, "region": "eu-central-1", "accessToken": ACCESS,
                                "expiresAt": iso(seconds), **more}))
    file.chmod(0o644)
    return file


RENEWABLE = {"clientId": "cid", "clientSecret": "the-client-secret", "refreshToken": REFRESH,
             "registrationExpiresAt": "2099-01-01T00:00:00Z"}


@pytest.mark.parametrize("config, key", [(SESSION_FORM, "corp"), (OLD_FORM, START)],
                         ids=["session", "old"])
def test_sso(aws, run, who, config, key):
    aws.settings(sso={"tokens": [ACCESS], "roles": ["Logs"]})
    cached(run, key)
    said = who("--profile", "p", config=config)
    assert said["provider"] == f"profile 'p' (SSO, role 'Logs' of account {ACCOUNT})"
    assert said["arn"].startswith(session_arn("AWSReservedSSO_Logs_", "")[:-1])
    assert "expires" in said
    # not logged in
    cached(run, key).unlink()
    who("--profile", "p", config=config).refused(3, "'p'", "aws sso login --profile p")
    # logged in long ago
    cached(run, key, -10)
    who("--profile", "p", config=config).refused(3, "'p'", "expired", "aws sso login --profile p")
    # logged out elsewhere
    aws.settings(sso={"tokens": []})
    cached(run, key)
    who("--profile", "p", config=config).refused(3, "'p'", "Session token not found",
                                                 "aws sso login --profile p")
    # a role that the user does not have
    aws.settings(sso={"tokens": [ACCESS], "roles": ["Other"]})
    who("--profile", "p", config=config).refused(3, "'p'", "role 'Logs'", ACCOUNT)


def test_sso_refresh(aws, run, who):
    """An expired token is refreshed, and written back for `aws` to find."""
    aws.settings(sso={"tokens": []}, oidc={"refresh_tokens": [REFRESH], "client_id": "cid"})
    for seconds in (-10, 60):                   # before it expires, too
        file = cached(run, "corp", seconds, other="kept", **RENEWABLE)
        aws.clear_requests()
        said = who("--profile", "p", config=SESSION_FORM, secret=["local-sso-access-token"])
        assert "SSO" in said["provider"]
        assert len([r for r in aws.requests("metadata") if r["op"] == "/token"]) == 1
        now = json.loads(file.read_text())
        assert now["accessToken"].startswith("local-sso-access-token") and now["other"] == "kept"
        assert now["expiresAt"] > iso(3000) and now["refreshToken"] == REFRESH
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert os.listdir(file.parent) == [file.name]
        assert "SSO" in who("--profile", "p", config=SESSION_FORM)["provider"]
        assert len([r for r in aws.requests("metadata") if r["op"] == "/token"]) == 1


@pytest.mark.parametrize("change, asked", [
    ({"refreshToken": "no-longer-good"}, True), ({"registrationExpiresAt": "2020-01-01T00:00:00Z"}, False),
    ({"clientSecret": ""}, True), ({"refreshToken": None}, False)], ids=str)
def test_sso_refresh_that_fails(aws, run, who, change, asked):
    aws.settings(oidc={"refresh_tokens": [REFRESH]})
    token = {k: v for k, v in {**RENEWABLE, **change}.items() if v is not None}
    file = cached(run, "corp", -10, **token)
    before = file.read_text()
    who("--profile", "p", config=SESSION_FORM, secret=["no-longer-good"]).refused(
        3, "'p'", "expired", "aws sso login --profile p")
    assert bool([r for r in aws.requests("metadata") if r["op"] == "/token"]) == asked
    assert file.read_text() == before
    # not due yet: the present token is valid for another minute
    cached(run, "corp", 60, **token)
    assert "SSO" in who("--profile", "p", config=SESSION_FORM)["provider"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"accessToken": 1}', '{"accessToken": "a\\r\\nb: c", '
                                  '"expiresAt": "2099-01-01T00:00:00Z"}'])
def test_sso_cache_that_is_broken(run, who, text):
    cached(run, "corp").write_text(text)
    r = who("--profile", "p", config=SESSION_FORM)
    r.refused(r.status, "'p'", ".json")
    assert r.status in (3, 4)


def test_sso_where_the_file_cannot_be_written(aws, run, who):
    aws.settings(sso={"tokens": []}, oidc={"refresh_tokens": [REFRESH]})
    file = cached(run, "corp", -10, **RENEWABLE)
    before = file.read_text()
    who("--profile", "p", config=SESSION_FORM)
    file.write_text(before)
    run(*WHOAMI, "--profile", "p", check=0, preexec_fn=no_files,
        env={**NONE, "AWS_CONFIG_FILE": str(run.home / ".aws/config")})
    assert file.read_text() == before and os.listdir(file.parent) == [file.name]


def no_files():
    """Every write to a file fails as on a full device; writes to pipes and sockets do not."""
    import resource
    import signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
