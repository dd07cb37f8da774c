"""The units that `make install` installs."""

import os
import pathlib
import re
import subprocess

from test_docs import TOP, aws, readme, shell  # noqa: F401  (aws is a fixture)

BUILD = pathlib.Path(os.environ.get("BUILDDIR", TOP / "build"))
# make tells what is up to date by the real time.
MAKE = {k: v for k, v in os.environ.items() if k not in ("LD_PRELOAD", "MAKEFLAGS", "MFLAGS", "MAKELEVEL")}


def test_they_are_installed_and_removed(tmp_path):
    for target, there in ("install-unitDATA install-dist_unitDATA", True), ("uninstall-unitDATA uninstall-dist_unitDATA", False):
        subprocess.run(["make", "-s", "-C", BUILD, *target.split(), f"DESTDIR={tmp_path}"], check=True, env=MAKE,
                       stdout=subprocess.DEVNULL)
        found = {p.name for p in tmp_path.rglob("lib/systemd/system/*")}
        assert found == ({"apigw-logs.service", "apigw-logs.timer"} if there else set())


def test_systemd_takes_them(tmp_path):
    """The program and its file of settings are where the unit says, so only that is replaced."""
    program = os.environ.get("APIGW_LOGS", str(BUILD / "src" / "apigw-logs"))
    text = (BUILD / "src" / "systemd" / "apigw-logs.service").read_text()
    assert "@" not in text and "ExecStart=/" in text and "EnvironmentFile=/" in text
    (tmp_path / "apigw-logs.service").write_text(re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={program}", text))
    (tmp_path / "apigw-logs.timer").write_text((TOP / "src" / "systemd" / "apigw-logs.timer").read_text())
    r = subprocess.run(["systemd-analyze", "verify", "--man=no", tmp_path / "apigw-logs.timer",
                        tmp_path / "apigw-logs.service"], capture_output=True, text=True, timeout=60)
    wrong = [line for line in r.stderr.splitlines() if "apigw-logs" in line]
    assert (r.returncode, wrong) == (0, []), r.stderr


def test_the_service_runs(aws, tmp_path):
    """Its command, with the settings that README shows for its file."""
    command = re.search(r"(?m)^ExecStart=\S*/(apigw-logs .*)$",
                        (BUILD / "src" / "systemd" / "apigw-logs.service").read_text())[1]
    settings = re.findall(r"(?m)^    ((?:APIGW|AWS)_\w+=\S+)$", readme())
    assert any(s.startswith("APIGW_LOGS_BUCKET=") for s in settings)
    bucket = next(s for s in settings if s.startswith("APIGW_LOGS_BUCKET=")).partition("=")[2]
    assert shell(aws, tmp_path, f"apigw-logs setup-bucket --bucket {bucket}").returncode == 0
    line = " ".join(s for s in settings if s.startswith("APIGW")) + " " + command
    for _ in range(2):
        r = shell(aws, tmp_path, line)
        assert (r.returncode, r.stdout) == (0, ""), r
    s3 = aws.client("s3")
    assert s3.list_objects_v2(Bucket=bucket, Prefix="apigw-logs/_ledger/")["KeyCount"]
