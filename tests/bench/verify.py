# SPDX-License-Identifier: MIT
"""The table of tests/bench/verify, which says how it is run."""

import argparse
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

import corpus

BIN = pathlib.Path(sys.executable).parent
ROUND_TRIP_MS = 30


class Bench:
    def __init__(self, work, gcc, clang, runs, size):
        self.work, self.gcc, self.clang, self.runs, self.size = work, gcc, clang, runs, size
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

    def copy_and_test(self, copy, test, objects, at=None):
        """Copies an archive's objects into an empty folder, and tests them on all cores."""
        d = self.work / "copy"
        copy = copy.format(at=at or self.near, d=d)
        return ["sh", "-c", f"{copy} >/dev/null 2>{self.work}/copy.log && "
                f"[ $(find {d}/ -name '*.gz' | wc -l) = {objects} ] && {self.test(d, test)}"]

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
        # 'Other': what rclone knows of AWS goes beyond what nginx can do. It has the listing of version 1
        # then, which is not in the folder: rclone would get the first page for ever.
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
    """Of the first day, which is the only one of "big" and "small"."""
    day = corpus.iso(corpus.FIRST_MS)[:10]
    return f"{corpus.BUCKET}/{corpus.PREFIX}/region={corpus.REGION}/group={group}/dt={day}"


def table(b):
    seconds = "{:.2f} s".format
    full = b.size == corpus.FULL
    print(f"{'':<44} {'verify':>8}  {'beside':<24} {'':>6}{'  goal' if full else ''}")

    def say(what, figure, beside, value, goal, at_most=False):
        """The goals are for the full archives: with fewer objects, what a start takes counts for more."""
        met = value <= goal if at_most else value >= goal
        row = f"{what:<44} {figure:>8}  {beside:<24} " + (f"{value:>6.2f}" if beside else 6 * " ")
        if full:
            row += f"  {'<=' if at_most else '>='} {goal:<5g}{'' if met else ' missed'}"
        print(row.rstrip(), flush=True)

    def against(what, ours, name, theirs, goal, runs=None):
        (t, _, _), (u, _, _) = b.pair(ours, theirs, runs)
        say(what, seconds(t), f"{name} {u:.2f} s", u / t, goal)

    big, small = b.verify(["big"]), b.verify(["small"])
    igzip, gzip = "igzip", "gzip"
    smalls = f"{b.size.small:,} objects of 32 KB"
    for what, group, n, ours, goal in [(f"{b.size.big} objects of 2.5 MB", "big", b.size.big, big, 1.5),
                                       (smalls, "small", b.size.small, small, 3)]:
        against(what, ours, "s5cmd + igzip", b.copy_and_test(b.s5cmd(group), igzip, n), goal)
        against(f"{what}, zlib", b.verify([group], build=b.clang / "src/apigw-logs"),
                "rclone + gzip", b.copy_and_test(b.rclone(group), gzip, n), 2.8)
        here = b.work / "files" / folder(group)
        (_, cpu, _), (_, alone, _) = b.pair(ours, ["sh", "-c", b.test(here, igzip)])
        say(f"{what}, CPU", seconds(cpu), f"igzip alone {alone:.2f} s", cpu / alone, 1.3, True)
    against(smalls, small, "aws s3 cp + gzip",
            b.copy_and_test(b.aws("small"), gzip, b.size.small), 30, runs=1)
    far = b.verify(["small"], at=b.far)
    against(f"{smalls}, {ROUND_TRIP_MS} ms away", far, "s5cmd + igzip",
            b.copy_and_test(b.s5cmd("small"), igzip, b.size.small, at=b.far), 1.7)
    (_, _, near_mib), (_, _, far_mib) = b.pair(small, far, 3)
    mib = max(near_mib, far_mib)
    say(f"memory, {b.size.small:,} objects", f"{mib:.1f} MiB", "", mib, 32, True)
    days = b.verify([f"days-{i:02d}" for i in range(corpus.GROUPS)], "--quick", at=b.far)
    (t, _, _), _ = b.pair(days, ["true"], 3)
    windows = f"{corpus.GROUPS * b.size.days:,} windows"
    say(f"{windows} --quick, {ROUND_TRIP_MS} ms away", seconds(t), "", t, 10, True)
    if full:
        (t, _, mib), _ = b.pair(b.verify([f"long-{i:02d}" for i in range(corpus.GROUPS)]), ["true"], 1)
        say("memory, 100,000 objects in 10,000 windows", f"{mib:.1f} MiB", f"in {seconds(t)}", mib, 40, True)


def against_another(b, other):
    """The same table for two builds, the other one first."""
    print(f"{'':<44} {'other':>8} {'this':>8}   ratio  {'MiB':>12}")
    days = [f"days-{i:02d}" for i in range(corpus.GROUPS)]
    for what, groups, options, at in [
            (f"{b.size.big} objects of 2.5 MB", ["big"], (), b.near),
            (f"{b.size.small:,} objects of 32 KB", ["small"], (), b.near),
            (f"{b.size.small:,} objects of 32 KB, {ROUND_TRIP_MS} ms away", ["small"], (), b.far),
            (f"{len(days) * b.size.days:,} windows --quick", days, ("--quick",), b.near),
            (f"{len(days) * b.size.days:,} windows --quick, {ROUND_TRIP_MS} ms away", days, ("--quick",), b.far)]:
        (t, _, mib), (u, _, now) = b.pair(b.verify(groups, *options, at=at, build=other),
                                          b.verify(groups, *options, at=at))
        print(f"{what:<44} {t:>6.2f} s {u:>6.2f} s  {u / t:>6.2f}  {mib:>5.1f} {now:>5.1f}", flush=True)


def reading(b):
    """cat beside verify, which reads the same objects, and beside jq, which has a local copy of them."""
    print(f"{'':<44} {'cat':>8}  {'beside':<24}          MiB")

    def cat(group, *options):
        words = " ".join(str(w) for w in b.verify([group])).replace(" verify ", " cat ", 1).replace(
            "--all", f"--from {corpus.iso(corpus.FIRST_MS)[:10]}")
        return ["sh", "-c", f"exec {words} {' '.join(options)} >/dev/null"]

    def jq(group):
        here = b.work / "files" / folder(group)
        return ["sh", "-c", f"find {here}/ -name '*.gz' -print0 | xargs -0 -n 16 igzip -dc | cut -d ' ' -f 2- | "
                "jq -c 'select((.responseLatency | tonumber) > 800)' >/dev/null"]

    for what, group in [(f"{b.size.big} objects of 2.5 MB", "big"), (f"{b.size.small:,} objects of 32 KB", "small")]:
        for how, ours, name, theirs in [
                ("--unordered", cat(group, "--unordered"), "verify", b.verify([group])),
                ("", cat(group), "verify", b.verify([group])),
                ("--where", cat(group, "--unordered", "--where 'responseLatency>800'"), "igzip | jq", jq(group))]:
            (t, _, mib), (u, _, _) = b.pair(ours, theirs)
            print(f"{what + ', ' + how if how else what:<44} {t:>6.2f} s  {f'{name} {u:.2f} s':<24} {u / t:>6.2f}"
                  f"  {mib:>5.1f}", flush=True)


def main():
    p = argparse.ArgumentParser(prog="tests/bench/verify")
    p.add_argument("gcc", type=pathlib.Path)
    p.add_argument("clang", type=pathlib.Path)
    p.add_argument("runs", nargs="?", type=int, default=3)
    p.add_argument("--full", action="store_true")
    p.add_argument("--than", type=pathlib.Path, metavar="PROGRAM")
    p.add_argument("--cat", action="store_true")
    o = p.parse_intermixed_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped: it took too long"))
    size = corpus.FULL if o.full else corpus.SOME
    with tempfile.TemporaryDirectory(prefix="apigw-logs-bench-") as work:
        os.chmod(work, 0o755)  # root's nginx reads it as nobody
        b = Bench(pathlib.Path(work), o.gcc.resolve(), o.clang.resolve(), o.runs, size)
        print("making the archives", file=sys.stderr)
        archive = corpus.make(work, size)
        try:
            b.serve(archive)
            if o.than:
                against_another(b, o.than.resolve())
            elif o.cat:
                reading(b)
            else:
                table(b)
        finally:
            b.stop()


main()
