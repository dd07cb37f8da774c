"""The credential chain over real HTTP, as `doctor` shows it: keys in the environment and in files, the
order, and expiration. The other providers have files of their own, test_credentials_*.py.

The result is compared with the local AWS's own keys; secrets must not be in any output.
"""

import json

import pytest

from archive_helpers import BUCKET, D0, DAY, assert_exact, day, make_bucket, plain, put
from aws.state import ADMIN_KEY, ADMIN_SECRET
from credentials_helpers import (  # noqa: F401  (oidc_role and who are fixtures)
    ACCOUNT, GOOD, KEYS, METADATA, NONE, WHOAMI, container, ini, jwt, metadata, oidc_role,
    process, session_arn, who)


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
    # the old name of the variable
    env["AWS_SECURITY_TOKEN"] = env.pop("AWS_SESSION_TOKEN")
    assert who(env=env)["provider"] == "environment"
    # empty counts as not set
    env = {"AWS_ACCESS_KEY_ID": ADMIN_KEY, "AWS_SECRET_ACCESS_KEY": ADMIN_SECRET,
           "AWS_SESSION_TOKEN": "", "AWS_PROFILE": ""}
    assert who(env=env)["arn"] == f"arn:aws:iam::{ACCOUNT}:user/admin"
    for blank in ("", " ", "\t\n"):
        assert who(env={"AWS_ACCESS_KEY_ID": blank, "AWS_SECRET_ACCESS_KEY": "x"},
                   credentials={"default": KEYS})["provider"] == "profile 'default'"


def test_a_token_is_not_shown_when_aws_quotes_it(aws, who):
    """SignatureDoesNotMatch comes with the canonical request, token included."""
    token = "token-that-aws-quotes/" * 6
    for size in (1, 90):                # also where -vv cuts the reply in the middle of a token
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
    """-vv shows replies, but not this secret, nor a part of it where a reply is cut."""
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
    # the credentials file, with or without a config file, takes precedence
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
    # keys in the environment take precedence over AWS_PROFILE, but not over --profile
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
    ({"role_arn": "arn:aws:iam::1:role/r", "source_profile": "nobody"}, ["'nobody'", "does not exist"]),
    ({"role_arn": "arn:aws:iam::1:role/r", "credential_source": "Moon"},
     ["'Moon'", "Ec2InstanceMetadata"]),
    ({"web_identity_token_file": "/dev/null"}, ["web_identity_token_file", "no role_arn"]),
    ({"sso_account_id": "1"}, ["sso_account_id", "no sso_role_name"]),
    ({"sso_account_id": "1", "sso_role_name": "r", "sso_session": "nobody"}, ["'nobody'"]),
    ({"sso_account_id": "1", "sso_role_name": "r"}, ["sso_start_url"]),
])
def test_misconfigured_profiles(aws, who, keys, words):
    """They end the search even if the instance metadata has credentials."""
    who(config={"default": keys}, env=METADATA | metadata(aws)).refused(2, *words)
    assert not aws.requests("metadata")


@pytest.mark.parametrize("text, line", [("[default\nregion = x\n", 1), ("[default]\nx\n", 2),
                                        ("region = x\n", 1)])
def test_broken_config_file(run, who, text, line):
    (run.home / ".aws/config").write_text(text)
    who().refused(2, ".aws/config", f"line {line}")


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
    """Each is used if the one before it is missing."""
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
    """An export of a few windows, whose tasks take the given number of seconds each."""
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
    """No request was signed with expired credentials."""
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
    """AWS says that they have expired, although the provider gave no expiration."""
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
    """If the new ones have expired as well, they are not requested again and again."""
    (run.home / "config").write_text(ini(process(run, GOOD)))
    aws.faults({"action": "sts:*", "kind": "error", "count": 99, "code": code, "status": 403,
                "message": "The security token included in the request is expired"})
    r = run(*WHOAMI, "--profile", "p", env={"AWS_CONFIG_FILE": str(run.home / "config")})
    r.refused(3, "expired", "aws sso login")
    assert len(aws.requests("sts")) == 2
    assert (run.home / "count").read_text() == "run\n" * 2
