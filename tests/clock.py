"""The clock, time zone and language of a test run, none of which depend on the machine.

    TEST_CLOCK  the moment at which each test begins (2026-11-24T13:07:11Z); "real" for the
                machine's clock
    TEST_TZ     the time zone (UTC)
    TEST_LANG   the locale (C)

pytest, the local AWS and the program share one clock, through a library that is preloaded into all
of them (clock.c). The local AWS always runs in UTC and C, as a server would. By hand:

    python3 tests/clock.py 2028-02-29T00:30:00Z sh tests/demo
"""

import ctypes
import datetime
import os
import subprocess
import sys
import tempfile
import time

TESTS = os.path.dirname(os.path.abspath(__file__))
DEFAULT = "2026-11-24T13:07:11Z"


def library():
    """The path of the library, which is built if it is older than its source."""
    source, out = os.path.join(TESTS, "clock.c"), os.path.join(TESTS, "..", "build", "clock.so")
    out = os.path.abspath(out)
    if not os.path.exists(out) or os.path.getmtime(out) < os.path.getmtime(source):
        os.makedirs(os.path.dirname(out), exist_ok=True)
        new = f"{out}.{os.getpid()}"
        subprocess.run([os.environ.get("CC", "cc"), "-std=gnu11", "-Wall", "-Wextra", "-O2", "-shared",
                        "-fPIC", "-o", new, source], check=True)
        os.rename(new, out)
    return out


def moment_ms(moment=None):
    """A moment in ms since the epoch; by default the one at which each test begins."""
    moment = moment or os.environ["TEST_CLOCK"]
    if moment == "real":
        return time.time_ns() // 10**6
    when = datetime.datetime.fromisoformat(moment)
    assert when.tzinfo, f"'{moment}' has no time zone; say {DEFAULT}"
    return round(when.timestamp() * 1000)


def locale(name):
    """Builds the locale "de_DE.UTF-8", which the machine may lack; returns the folder it is in."""
    folder = os.path.join(os.path.dirname(library()), "locale")
    if not os.path.exists(os.path.join(folder, name)):
        os.makedirs(folder, exist_ok=True)
        language, _, charmap = name.partition(".")
        new = os.path.join(folder, f"{name}.{os.getpid()}")
        # 1: there were warnings
        if subprocess.run(["localedef", "--no-archive", "-i", language, "-f", charmap, new]).returncode > 1:
            raise RuntimeError(f"localedef cannot make '{name}'")
        os.rename(new, os.path.join(folder, name))
    return folder


class Clock:
    """The wall clock of this process and of all processes that it starts."""

    def __init__(self):
        self.file = tempfile.NamedTemporaryFile(prefix="clock-", buffering=0)
        self.offset = 0
        self._write(0)
        os.environ["TEST_CLOCK_FILE"] = self.file.name
        # Workers of pytest-xdist inherit the clock of the process that started them.
        if ctypes.CDLL(library()).clock_open(self.file.name.encode()) != 0:
            raise RuntimeError(f"cannot open {self.file.name}")

    def _write(self, offset):
        self.file.seek(0)
        self.file.write(offset.to_bytes(8, sys.byteorder, signed=True))
        self.offset = offset

    def set(self, moment):
        """Sets the clock to "2028-02-29T00:30:00Z", say, or to the machine's with "real"."""
        machine = time.time_ns() - self.offset
        self._write(0 if moment == "real" else moment_ms(moment) * 10**6 - machine)

    def move(self, **delta):
        """Moves the clock by a timedelta's arguments: hours=13, days=-1."""
        self._write(self.offset + datetime.timedelta(**delta) // datetime.timedelta(microseconds=1) * 1000)


def environment():
    """The environment that a process must be started with."""
    env = {k: v for k, v in os.environ.items() if k != "LANGUAGE" and not k.startswith("LC_")}
    env["TZ"] = env.setdefault("TEST_TZ", "UTC")
    env["LC_ALL"] = env["LANG"] = env.setdefault("TEST_LANG", "C")
    if env["LANG"] not in ("C", "POSIX", "C.UTF-8"):
        env["LOCPATH"] = locale(env["LANG"])
    env.setdefault("TEST_CLOCK", DEFAULT)
    env["LD_PRELOAD"] = ":".join(filter(None, (library(), env.get("LD_PRELOAD"))))
    # AddressSanitizer insists on being the first library, which is not necessary before this one. A
    # finding of a sanitizer must not be mistaken for an exit status of the program.
    env.setdefault("ASAN_OPTIONS", "exitcode=99:detect_leaks=1:verify_asan_link_order=0")
    env.setdefault("UBSAN_OPTIONS", "exitcode=99:print_stacktrace=1")
    env.setdefault("TSAN_OPTIONS", "exitcode=99:halt_on_error=1")
    return env


def preloaded():
    return library() in os.environ.get("LD_PRELOAD", "").split(":")


def main():
    if len(sys.argv) < 3:
        sys.exit("usage: tests/clock.py MOMENT COMMAND...")
    if not preloaded():
        os.execve(sys.executable, [sys.executable, *sys.argv], environment())
    clock = Clock()
    clock.set(sys.argv[1])
    return subprocess.run(sys.argv[2:]).returncode


if __name__ == "__main__":
    sys.exit(main())
