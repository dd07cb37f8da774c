"""What the tests of verify share: an archive of two days that the program exported, and ways to change it."""

import hashlib
import json

import pytest

from archive_helpers import BUCKET, PREFIX, REGION, day, get, keys, make_bucket, plain, put
from program import Program

G = "/logs/of-the-tests"
LEDGER = f"{PREFIX}/_ledger/{REGION}/%2Flogs%2Fof-the-tests/"
RANGE = ("--from", day(0), "--to", day(2))
EVENTS = plain(days=2, n=8)


@pytest.fixture(scope="session")
def exported(local_aws, tmp_path_factory):
    """Two days of G as the program exports them, by key: made once, as each test starts from them."""
    local_aws.reset()
    run = Program(local_aws, tmp_path_factory.mktemp("home"))
    make_bucket(local_aws)
    put(local_aws, G, EVENTS)
    local_aws.settings(pending_polls=0, running_polls=0, file_bytes=400)
    run("export", "--bucket", BUCKET, "--log-group", G, *RANGE, check=0)
    return {k: get(local_aws, k) for k in keys(local_aws)}


@pytest.fixture
def archive(exported, aws, run):
    """Two days of G in the bucket, exported by the program; archive(...) runs verify."""
    make_bucket(aws)
    put(aws, G, EVENTS)
    for k, body in exported.items():
        replace(aws, k, body)
    aws.clear_requests()

    def verify(*args, group=G, span=RANGE, **more):
        return run("verify", "--bucket", BUCKET, "--log-group", group, *span, *args, **more)
    verify.exported = exported
    verify.objects = sorted(k for k in exported if k.endswith(".gz"))
    verify.entries = sorted(k for k in exported if k.endswith(".json"))
    return verify


def replace(aws, key, body):
    """With the checksum that S3 chooses, as it does for an export, and not boto3."""
    s3 = aws.client("s3", request_checksum_calculation="when_required")
    s3.put_object(Bucket=BUCKET, Key=key, Body=body)


def rewrite(aws, entry_key, change):
    e = json.loads(get(aws, entry_key))
    change(e)
    replace(aws, entry_key, json.dumps(e).encode())


def forge(aws, archive, key, body, **more):
    """Damage that agrees with the ledger, as if it had existed when the entry was written."""
    replace(aws, key, body)

    def change(e):
        for o in e["objects"]:
            if o["key"] == key:
                o.update(size=len(body), etag=hashlib.md5(body).hexdigest(),
                         sha256=hashlib.sha256(body).hexdigest(), **more)
                o.pop("checksum", None)
    for k in archive.entries:
        rewrite(aws, k, change)


def problems(result, status=1):
    assert result.status == status, result
    return [(p["problem"], p["key"]) for p in result.json["problems"]]
