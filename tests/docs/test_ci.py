""".github: the project's own workflow, and the example jobs for users, whose commands are run."""

import base64
import json
import re
import time

import yaml

from test_docs import TOP, aws, shell  # noqa: F401  (aws is a fixture)

EXAMPLES = TOP / ".github" / "examples"


def steps_of(path, job):
    return yaml.safe_load((TOP / ".github" / path).read_text())["jobs"][job]["steps"]


def test_ci_runs_every_test():
    assert "sh tests/all" in [s.get("run") for s in steps_of("workflows/ci.yml", "debian")]


def libraries():
    """The packages that tests/packages installs to build the program, except what every runner has."""
    text = (TOP / "tests" / "packages").read_text()
    names = re.search(r'^build="([^"]*)"', text, re.M)[1].split()
    return {n for n in names if n.endswith("-dev") or n in ("autoconf", "automake", "pkg-config")}


def archive(server, home, lines, key=None, before="", **env):
    """Runs the commands of a job, with a bucket and an API that logs."""
    assert [re.search(r" (export|verify) ", line)[1] for line in lines] == ["export", "verify"]
    for line in ("setup-bucket --bucket acme-api-logs", "setup-role",
                 "enable-logging --api petstore --level INFO --access-log"):
        assert shell(server, home, f"apigw-logs {line}").returncode == 0
    env["BUCKET"] = "acme-api-logs"
    before = "; ".join(["set -e", *(f"export {k}='{v}'" for k, v in env.items()), before or ":"])
    for line in lines:
        r = shell(server, home, f"{before}; {line}", key)
        assert r.returncode == 0, (line, r.stdout)
    assert '"whole": true' in (home / "verify.json").read_text()


def test_job_for_github(aws, tmp_path):  # noqa: F811
    steps = steps_of("examples/github.yml", "archive")
    text = "\n".join(s.get("run", "") for s in steps)
    assert libraries() <= set(text.split())
    # The action exports the credentials of a session of the role.
    key = aws.credentials("ASIAEXAMPLEOFGITHUB0", session_token="a-session-token")
    archive(aws, tmp_path, re.findall(r"^apigw-logs .*", text, re.M), key)


def test_job_for_gitlab(aws, tmp_path):  # noqa: F811
    job = yaml.safe_load((EXAMPLES / "gitlab.yml").read_text())["archive-api-logs"]
    assert libraries() <= set(" ".join(job["before_script"]).split())
    comment = re.sub(r"^#", "", (EXAMPLES / "github.yml").read_text(), flags=re.M)
    trust = comment[comment.index('{"Version'):comment.index("In a repository")]
    iam = aws.client("iam")
    role = iam.create_role(RoleName="apigw-logs-export", AssumeRolePolicyDocument=trust)["Role"]
    iam.put_role_policy(RoleName="apigw-logs-export", PolicyName="all", PolicyDocument=json.dumps(
        {"Version": "2012-10-17",
         "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}))
    claims = json.dumps({"exp": time.time() + 3600}).encode()
    token = f"e30.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.c2ln"
    before = ["unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY",
              *(line for line in job["before_script"] if "TOKEN" in line)]
    archive(aws, tmp_path, job["script"], before="; ".join(before), OIDC_TOKEN=token,
            AWS_ROLE_ARN=role["Arn"])
    assert aws.requests("sts:AssumeRoleWithWebIdentity")
