"""The local AWS for everything but S3, which is Ceph's; the program talks to that through a proxy."""

import os
import sys

import pytest

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [TESTS, os.path.join(TESTS, "e2e")]

import boto3  # noqa: E402  (needs the path above)
from botocore.config import Config  # noqa: E402

from archive_helpers import REGION  # noqa: E402
from aws.local import LocalAws  # noqa: E402
from aws.state import ACCOUNT, ADMIN_KEY, ADMIN_SECRET  # noqa: E402
from cluster import Cluster  # noqa: E402
from program import Program  # noqa: E402
from proxy import Proxy  # noqa: E402


@pytest.fixture(scope="session")
def rgw():
    with Cluster(ACCOUNT, ADMIN_KEY, ADMIN_SECRET) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def local_aws():
    with LocalAws(region=REGION) as aws:
        yield aws


@pytest.fixture
def aws(local_aws):
    local_aws.reset()
    local_aws.settings(pending_polls=0, running_polls=0)
    return local_aws


@pytest.fixture
def s3(rgw):
    """boto3 on Ceph, without anything left of an earlier test."""
    client = boto3.client("s3", endpoint_url=rgw.url, region_name=REGION, aws_access_key_id=ADMIN_KEY,
                          aws_secret_access_key=ADMIN_SECRET, config=Config(
                              s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}))
    for bucket in client.list_buckets()["Buckets"]:
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket["Name"]):
            client.delete_objects(Bucket=bucket["Name"], Delete={
                "Objects": [{"Key": o["Key"]} for o in page.get("Contents", ())] or [{"Key": "none"}]})
        client.delete_bucket(Bucket=bucket["Name"])
    return client


@pytest.fixture
def proxy(rgw):
    proxy = Proxy(rgw.url)
    yield proxy
    proxy.close()


@pytest.fixture
def run(aws, proxy, tmp_path):
    class OnCeph(Program):
        def env(self, key=None, **more):
            return super().env(key, **{"AWS_ENDPOINT_URL_S3": proxy.url, **more})
    return OnCeph(aws, tmp_path)
