"""Shared by the tests of the credential chain: what doctor reports, and the data of providers."""

import base64
import json
import re
import time

import pytest

from aws.state import ADMIN_KEY, ADMIN_SECRET
from setup_helpers import iam_client

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
    """who(*args, config={…}, credentials={…}, **env): runs doctor as text, with -vv and as JSON, and
    returns the last. None of them may contain a secret that the local AWS has issued."""
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
            # generated session names end in the time
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
    """A role that may do everything and trusts the given principal, by default the account."""
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


def role_profile(arn, **more):
    return {"role_arn": arn, "source_profile": "base", "role_session_name": "the-session", **more}


def jwt(seconds=3600):
    def part(d):
        return base64.urlsafe_b64encode(json.dumps(d).encode()).decode().rstrip("=")
    return f"{part({'alg': 'RS256'})}.{part({'exp': time.time() + seconds})}.c2lnbmF0dXJl"


@pytest.fixture
def oidc_role(aws):
    return make_role(aws, "oidc", {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
                                   "Principal": {"Federated": "token.actions.githubusercontent.com"}})


def process(run, document, status=0):
    """A command that prints the document (text, or an object as JSON) and counts how often it ran."""
    text = document if isinstance(document, str) else json.dumps(document)
    (run.home / "output").write_text(text)
    script = run.home / "my process.sh"
    script.write_text(f"#!/bin/sh\necho run >>'{run.home}/count'\ncat '{run.home}/output'\n"
                      f"exit {status}\n")
    script.chmod(0o755)
    return {"profile p": {"credential_process": f'"{script}" --arg "a b"'}}


GOOD = {"Version": 1, "AccessKeyId": ADMIN_KEY, "SecretAccessKey": ADMIN_SECRET}


def container(aws, **uri):
    name, path = next(iter(uri.items()))
    return {f"AWS_CONTAINER_CREDENTIALS_{name}_URI": (aws.url if name == "FULL" else "") + path}


def metadata(aws):
    return {"AWS_EC2_METADATA_DISABLED": None, "AWS_EC2_METADATA_SERVICE_ENDPOINT": aws.url}
