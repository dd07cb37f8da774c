"""tests/real against the local AWS: it tells the readings apart, and leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from aws.local import LocalAws  # noqa: E402  (needs the path above)

BUCKET = "bucket-for-the-truth"
SETTINGS = [("event", "inclusive"), ("event", "exclusive"), ("ingestion", "inclusive"), ("ingestion", "exclusive")]


@pytest.fixture(scope="module")
def local_aws():
    with LocalAws(region="eu-west-1") as aws:
        yield aws


@pytest.fixture
def aws(local_aws):
    local_aws.reset()
    # Ingested when they are put, as everything here is.
    local_aws.settings(pending_polls=2, running_polls=2, ingestion_delay_ms=None, file_bytes=256 << 10)
    return local_aws


@pytest.fixture
def real(aws, tmp_path):
    def start(*args, **popen):
        return subprocess.Popen([sys.executable, f"{HERE}/real.py", "--bucket", BUCKET, "--volume", "1",
                                 "--poll", "0.01", *args], env=aws.env(HOME=str(tmp_path)), text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, **popen)

    def run(*args):
        p = start("--yes", *args, stdin=subprocess.DEVNULL)
        out, err = p.communicate(timeout=120)
        assert p.returncode == 0, out + err
        return json.loads(out), err
    run.start = start
    return run


def left(aws):
    return ([b["Name"] for b in aws.client("s3").list_buckets()["Buckets"]],
            [g["logGroupName"] for g in aws.client("logs").describe_log_groups()["logGroups"]])


@pytest.mark.parametrize("window_by,to", SETTINGS)
def test_readings(aws, real, clock, window_by, to):
    aws.settings(window_by=window_by, to=to)
    first, err = real()
    assert "--resume" in err and not first["settled"]
    assert (first["answers"]["window_by"]["answer"], first["answers"]["to"]["answer"]) == (window_by, to)
    assert BUCKET in left(aws)[0] and len(left(aws)[1]) == 4
    clock.move(hours=14)
    r, err = real("--resume")
    found = {name: a["answer"] for name, a in r["answers"].items()}
    assert r["settled"] and (found["window_by"], found["to"]) == (window_by, to)
    assert f'window_by           "{window_by}"' in err
    assert found["early_and_late"] == {"early": "exported", "late": "exported"}
    assert found["classes"]["STANDARD"] == "COMPLETED, with its event"
    assert "DELIVERY" in found["classes"]["DELIVERY"]
    assert found["escaping"] == "only / becomes -"
    assert r["answers"]["escaping"]["seen"]["odd a/b"] == "odd a-b"
    assert found["checksums"] == "ChecksumCRC64NVME"
    assert int(found["roll_over"].split()[0]) > 1
    assert found["lines"] == {"whole": ["lines", "large"]}
    texts = r["answers"]["refusals"]["seen"]
    assert texts["a second task"]["message"] == "Resource limit exceeded."
    assert "bucket does not exist" in texts["no such bucket"]["message"]
    assert "GetBucketAcl" in texts["bucket without a policy"]["message"]
    assert "PutObject" in texts["policy without s3:PutObject"]["message"]
    if window_by == "event":
        assert (found["program"]["export"]["status"], found["program"]["verify"]["status"]) == (0, 0)
    assert left(aws) == ([], [])


def test_what_happens_at_once_is_no_answer(aws, real):
    """Nothing has settled yet, so nothing is exported, and nothing is claimed."""
    aws.settings(settle_seconds=12 * 3600)
    r, _ = real()
    assert (r["answers"]["window_by"]["answer"], r["answers"]["to"]["answer"]) == ("open", "open")
    p = real.start("--remove", stdin=subprocess.DEVNULL)
    assert p.wait(60) == 0 and left(aws) == ([], [])


@pytest.mark.parametrize("number,moment", [
    (signal.SIGINT, "s3:CreateBucket"), (signal.SIGTERM, "logs:CreateLogGroup"),
    (signal.SIGHUP, "logs:PutLogEvents"), (signal.SIGINT, "logs:CreateExportTask")])
def test_interrupted(aws, real, number, moment):
    aws.settings(running_seconds=3600)
    p = real.start("--yes", stdin=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not aws.requests(moment):
        assert p.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    p.send_signal(number)
    _, err = p.communicate(timeout=60)
    assert p.returncode == 130, err
    assert left(aws) == ([], [])


def test_asks_first(aws, real):
    p = real.start(stdin=subprocess.DEVNULL)
    _, err = p.communicate(timeout=60)
    assert p.returncode == 1 and "cents" in err and "nothing was made" in err
    assert left(aws) == ([], [])


def test_a_bucket_that_is_there_is_left_alone(aws, real):
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket=BUCKET, Key="mine", Body=b"x")
    for args in (["--yes"], ["--resume"], ["--remove"]):
        p = real.start(*args, stdin=subprocess.DEVNULL)
        p.communicate(timeout=60)
        assert p.returncode != 0
    assert s3.get_object(Bucket=BUCKET, Key="mine")["Body"].read() == b"x"
    assert left(aws) == ([BUCKET], [])
