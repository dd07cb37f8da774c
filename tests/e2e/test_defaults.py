"""Defaults of the user's: option, then APIGW_LOGS_…, then [apigw-logs] in ~/.aws/config."""

import pytest

from archive_helpers import BUCKET, D0, DAY, keys, ledger, make_bucket, put
from export_helpers import G



@pytest.fixture
def config(tmp_path):
    def write(*lines):
        path = tmp_path / "config"
        path.write_text("\n".join(("[default]", "region = x", "[apigw-logs]", *lines)) + "\n")
        return {"AWS_CONFIG_FILE": str(path)}
    return write


@pytest.fixture
def export(aws, run):
    aws.settings(pending_polls=0, running_polls=0)
    make_bucket(aws)
    put(aws, G, {"s": [(D0 + DAY - 1, "x")]})
    return lambda *args, **more: run("export", "--log-group", G, "--from", f"@{D0 // 1000}",
                                     "--to", f"@{(D0 + DAY) // 1000}", *args, **more)


def test_precedence(aws, export, config):
    """Each place is seen by what comes of it, and -v names it."""
    env = config("bucket = " + BUCKET, "prefix = of/file", "window = 6h")
    r = export("-v", env=env, check=0)
    assert len(ledger(aws, G, prefix="of/file")) == 4
    assert f"--bucket is '{BUCKET}', from section 'apigw-logs' (" in r.stderr and "line 4" in r.stderr
    env |= {"APIGW_LOGS_PREFIX": "of/environment", "APIGW_LOGS_WINDOW": "12h"}
    r = export("-v", env=env, check=0)
    assert len(ledger(aws, G, prefix="of/environment")) == 2
    assert "--prefix is 'of/environment', from APIGW_LOGS_PREFIX" in r.stderr
    r = export("-v", "--prefix", "of/option", "--window", "1d", env=env, check=0)
    assert len(ledger(aws, G, prefix="of/option")) == 1 and "--prefix is" not in r.stderr
    r = export("--prefix", "of/option", env=env | {"APIGW_LOGS_BUCKET": "another"})
    r.refused(3, "another")


@pytest.mark.parametrize("name, value", [("bucket", "Not A Bucket"), ("prefix", "a//b"), ("window", "7h")])
def test_a_wrong_value_is_named_with_its_origin(aws, export, config, name, value):
    env = {"APIGW_LOGS_BUCKET": BUCKET, f"APIGW_LOGS_{name.upper()}": value}
    export(env=env).refused(2, f"APIGW_LOGS_{name.upper()}: ", value)
    del env[f"APIGW_LOGS_{name.upper()}"]
    export(env=env | config(f"{name} = {value}")).refused(2, "section 'apigw-logs'", "line 4", value)
    assert not keys(aws)


def test_other_commands(aws, run, config):
    """A prefix alone is a default, so doctor does not ask for a bucket."""
    run("doctor", env={"APIGW_LOGS_PREFIX": "x"}, check=0)
    run("setup-bucket", env={"APIGW_LOGS_BUCKET": "made-by-default"}, check=0)
    assert "made-by-default" in [b["Name"] for b in aws.client("s3").list_buckets()["Buckets"]]
    r = run("doctor", env={"APIGW_LOGS_BUCKET": "made-by-default"}, check=0)
    assert "s3://made-by-default/apigw-logs" in r.stdout
    run("export", "--log-group", G, env={"APIGW_LOGS_BUCKET": ""}).refused(2, "missing: --bucket")
