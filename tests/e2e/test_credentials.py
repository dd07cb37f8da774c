"""Every provider of the credential chain over real HTTP, seen through `doctor`.

What it says is held against the local AWS's own keys; its secrets must not be in any output.
"""

import base64
import hashlib
import json
import os
import re
import stat
import subprocess
import sys
import time

import pytest

from archive_helpers import BUCKET, DAY, D0, assert_exact, day, make_bucket, plain, put
from aws.state import ADMIN_KEY, ADMIN_SECRET
from conftest import program
from setup_helpers import iam_client
from terminal import Terminal, until

WHOAMI = ("doctor",)
ACCOUNT = "123456789012"
KEYS = {"aws_access_key_id": ADMIN_KEY, "aws_secret_access_key": ADMIN_SECRET}
NONE = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
METADATA = {**NONE, "AWS_EC2_METADATA_DISABLED": None}
REFRESH, ACCESS = "refresh-token-of-the-tests", "access-token-of-the-tests"
# local-session in base64: the tokens that the local AWS makes up begin so.
SECRETS = {"bG9jYWwtc2Vzc2lvb", ADMIN_SECRET, REFRESH, ACCESS, "the-client-secret", "a-container-token"}


def ini(sections):
    return "".join(f"[{name}]\n" + "".join(f"{k} = {v}\n" for k, v in keys.items()) + "\n"
                   for name, keys in sections.items())


@pytest.fixture
def who(aws, run):
    """who(*args, config={…}, credentials={…}, **env): doctor as text, with -vv and as JSON;
    the last is what it returns. No secret that the local AWS has handed out may be in any."""
    (run.home / ".aws").mkdir(exist_ok=True)
    secrets = set(SECRETS)

    def go(*args, config=None, credentials=None, env=None, secret=(), **more):
        env = {**NONE, "AWS_CONFIG_FILE": None, "AWS_SHARED_CREDENTIALS_FILE": None, **(env or {})}
        if config is not None:
            (run.home / ".aws/config").write_text(ini(config))
        if credentials is not None:
            (run.home / ".aws/credentials").write_text(ini(credentials))
        secrets.update(secret)
        results = [run(*WHOAMI, *args, *form, env=env, **more)
                   for form in ((), ("-vv",), ("--output", "json"))]
        assert len({r.status for r in results}) == 1, results
        for r in results:
            for s in secrets:
                assert s not in r.stdout + r.stderr, (s, r)
            assert not [w for w in re.findall(r"[\w+/=]+", r.stdout + r.stderr) if is_secret_key(w)]
        r = results[2]
        if r.status:
            return results[0]
        said = r.json
        keys = [q["key_id"] for q in aws.requests("sts:GetCallerIdentity")][-3:]
        for r, key in zip(results, keys, strict=True):
            # names of sessions that are made up end in the time
            for word in (said["provider"], said["account"], said["arn"].rstrip("0123456789"), key,
                         said["region"], said["region_source"]):
                assert word in r.stdout, (word, r)
        assert said["access_key_id"] == keys[2]
        assert ("x-amz-security-token: (hidden)" in results[1].stderr.lower()) == keys[2].startswith("ASIA")
        return said
    return go


def is_secret_key(word):
    """Secret access keys of the local AWS: 30 bytes in base64."""
    return (len(word) == 40 and "/" != word[0] and not re.fullmatch("[0-9a-f]+", word) and
            re.search("[a-z]", word) and re.search("[A-Z]", word) and re.search("[0-9]", word))


def make_role(aws, name, *statements, policy=True, **more):
    """A role that may do everything, and trusts as told: the account, if not told."""
    statements = statements or ({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                                 "Action": "sts:AssumeRole"},)
    iam = iam_client(aws)
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": list(statements)}), **more)["Role"]["Arn"]
    if policy:
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "*", "Resource": "*"}]}))
    return arn


def session_arn(role, session):
    return f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}"


# ---- environment and static keys ----------------------------------------------------------------

def test_environment(aws, who):
    key = aws.credentials("ASIAENVIRONMENT00000", session_token="token+of/the=environment" * 4,
                          arn=session_arn("r", "s"))
    env = {"AWS_ACCESS_KEY_ID": key["access_key"], "AWS_SECRET_ACCESS_KEY": key["secret_key"],
           "AWS_SESSION_TOKEN": key["session_token"]}
    said = who(env=env, secret=[key["secret_key"], key["session_token"]])
    assert said == {**said, "provider": "environment", "access_key_id": "ASIAENVIRONMENT00000",
                    "account": ACCOUNT, "arn": session_arn("r", "s"), "region": "eu-west-1",
                    "region_source": "AWS_REGION"}
    assert "expires" not in said
    # the older name
    env["AWS_SECURITY_TOKEN"] = env.pop("AWS_SESSION_TOKEN")
    assert who(env=env)["provider"] == "environment"
    # blank is not set
    env = {"AWS_ACCESS_KEY_ID": ADMIN_KEY, "AWS_SECRET_ACCESS_KEY": ADMIN_SECRET,
           "AWS_SESSION_TOKEN": "", "AWS_PROFILE": ""}
    assert who(env=env)["arn"] == f"arn:aws:iam::{ACCOUNT}:user/admin"
    for blank in ("", " ", "\t\n"):
        assert who(env={"AWS_ACCESS_KEY_ID": blank, "AWS_SECRET_ACCESS_KEY": "x"},
                   credentials={"default": KEYS})["provider"] == "profile 'default'"


def test_a_token_is_not_shown_when_aws_quotes_it(aws, who):
    """SignatureDoesNotMatch comes with the canonical request, token included."""
    token = "token-that-aws-quotes/" * 6
    for size in (1, 90):                # and where -vv cuts the reply, in the midst of a token
        key = aws.credentials("ASIAQUOTED0000000000", session_token=token * size)
        env = {"AWS_ACCESS_KEY_ID": key["access_key"], "AWS_SECRET_ACCESS_KEY": "wrong-secret-key",
               "AWS_SESSION_TOKEN": token * size}
        who(env=env, secret=["wrong-secret-key", "token-that-aws"]).refused(
            3, "SignatureDoesNotMatch", "AWS_SECRET_ACCESS_KEY")


@pytest.mark.parametrize("action, args", [
    ("apigateway:*", ("enable-logging", "--api", "x", "--level", "INFO")),
    ("iam:*", ("setup-role",)), ("s3:*", ("verify", "--bucket", BUCKET, "--log-group", "/g", "--from", "2d", "--to", "1d")),
    ("logs:*", ("export", "--bucket", BUCKET, "--log-group", "/g", "--from", "2d", "--to", "1d"))])
@pytest.mark.parametrize("before", [0, 1500])
def test_quoted_tokens_of_all_protocols(aws, run, action, args, before):
    """-vv shows replies, but not this; nor half of it where it cuts them."""
    token = "token-that-aws-quotes/" * 40
    key = aws.credentials("ASIAQUOTED0000000000", session_token=token)
    make_bucket(aws)
    aws.faults({"action": action, "kind": "error", "status": 403, "code": "SignatureDoesNotMatch",
                "message": f"It does not match.\n{'x' * before}x-amz-security-token:{token}\nrest",
                "count": 99})
    r = run(*args, "-vv", key=key)
    assert r.status == 3 and "token-that-aws" not in r.stderr, r
    assert "x-amz-security-token:(hidden)" in r.stderr, r


def test_half_an_environment(who):
    r = who(env={"AWS_ACCESS_KEY_ID": "AKIAHALF"}, credentials={"default": KEYS})
    r.refused(2, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY is not")
    r = who(env={"AWS_ACCESS_KEY_ID": "AKIA HALF", "AWS_SECRET_ACCESS_KEY": "x"})
    r.refused(2, "access key id", "environment")
    r = who(env={"AWS_ACCESS_KEY_ID": ADMIN_KEY, "AWS_SECRET_ACCESS_KEY": ADMIN_SECRET,
                 "AWS_SESSION_TOKEN": "a\nb"}, secret=["a\nb"])
    r.refused(2, "session token", "environment")


def test_environment_that_has_expired(who):
    env = {"AWS_ACCESS_KEY_ID": ADMIN_KEY, "AWS_SECRET_ACCESS_KEY": ADMIN_SECRET}
    said = who(env={**env, "AWS_CREDENTIAL_EXPIRATION": "2099-01-01T00:00:00Z"})
    assert said["expires"] == "2099-01-01T00:00:00Z"
    who(env={**env, "AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z"}).refused(
        3, "environment", "expired at 2020-01-01")
    who(env={**env, "AWS_CREDENTIAL_EXPIRATION": "soon"}).refused(
        2, "AWS_CREDENTIAL_EXPIRATION", "soon")


def test_files(aws, who):
    aws.credentials("AKIAOTHER00000000000", "the-other-secret")
    other = {"aws_access_key_id": "AKIAOTHER00000000000", "aws_secret_access_key": "the-other-secret"}
    secret = ["the-other-secret"]
    # the credentials file, with or without a config file; the section of the one wins
    said = who(credentials={"default": KEYS}, secret=secret)
    assert (said["provider"], said["access_key_id"]) == ("profile 'default'", ADMIN_KEY)
    said = who(config={"default": {**other, "region": "eu-north-1"}}, env={"AWS_REGION": None})
    assert said["access_key_id"] == ADMIN_KEY and said["region"] == "eu-north-1"
    assert "'default'" in said["region_source"] and "config, line " in said["region_source"]
    # config alone
    said = who(credentials={}, config={"default": KEYS, "profile other": other})
    assert said["access_key_id"] == ADMIN_KEY
    # named
    assert who(env={"AWS_PROFILE": "other"})["provider"] == "profile 'other'"
    assert who("--profile", "other")["access_key_id"] == "AKIAOTHER00000000000"
    assert who("--profile", "default", env={"AWS_PROFILE": "other"})["access_key_id"] == ADMIN_KEY
    # the environment's keys go before AWS_PROFILE, not before --profile
    env = {"AWS_ACCESS_KEY_ID": ADMIN_KEY, "AWS_SECRET_ACCESS_KEY": ADMIN_SECRET}
    assert who(env={**env, "AWS_PROFILE": "other"})["provider"] == "environment"
    assert who("--profile", "other", env=env)["provider"] == "profile 'other'"
    # not there
    who("--profile", "othre").refused(2, "othre", "--profile", "did you mean 'other'?")
    who(env={"AWS_PROFILE": "nobody"}).refused(2, "nobody", "AWS_PROFILE")


def test_region_and_where_it_is_from(who):
    config = {"default": {**KEYS, "region": "eu-north-1"},
              "profile p": {**KEYS, "region": "sa-east-1"}}
    for args, env, region, source in (
            (("--region", "us-west-2"), {"AWS_REGION": "ap-south-1"}, "us-west-2", "--region"),
            ((), {"AWS_REGION": "ap-south-1", "AWS_DEFAULT_REGION": "x"}, "ap-south-1", "AWS_REGION"),
            ((), {"AWS_REGION": None, "AWS_DEFAULT_REGION": "ca-central-1"}, "ca-central-1",
             "AWS_DEFAULT_REGION"),
            ((), {"AWS_REGION": None}, "eu-north-1", "profile 'default'"),
            (("--profile", "p"), {"AWS_REGION": ""}, "sa-east-1", "profile 'p'")):
        said = who(*args, config=config, env=env)
        assert said["region"] == region and source in said["region_source"], said
    who(config={"default": KEYS}, env={"AWS_REGION": None}).refused(
        2, "no region", "--region", "AWS_REGION", "AWS_DEFAULT_REGION", "'default'", ".aws/config")


@pytest.mark.parametrize("keys, words", [
    ({"aws_access_key_id": "AKIA"}, ["'default'", "no aws_secret_access_key"]),
    ({"aws_secret_access_key": "x"}, ["'default'", "no aws_access_key_id"]),
    ({"role_arn": "arn:aws:iam::1:role/r"}, ["role_arn", "source_profile", "credential_source"]),
    ({"role_arn": "arn:aws:iam::1:role/r", "source_profile": "a", "credential_source": "Environment"},
     ["both source_profile and credential_source"]),
    ({"role_arn": "arn:aws:iam::1:role/r", "source_profile": "nobody"}, ["'nobody'", "not there"]),
    ({"role_arn": "arn:aws:iam::1:role/r", "credential_source": "Moon"},
     ["'Moon'", "Ec2InstanceMetadata"]),
    ({"web_identity_token_file": "/dev/null"}, ["web_identity_token_file", "no role_arn"]),
    ({"sso_account_id": "1"}, ["sso_account_id", "no sso_role_name"]),
    ({"sso_account_id": "1", "sso_role_name": "r", "sso_session": "nobody"}, ["'nobody'"]),
    ({"sso_account_id": "1", "sso_role_name": "r"}, ["sso_start_url"]),
])
def test_misconfigured_profiles(aws, who, keys, words):
    """They end the search, though instance metadata would have credentials."""
    who(config={"default": keys}, env=METADATA | metadata(aws)).refused(2, *words)
    assert not aws.requests("metadata")


@pytest.mark.parametrize("text, line", [("[default\nregion = x\n", 1), ("[default]\nx\n", 2),
                                        ("region = x\n", 1)])
def test_broken_config_file(run, who, text, line):
    (run.home / ".aws/config").write_text(text)
    who().refused(2, ".aws/config", f"line {line}")


# ---- roles --------------------------------------------------------------------------------------

def role_profile(arn, **more):
    return {"role_arn": arn, "source_profile": "base", "role_session_name": "the-session", **more}


def test_role(aws, who):
    arn = make_role(aws, "worker")
    said = who("--profile", "p", config={"profile base": KEYS, "profile p": role_profile(arn)})
    assert said["arn"] == session_arn("worker", "the-session") and said["account"] == ACCOUNT
    assert arn in said["provider"] and "'p'" in said["provider"] and "'base'" in said["provider"]
    assert said["access_key_id"].startswith("ASIA")
    assert 3500_000 < said["expires_ms"] - time.time() * 1000 <= 3600_000
    # a name is made up; the duration is asked for
    config = {"profile base": KEYS, "profile p": {"role_arn": arn, "source_profile": "base",
                                                  "duration_seconds": "900"}}
    said = who("--profile", "p", config=config)
    assert "/apigw-logs-" in said["arn"]
    assert 800_000 < said["expires_ms"] - time.time() * 1000 <= 900_000
    # with its own keys
    said = who(config={"default": {**KEYS, **role_profile(arn, source_profile="default")}})
    assert said["arn"] == session_arn("worker", "the-session")
    # once for a run, however many calls
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
    # without a terminal, though stdin has something to say
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
    # no answer, and no patience
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

def jwt(seconds=3600):
    def part(d):
        return base64.urlsafe_b64encode(json.dumps(d).encode()).decode().rstrip("=")
    return f"{part({'alg': 'RS256'})}.{part({'exp': time.time() + seconds})}.c2lnbmF0dXJl"


@pytest.fixture
def oidc_role(aws):
    return make_role(aws, "oidc", {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
                                   "Principal": {"Federated": "token.actions.githubusercontent.com"}})


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
    ("a\0b", 2, ["not text"]), (None, 4, ["No such file", "token"])],
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


# ---- credential_process -------------------------------------------------------------------------

def process(run, document, status=0):
    """The command: writes the document (text, or made into JSON), and counts how often it ran."""
    text = document if isinstance(document, str) else json.dumps(document)
    (run.home / "output").write_text(text)
    script = run.home / "my process.sh"
    script.write_text(f"#!/bin/sh\necho run >>'{run.home}/count'\ncat '{run.home}/output'\n"
                      f"exit {status}\n")
    script.chmod(0o755)
    return {"profile p": {"credential_process": f'"{script}" --arg "a b"'}}


GOOD = {"Version": 1, "AccessKeyId": ADMIN_KEY, "SecretAccessKey": ADMIN_SECRET}


def test_credential_process(aws, run, who):
    said = who("--profile", "p", config=process(run, GOOD))
    assert said["provider"] == "profile 'p' (credential_process)" and "expires" not in said
    key = aws.credentials("ASIAPROCESS000000000", session_token="token-of-the-process" * 3)
    said = who("--profile", "p", secret=["token-of-the-process"], config=process(run, {
        "Version": 1, "AccessKeyId": key["access_key"], "SecretAccessKey": key["secret_key"],
        "SessionToken": key["session_token"], "Expiration": "2099-01-01T00:00:00Z"}))
    assert said["access_key_id"] == key["access_key"] and said["expires"] == "2099-01-01T00:00:00Z"
    assert (run.home / "count").read_text().count("run") == 6       # once for each run of ours


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
    """stderr is for the person; a pipe inside the command breaks as it does in a shell."""
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
    # a role that this person has not
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
    # not due yet: what it has is good for a minute more
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
    """Every write to a file fails as on a full device. Pipes and sockets are none."""
    import resource
    import signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


# ---- containers ---------------------------------------------------------------------------------

def container(aws, **uri):
    name, path = next(iter(uri.items()))
    return {f"AWS_CONTAINER_CREDENTIALS_{name}_URI": (aws.url if name == "FULL" else "") + path}


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
    who(env=env).refused(4, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "No such file")
    assert not aws.requests()


def test_container_that_fails(aws, who):
    aws.settings(container={"status": 500})
    aws.clear_requests()
    who(env={**container(aws, FULL="/creds/x"), **metadata(aws)}).refused(4, "500", "told to")
    assert {r["op"] for r in aws.requests("metadata")} == {"/creds/x"}


@pytest.mark.parametrize("uri", [
    "http://169.254.169.254/x", "http://example.com/creds", "http://169.254.170.2.example.com/",
    "http://127.0.0.1.nip.io/", "http://127.0.0.1@example.com/", "http://2130706433.example/",
    "http://localhost.example/", "ftp://127.0.0.1/", "nonsense", "http://", "/creds"])
def test_container_hosts_that_are_refused(aws, who, uri):
    """The token must not leave the machine in the clear. Nothing is sent, nothing is looked up."""
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
    """Its own address, on a network of our own. There is no STS there."""
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

def metadata(aws):
    return {"AWS_EC2_METADATA_DISABLED": None, "AWS_EC2_METADATA_SERVICE_ENDPOINT": aws.url}


def test_instance_metadata(aws, who):
    said = who(env=metadata(aws), config={"default": {"region": "eu-west-1"}})
    assert said["arn"] == session_arn("local-instance-role", "i-0123456789abcdef0")
    assert said["provider"] == "instance metadata (role 'local-instance-role')"
    asked = [r["op"] for r in aws.requests("metadata")][:3]
    base = "/latest/meta-data/iam/security-credentials/"
    assert asked == ["/latest/api/token", base, base + "local-instance-role"]
    assert all(r["status"] == 200 for r in aws.requests("metadata"))
    # what else may be told
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
    """Most machines are no EC2 instances: nobody should wait long to hear that nothing is set up."""
    for url in ("http://127.0.0.1:9", "http://127.0.0.2:1"):
        began = time.monotonic()
        r = run(*WHOAMI, env={**METADATA, "AWS_EC2_METADATA_SERVICE_ENDPOINT": url})
        r.refused(3, "no AWS credentials", url)
        assert time.monotonic() - began < 2
    aws.faults({"action": "metadata:*", "kind": "stall", "count": 9})
    began = time.monotonic()
    run(*WHOAMI, env={**NONE, **metadata(aws)}).refused(3, "no AWS credentials", "in time")
    assert time.monotonic() - began < 3
    # but what has given a token is asked again
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


# ---- the chain as a whole -----------------------------------------------------------------------

def test_nothing_configured(who):
    r = who()
    r.refused(3, "no AWS credentials found", "AWS_ACCESS_KEY_ID", "profile 'default'",
              "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
              "AWS_EC2_METADATA_DISABLED", "aws configure", "--profile")
    assert len(r.stderr.splitlines()) == 2
    who("--profile", "empty", config={"profile empty": {"region": "eu-west-1"}}).refused(
        3, "'empty' has no credentials")


def test_order(aws, run, who, oidc_role):
    """Each takes over when the one before is gone."""
    (run.home / "token").write_text(jwt())
    env = {"AWS_ACCESS_KEY_ID": ADMIN_KEY, "AWS_SECRET_ACCESS_KEY": ADMIN_SECRET,
           "AWS_WEB_IDENTITY_TOKEN_FILE": str(run.home / "token"), "AWS_ROLE_ARN": oidc_role,
           **container(aws, FULL="/creds/x"), **metadata(aws)}
    found = []
    config = {"default": KEYS}
    for gone in (None, "AWS_ACCESS_KEY_ID", "profile", "AWS_WEB_IDENTITY_TOKEN_FILE",
                 "AWS_CONTAINER_CREDENTIALS_FULL_URI"):
        config = {} if gone == "profile" else config
        env = {**env, gone: None} if gone else env
        found.append(who(env=env, config=config)["provider"].split(" (")[0])
    assert found == ["environment", "profile 'default'", "web identity", "container",
                     "instance metadata"]


# ---- credentials that end before the work does --------------------------------------------------

@pytest.fixture
def long_export(aws, run):
    """An export of a few windows, each of whose tasks takes so many seconds."""
    make_bucket(aws)
    events = put(aws, "/g", plain(days=2))

    def go(seconds, env, *more):
        aws.settings(pending_seconds=0, running_seconds=seconds)
        aws.clear_requests()
        r = run("export", "--bucket", BUCKET, "--log-group", "/g", "--from", day(0), "--to", day(2),
                "-vv", *more, env={**NONE, **env})
        return r, events
    return go


def ended_by_us(aws):
    """No request was signed with what had expired."""
    return [r for r in aws.requests() if r["error"] and "Expired" in str(r["error"])]


def test_refreshed_before_they_expire(aws, run, long_export):
    """Metadata credentials of 2 seconds, an export of more."""
    aws.settings(imds={"seconds": 2})
    r, events = long_export(1.2, metadata(aws))
    assert r.status == 0, r
    assert_exact(aws, "/g", events, D0, D0 + 2 * DAY)
    assert len({q["key_id"] for q in aws.requests() if q["key_id"]}) >= 2
    assert not ended_by_us(aws)


def test_expired_token_refreshes_once(aws, run, long_export):
    """AWS says that they have ended, though the provider said nothing of that kind."""
    config = run.home / "config"
    first = aws.credentials("ASIAFIRST00000000000", session_token="the-first-token" * 4)
    second = aws.credentials("ASIASECOND0000000000", session_token="the-second-token" * 4)

    def document(key):
        return json.dumps({"Version": 1, "AccessKeyId": key["access_key"],
                           "SecretAccessKey": key["secret_key"], "SessionToken": key["session_token"]})
    (run.home / "1").write_text(document(first))
    (run.home / "2").write_text(document(second))
    config.write_text("[profile p]\ncredential_process = "
                      "sh -c 'cd; echo x >>n; if [ $(wc -l <n) = 1 ]; then cat 1; else cat 2; fi'\n")
    env = {"AWS_CONFIG_FILE": str(config), "AWS_PROFILE": "p"}
    # the session of the first ends while the first task is under way
    aws.faults({"action": "logs:DescribeExportTasks", "kind": "error", "skip": 5, "count": 1,
                "code": "ExpiredTokenException", "message": "The security token included in the "
                "request is expired"})
    r, events = long_export(0.4, env)
    assert r.status == 0, r
    assert_exact(aws, "/g", events, D0, D0 + 2 * DAY)
    assert (run.home / "n").read_text() == "x\n" * 2
    used = [q["key_id"] for q in aws.requests() if q["key_id"] and q["key_id"] != ADMIN_KEY]
    assert sorted(set(used)) == ["ASIAFIRST00000000000", "ASIASECOND0000000000"]
    change = used.index("ASIASECOND0000000000")
    assert set(used[change:]) == {"ASIASECOND0000000000"}
    for secret in ("the-first-token", "the-second-token", first["secret_key"]):
        assert secret not in r.stdout + r.stderr


@pytest.mark.parametrize("code", ["ExpiredToken", "ExpiredTokenException"])
def test_expired_token_ends_it_the_second_time(aws, run, code):
    """New ones that are as dead as the old are not asked for again and again."""
    (run.home / "config").write_text(ini(process(run, GOOD)))
    aws.faults({"action": "sts:*", "kind": "error", "count": 99, "code": code, "status": 403,
                "message": "The security token included in the request is expired"})
    r = run(*WHOAMI, "--profile", "p", env={"AWS_CONFIG_FILE": str(run.home / "config")})
    r.refused(3, "expired", "aws sso login")
    assert len(aws.requests("sts")) == 2
    assert (run.home / "count").read_text() == "run\n" * 2
