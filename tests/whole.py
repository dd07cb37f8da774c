"""Checks that a run was complete: each test function in the files ran and passed, and none was skipped.

conftest.py loads this if TEST_WHOLE is set, as tests/all does. The functions that must run are read
from the files themselves, so a test that pytest does not collect, or that another one of the same name
hides, is noticed.
"""

import ast
import collections
import pathlib

TESTS = pathlib.Path(__file__).resolve().parent
# Reasons for which a test may be skipped.
ALLOWED = {"no network namespaces here"}


def functions(path):
    tree = ast.parse(path.read_text())
    return [n.name for n in ast.walk(tree)
            if isinstance(n, ast.FunctionDef) and n.name.startswith("test_")]


class Whole:
    def __init__(self, config, sampled):
        files = [f for arg in config.args for top in [pathlib.Path(arg.split("::")[0]).resolve()]
                 for f in ([top] if top.is_file() else sorted(top.rglob("test_*.py")))]
        self.problems = []
        self.wanted = set()
        for file in files:
            names = functions(file)
            name = str(file.relative_to(TESTS))
            for double in [n for n, k in collections.Counter(names).items() if k > 1]:
                self.problems.append(f"{name} has {double} twice")
            if not sampled(name):
                self.wanted.update((name, n) for n in names)
        self.passed = set()

    def pytest_runtest_logreport(self, report):
        file, _, name = report.nodeid.partition("[")[0].partition("::")
        name = name.rpartition("::")[2]
        if hasattr(report, "wasxfail"):
            self.problems.append(f"{report.nodeid} is expected to fail")
        elif report.skipped:
            reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
            if reason.removeprefix("Skipped: ") in ALLOWED:
                self.passed.add((file, name))
            else:
                self.problems.append(f"{report.nodeid} was skipped: {reason}")
        elif report.when == "call" and report.passed:
            self.passed.add((file, name))

    def pytest_sessionfinish(self, session):
        missed = sorted(self.wanted - self.passed)
        self.problems += [f"{f}: {n} did not run, or did not pass" for f, n in missed]
        if self.problems and session.exitstatus == 0:
            session.exitstatus = 1

    def pytest_terminal_summary(self, terminalreporter):
        for problem in self.problems:
            terminalreporter.write_line(f"not whole: {problem}")
