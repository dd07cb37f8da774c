# SPDX-License-Identifier: MIT
"""Requests signed by this program and by botocore, stage by stage.

The cases are those of tests/vectors/make_sigv4_cases.py, with other seeds. Where
botocore's signer and AWS's own suite differ, no case is made: a Date header,
presigned requests with a body or a repeated parameter.
"""

import shutil
import subprocess
import sys

import pytest
import runners

sys.path.insert(0, str(runners.SOURCE / "tests/vectors"))

import make_sigv4_cases  # noqa: E402  (needs the path above)


@pytest.mark.parametrize("kind", make_sigv4_cases.KINDS)
def test_sigv4(tmp_path, kind):
    seed, rng = runners.seeded()
    cases = runners.count(1000)
    for i in range(cases):
        make_sigv4_cases.write(tmp_path / str(i), make_sigv4_cases.random_case(rng, kind))
    done = subprocess.run([runners.find("sigv4"), tmp_path], capture_output=True, text=True,
                          timeout=300)
    bad = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "skipped "))]
    assert done.returncode == 0 and not bad, f"SEED={seed}, {tmp_path}\n" + "\n".join(bad[:20])
    assert done.stdout.endswith(f"{cases} passed, 0 failed, 0 skipped\n")
    shutil.rmtree(tmp_path)  # thousands of files
