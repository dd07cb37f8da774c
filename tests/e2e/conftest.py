"""Fixtures for tests that run the program against a local AWS and inspect the result with boto3.

    def test_x(aws, run):                       # aws: LocalAws, reset; run: the program
        r = run("setup-role", "--output", "json", check=0)
        assert r.json["role"]["name"] == ...
        run("setup-role", key=aws.credentials("AKIA...", deny=["iam:*"])).refused(3, "denied")

The program is $APIGW_LOGS, an absolute path, else build/src/apigw-logs. With pytest-xdist each
worker has a local AWS of its own.
"""

import os
import sys

import pytest

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, TESTS)

from aws.local import LocalAws  # noqa: E402  (needs the path above)
from clock import moment_ms  # noqa: E402
from program import Program, program  # noqa: E402, F401  (tests take them from here)

# Not us-east-1, which S3 and IAM treat specially.
REGION = "eu-west-1"


@pytest.fixture(scope="session")
def local_aws():
    with LocalAws(region=REGION) as aws:
        yield aws


@pytest.fixture
def aws(local_aws):
    """The worker's local AWS, empty."""
    local_aws.reset()
    return local_aws


@pytest.fixture
def run(aws, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    return Program(aws, home)


@pytest.fixture
def within_the_hour(clock):
    """For tests in which nothing may settle or expire meanwhile: moves the clock back from the end of an
    hour. To be named in pytest.mark.usefixtures, which sets it up before the others."""
    if -moment_ms() % 3600000 < 60000:
        clock.move(minutes=-1)


@pytest.fixture
def rest_api(aws):
    """Creates a REST API with a deployed stage; returns its id."""
    def make(name="petstore", *stages, region=None):
        gw = aws.client("apigateway", region=region)
        api = gw.create_rest_api(name=name)["id"]
        root = gw.get_resources(restApiId=api)["items"][0]["id"]
        pets = gw.create_resource(restApiId=api, parentId=root, pathPart="pets")["id"]
        gw.put_method(restApiId=api, resourceId=pets, httpMethod="GET", authorizationType="NONE")
        gw.put_integration(restApiId=api, resourceId=pets, httpMethod="GET", type="MOCK")
        deployment = gw.create_deployment(restApiId=api)["id"]
        for stage in stages or ("prod",):
            gw.create_stage(restApiId=api, stageName=stage, deploymentId=deployment)
        return api
    return make
