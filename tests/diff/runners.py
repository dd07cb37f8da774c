# SPDX-License-Identifier: MIT
"""Generated cases for the runners of published test data.

The runners come from `make check`; BUILDDIR names the build tree (default: the
working directory, then the source tree). SEED repeats the cases of a failure,
CASES says how many.
"""

import json
import os
import pathlib
import random
import subprocess
import time

import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[2]


def find(name):
    tries = [os.environ.get("BUILDDIR"), os.getcwd(), SOURCE]
    for tree in filter(None, tries):
        path = pathlib.Path(tree, "tests/vectors", name)
        if os.access(path, os.X_OK) and path.is_file():
            return path
    pytest.skip(f"no tests/vectors/{name}: run make check, or set BUILDDIR")


def seeded():
    seed = int(os.environ.get("SEED") or time.time_ns() % 10**9)
    return seed, random.Random(seed)


def count(default):
    return int(os.environ.get("CASES") or default)


def run(tmp_path, seed, name, cases, *args):
    """Runs the cases; none may fail and none may be skipped."""
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(cases, indent=1))
    done = subprocess.run(
        [find(name), *args, path], capture_output=True, text=True, timeout=300
    )
    bad = [l for l in done.stdout.splitlines() if l.startswith(("FAILED", "skipped "))]
    assert done.returncode == 0 and not bad, (
        f"SEED={seed}, status {done.returncode}, {done.stderr}, {path}\n" + "\n".join(bad[:20])
    )
