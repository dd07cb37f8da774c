"""Roles assumed through a profile or the token of an identity provider, as `doctor` shows them."""

import subprocess
import time

import pytest

from aws.state import ADMIN_KEY, ADMIN_SECRET
from credentials_helpers import (  # noqa: F401  (oidc_role and who are fixtures)
    ACCOUNT, KEYS, NONE, WHOAMI, container, ini, jwt, make_role, metadata, oidc_role,
    role_profile, session_arn, who)
from terminal import Terminal, until


def test_role(aws, who):
    arn = make_role(aws, "worker")
    said = who("--profile", "p", config={"profile base": KEYS, "profile p": role_profile(arn)})
    assert said["arn"] == session_arn("worker", "the-session") and said["account"] == ACCOUNT
    assert arn in said["provider"] and "'p'" in said["provider"] and "'base'" in said["provider"]
    assert said["access_key_id"].startswith("ASIA")
    assert 3500_000 < said["expires_ms"] - time.time() * 1000 <= 3600_000
    # the session name is generated; the duration is requested
    config = {"profile base": KEYS, "profile p": {"role_arn": arn, "source_profile": "base",
                                                  "duration_seconds": "900"}}
    said = who("--profile", "p", config=config)
    assert "/apigw-logs-" in said["arn"]
    assert 800_000 < said["expires_ms"] - time.time() * 1000 <= 900_000
    # with its own keys
    said = who(config={"default": {**KEYS, **role_profile(arn, source_profile="default")}})
    assert said["arn"] == session_arn("worker", "the-session")
    # once in a run, regardless of the number of calls
    aws.clear_requests()
    who(config={"default": {**KEYS, **role_profile(arn, source_profile="default")}})
    assert len(aws.requests("sts:AssumeRole")) == 3


def test_role_chain(aws, who):
    trusting_first = {"Effect": "Allow", "Action": "sts:AssumeRole",
                      "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/first"}}
    first, second = make_role(aws, "first"), make_role(aws, "second", trusting_first)
    config = {"profile base": KEYS, "profile one": role_profile(first),
              "profile two": role_profile(second, source_profile="one")}
    said = who("--profile", "two", config=config)
    assert said["arn"] == session_arn("second", "the-session")
    assert said["provider"].index(second) < said["provider"].index(first)
    # not without the first
    config["profile two"]["source_profile"] = "base"
    who("--profile", "two", config=config).refused(3, second, "'two'", "not authorized")


def test_role_loop(aws, who):
    config = {"profile a": role_profile("arn:aws:iam::1:role/a", source_profile="b"),
              "profile b": role_profile("arn:aws:iam::1:role/b", source_profile="c"),
              "profile c": role_profile("arn:aws:iam::1:role/c", source_profile="a")}
    who("--profile", "a", config=config).refused(
        2, "form a loop: 'a' -> 'b' -> 'c' -> 'a'\n")
    assert not aws.requests()


def test_external_id(aws, who):
    arn = make_role(aws, "guarded", {
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"},
        "Condition": {"StringEquals": {"sts:ExternalId": "right & <good>+/é"}}})
    config = {"profile base": KEYS, "profile p": role_profile(arn, external_id="right & <good>+/é")}
    assert who("--profile", "p", config=config)["arn"] == session_arn("guarded", "the-session")
    for wrong in ({"external_id": "wrong"}, {}):
        config["profile p"] = role_profile(arn, **wrong)
        who("--profile", "p", config=config).refused(3, arn, "'p'", "not authorized")


@pytest.mark.parametrize("value", ["899", "43201", "1h", "-1"])
def test_bad_duration(aws, who, value):
    arn = "arn:aws:iam::1:role/r"
    who("--profile", "p", config={"profile base": KEYS,
                                  "profile p": role_profile(arn, duration_seconds=value)}).refused(
        2, "duration_seconds", "'p'", "900", "43200", f"'{value}'")
    assert not aws.requests()


def test_longer_than_the_role_allows(aws, who):
    arn = make_role(aws, "worker")
    who("--profile", "p", config={"profile base": KEYS,
                                  "profile p": role_profile(arn, duration_seconds="7200")}).refused(
        3, "MaxSessionDuration", "'p'")


@pytest.mark.parametrize("source, said_to_be", [
    ("Environment", "environment"), ("Ec2InstanceMetadata", "instance metadata"),
    ("EcsContainer", "container")])
def test_credential_source(aws, who, source, said_to_be):
    arn = make_role(aws, "worker")
    env = {**metadata(aws), **container(aws, FULL="/creds/x"), "AWS_ACCESS_KEY_ID": ADMIN_KEY,
           "AWS_SECRET_ACCESS_KEY": ADMIN_SECRET}
    config = {"profile p": {"role_arn": arn, "credential_source": source,
                            "role_session_name": "the-session"}}
    said = who("--profile", "p", config=config, env=env)
    assert said["arn"] == session_arn("worker", "the-session")
    assert f"with {said_to_be}" in said["provider"]
    used = {r["key_id"] for r in aws.requests("sts:AssumeRole")}
    assert (used == {ADMIN_KEY}) == (source == "Environment")
    # nothing there
    env = {"AWS_EC2_METADATA_DISABLED": "true"}
    who("--profile", "p", config=config, env=env).refused(3, arn, "'p'", "no credentials")


def test_mfa(aws, run, who):
    arn = make_role(aws, "guarded", {
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"},
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}})
    config = {"profile base": KEYS,
              "profile p": role_profile(arn, mfa_serial="arn:aws:iam::1:mfa/me")}
    # without a terminal, even if stdin has data
    (run.home / ".aws/config").write_text(ini(config))
    env = {**NONE, "AWS_CONFIG_FILE": str(run.home / ".aws/config")}
    with open("/dev/zero") as zero:
        run(*WHOAMI, "--profile", "p", env=env, stdin=zero, start_new_session=True).refused(
            3, "'p'", "MFA code", "no terminal", "without mfa_serial")
    assert not aws.requests("sts")
    # typed, and not shown
    with Terminal(run, *WHOAMI, "--profile", "p", "-vv", env=env) as t:
        t.expect("MFA code for arn:aws:iam::1:mfa/me: ")
        t.type("654321\n")
    assert t.status == 0 and session_arn("guarded", "the-session") in t.text
    assert "654321" not in t.text
    with Terminal(run, *WHOAMI, "--profile", "p", env=env) as t:
        t.expect("MFA code")
        t.type("000000\n")
    assert t.status == 3 and "invalid MFA" in t.text
    # end of file, an empty answer, and ^C
    aws.clear_requests()
    for key, status in (("\x04", 3), ("\n", 3), ("\x03", 130)):
        with Terminal(run, *WHOAMI, "--profile", "p", env=env) as t:
            t.expect("MFA code")
            t.type(key)
        assert t.status == status, t.text
    assert not aws.requests("sts")
    # the terminal echoes again, also after ^Z, ^\\ and more than one ^C
    for keys in ("\x03", "\x1a\x1c\x03\x03\x03"):
        with Terminal(run, *WHOAMI, "--profile", "p", env=env) as t:
            t.expect("MFA code")
            t.type(keys)
            until(lambda: t.process.poll() is not None)
            out = subprocess.run(["stty", "-a"], stdin=t.slave, capture_output=True, text=True).stdout
            assert " echo " in out and "-echo " not in out
        assert t.status == 130, (keys, t.text)


# ---- web identity -------------------------------------------------------------------------------

def test_web_identity(aws, run, who, oidc_role):
    file, token = run.home / "token", jwt()
    file.write_text(token)
    env = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(file), "AWS_ROLE_ARN": oidc_role,
           "AWS_ROLE_SESSION_NAME": "github"}
    said = who(env=env, secret=[token])
    assert said["arn"] == session_arn("oidc", "github")
    assert said["provider"] == f"web identity (assumed role {oidc_role})"
    config = {"profile p": {"role_arn": oidc_role, "web_identity_token_file": str(file),
                            "duration_seconds": "1000", "role_session_name": "eks"}}
    said = who("--profile", "p", config=config)
    assert said["arn"] == session_arn("oidc", "eks") and "'p' (web identity" in said["provider"]
    assert said["expires_ms"] - time.time() * 1000 <= 1000_000
    assert {r["key_id"] for r in aws.requests("sts:AssumeRoleWithWebIdentity")} == {None}


@pytest.mark.parametrize("token, status, words", [
    (jwt(-100), 3, ["expired"]), ("nonsense", 3, ["oidc"]), ("", 2, ["empty"]),
    ("a\0b", 2, ["not text"]), (None, 6, ["No such file", "token"])],
    ids=["expired", "nonsense", "empty", "binary", "missing"])
def test_bad_web_identity(aws, run, who, oidc_role, token, status, words):
    file = run.home / "token"
    if token is not None:
        file.write_text(token)
    env = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(file), "AWS_ROLE_ARN": oidc_role}
    who(env={**env, **metadata(aws)}).refused(status, *words)
    assert not aws.requests("metadata")


def test_web_identity_without_a_role(aws, run, who, oidc_role):
    (run.home / "token").write_text(jwt())
    env = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(run.home / "token")}
    who(env=env).refused(2, "AWS_ROLE_ARN is not")
    # a role that does not trust the issuer
    env["AWS_ROLE_ARN"] = make_role(aws, "closed")
    who(env=env).refused(3, "role/closed", "trust policy")


def test_identity_provider_is_asked_again(aws, run, who, oidc_role):
    (run.home / "token").write_text(jwt())
    env = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(run.home / "token"), "AWS_ROLE_ARN": oidc_role}
    aws.faults({"action": "sts:AssumeRoleWithWebIdentity", "kind": "error", "status": 400,
                "code": "IDPCommunicationError", "message": "it was slow"})
    assert who(env=env)["arn"].startswith(session_arn("oidc", ""))
