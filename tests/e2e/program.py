"""A run of the program under test, and its result."""

import json
import os
import re
import signal
import subprocess

import pytest

from schema import validate

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Result:
    """The result of a run: status, stdout and stderr as text, and the JSON in them, if any."""

    def __init__(self, args, status, stdout, stderr):
        self.args, self.status, self.stdout, self.stderr = args, status, stdout, stderr

    def __repr__(self):
        return (f"apigw-logs {' '.join(self.args)}\nstatus {self.status}\n"
                f"--- stdout\n{self.stdout}--- stderr\n{self.stderr}---")

    @property
    def json(self):
        """The one document on stdout, which is as its schema says."""
        document = json.loads(self.stdout)
        return validate(document, document["command"])

    @property
    def error(self):
        """The error document that --output json puts last on stderr."""
        at = self.stderr.rfind('{\n  "error"')
        assert at >= 0, self
        return validate(json.loads(self.stderr[at:]), "error")["error"]

    def refused(self, status, *words):
        """Asserts the status and that stderr is one clear sentence, and at most one hint, that has
        each of the words in it (any case)."""
        assert self.status == status, self
        lines = [line for line in self.stderr.splitlines() if not line.startswith("warning: ")]
        at = [i for i, line in enumerate(lines) if line.startswith("apigw-logs: ")]
        assert len(at) == 1, self
        sentence, hints = lines[at[0]], lines[at[0] + 1:]
        assert len(hints) <= 1 and all(h.startswith("  ") for h in hints), self
        assert not sentence.rstrip().endswith("."), self
        assert not re.search(r"<[?/a-zA-Z]|\(null\)|Traceback|Sanitizer", self.stderr), self
        for word in words:
            assert word.lower() in self.stderr.lower(), (word, self)
        return self


def program():
    path = os.environ.get("APIGW_LOGS") or os.path.join(TESTS, "..", "build", "src", "apigw-logs")
    assert os.access(path, os.X_OK), f"there is no program at {path}: build it, or set APIGW_LOGS"
    return os.path.abspath(path)


class Program:
    """run("setup-role", "-n", check=0): the program, to its end. start(): without waiting."""

    def __init__(self, aws, home):
        self.aws, self.home = aws, home

    def env(self, key=None, **more):
        env = self.aws.env(key, **{"HOME": str(self.home), **more})
        # None takes a variable away.
        return {k: v for k, v in env.items() if v is not None}

    def start(self, *args, env=None, key=None, **popen):
        popen.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.Popen([program(), *map(str, args)], env=self.env(key, **(env or {})),
                                cwd=self.home, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True, errors="surrogateescape", **popen)

    def __call__(self, *args, env=None, key=None, check=None, timeout=120, **popen):
        """check: the status that it must end with (True: 0); None: any but that of a crash."""
        process = self.start(*args, env=env, key=key, **popen)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGABRT)
            out, err = process.communicate()
            pytest.fail(f"apigw-logs {' '.join(map(str, args))} did not end in {timeout} s:\n{err}")
        result = Result([str(a) for a in args], process.returncode, out, err)
        assert process.returncode >= 0 and process.returncode != 99, result
        if check is not None:
            assert result.status == (0 if check is True else check), result
        return result
