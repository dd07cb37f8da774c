# SPDX-License-Identifier: MIT
"""The table of tests/bench/verify, which says how it is run."""

import argparse
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import corpus

BIN = pathlib.Path(sys.executable).parent
ROUND_TRIP_MS = 30


class Bench:
    def __init__(self, work, gcc, clang, runs):
        self.work, self.gcc, self.clang, self.runs = work, gcc, clang, runs
        self.env = {"PATH": os.environ["PATH"], "HOME": str(work), "LC_ALL": "C", "TZ": "UTC",
                    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_REGION": corpus.REGION,
                    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                    "AWS_DEFAULT_REGION": corpus.REGION, "AWS_EC2_METADATA_DISABLED": "true",
                    "RCLONE_CONFIG": "/dev/null"}
        self.servers = []

    # ---- servers ---------------------------------------------------------------------------------

    def serve(self, archive):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        self.servers.append(subprocess.Popen(
            ["nginx", "-c", archive.nginx(port), "-p", self.work, "-e", self.work / "nginx.log"]))
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.05)
        else:
            raise SystemExit((self.work / "nginx.log").read_text())
        far = subprocess.Popen([self.gcc / "tests/bench/delay", str(ROUND_TRIP_MS), str(port)],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.servers.append(far)
        self.near = f"http://127.0.0.1:{port}"
        self.far = f"http://127.0.0.1:{int(far.stdout.readline())}"

    def stop(self):
        for server in self.servers:
            server.terminate()
            server.wait()

    # ---- commands --------------------------------------------------------------------------------

    def verify(self, groups, *options, at=None, build=None):
        groups = [w for g in groups for w in ("--log-group", g)]
        return [build or self.gcc / "src/apigw-logs", "verify", "--endpoint-url", at or self.near,
                "--bucket", corpus.BUCKET, "--all", *options, *groups]

    def copy_and_test(self, copy, test, at=None):
        """Copies an archive's objects into an empty folder, and tests them on all cores."""
        d = self.work / "copy"
        copy = copy.format(at=at or self.near, d=d)
        return ["sh", "-c", f"{copy} >/dev/null 2>{self.work}/copy.log && {self.test(d, test)}"]

    @staticmethod
    def test(folder, test):
        return f"find {folder}/ -name '*.gz' -print0 | xargs -0 -n 16 -P {os.cpu_count()} {test} -t"

    @staticmethod
    def s5cmd(group):
        # Not the script beside python, which starts a second one.
        exe = next(BIN.parent.glob("lib/python*/site-packages/s5cmd/bin/s5cmd"))
        return f"{exe} --endpoint-url {{at}} cp 's3://{folder(group)}/*' {{d}}/"

    @staticmethod
    def rclone(group):
        # 'Other': what rclone knows of AWS goes beyond what nginx can do. It takes version 1 with it.
        return ("rclone copy --fast-list --s3-provider Other --s3-list-version 2 --s3-env-auth "
                f"--s3-endpoint {{at}} --s3-force-path-style :s3:{folder(group)}/ {{d}}")

    @staticmethod
    def aws(group):
        return f"{BIN}/aws --endpoint-url {{at}} s3 cp --quiet --recursive s3://{folder(group)}/ {{d}}"

    # ---- measuring -------------------------------------------------------------------------------

    def pair(self, a, b, runs=None):
        """Medians of both, which take turns: [(seconds, CPU seconds, MiB)] * 2."""
        env = {**self.env, "BEFORE": f"rm -rf {self.work}/copy && mkdir {self.work}/copy"}
        r = subprocess.run([self.gcc / "tests/bench/compare", str(runs or self.runs), *a, "--", *b],
                           env=env, cwd=self.work, capture_output=True, text=True)
        if r.returncode:
            log = self.work / "copy.log"
            raise SystemExit(f"{r.stdout}{r.stderr}{log.read_text() if log.exists() else ''}")
        rows = re.findall(r"^  [AB] +([\d.]+) ms .* CPU +([\d.]+) ms +(\d+) kB", r.stdout, re.M)
        return [(float(ms) / 1e3, float(cpu) / 1e3, int(kb) / 1024) for ms, cpu, kb in rows]


def folder(group):
    return next(f"{corpus.BUCKET}/{corpus.PREFIX}/region={corpus.REGION}/group={group}/dt={d}"
                for d in [corpus.iso(corpus.FIRST_MS)[:10]])


def say(what, figure, beside, value, goal, at_most=False):
    met = value <= goal if at_most else value >= goal
    print(f"{what:<44} {figure:>8}  {beside:<24} {value:>6.2f}  {'<=' if at_most else '>='} {goal:<5g}"
          f" {'' if met else 'missed'}", flush=True)


def table(b, full):
    seconds = "{:.2f} s".format
    print(f"{'':<44} {'here':>8}  {'beside':<24} {'':>6}  goal")

    def against(what, ours, name, theirs, goal, runs=None):
        (t, _, _), (u, _, _) = b.pair(ours, theirs, runs)
        say(what, seconds(t), f"{name} {u:.2f} s", u / t, goal)

    big, small = b.verify(["big"]), b.verify(["small"])
    igzip, gzip = "igzip", "gzip"
    for what, group, ours, goal in [("64 objects of 2.5 MB", "big", big, 1.5),
                                    ("5,000 objects of 32 KB", "small", small, 3)]:
        against(what, ours, "s5cmd + igzip", b.copy_and_test(b.s5cmd(group), igzip), goal)
        against(f"{what}, zlib", b.verify([group], build=b.clang / "src/apigw-logs"),
                "rclone + gzip", b.copy_and_test(b.rclone(group), gzip), 2.8)
        here = b.work / "files" / folder(group)
        (_, cpu, _), (_, alone, _) = b.pair(ours, ["sh", "-c", b.test(here, igzip)])
        say(f"{what}, CPU", seconds(cpu), f"igzip alone {alone:.2f} s", cpu / alone, 1.3, True)
    against("5,000 objects of 32 KB", small, "aws s3 cp + gzip",
            b.copy_and_test(b.aws("small"), gzip), 30, runs=1)
    far = b.verify(["small"], at=b.far)
    against(f"5,000 objects of 32 KB, {ROUND_TRIP_MS} ms away", far, "s5cmd + igzip",
            b.copy_and_test(b.s5cmd("small"), igzip, at=b.far), 1.7)
    (_, _, near_mib), (_, _, far_mib) = b.pair(small, far, 3)
    mib = max(near_mib, far_mib)
    say("memory, 5,000 objects", f"{mib:.1f} MiB", "", mib, 32, True)
    days = b.verify([f"days-{i:02d}" for i in range(25)], "--quick", at=b.far)
    (t, _, mib), _ = b.pair(days, ["true"], 3)
    say(f"10,000 windows --quick, {ROUND_TRIP_MS} ms away", seconds(t), "", t, 10, True)
    if full:
        (t, _, mib), _ = b.pair(b.verify([f"long-{i:02d}" for i in range(25)]), ["true"], 1)
        say("memory, 100,000 objects in 10,000 windows", f"{mib:.1f} MiB", seconds(t), mib, 40, True)


def main():
    p = argparse.ArgumentParser(prog="tests/bench/verify")
    p.add_argument("gcc", type=pathlib.Path)
    p.add_argument("clang", type=pathlib.Path)
    p.add_argument("runs", nargs="?", type=int, default=7)
    p.add_argument("--full", action="store_true")
    o = p.parse_intermixed_args()
    with tempfile.TemporaryDirectory(prefix="apigw-logs-bench-") as work:
        os.chmod(work, 0o755)  # root's nginx reads it as nobody
        b = Bench(pathlib.Path(work), o.gcc.resolve(), o.clang.resolve(), o.runs)
        print("making the archives", file=sys.stderr)
        archive = corpus.make(work, o.full)
        try:
            b.serve(archive)
            table(b, o.full)
        finally:
            b.stop()


main()
