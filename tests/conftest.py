"""For every test: its clock (see clock.py), samples, and whether all tests ran (see whole.py).

    TEST_SAMPLE  run this many of the tests in e2e/, drawn with TEST_SEED
    TEST_WHOLE   fail if a test was skipped or is missing
"""

import os
import random
import signal
import sys

import pytest

import clock as clocks
import whole

# If the tests are started in the background or with nohup, these signals may be ignored, and the
# program would inherit that.
for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, signal.default_int_handler)


def pytest_configure(config):
    if not clocks.preloaded():
        # A library is preloaded only when a process starts, so the process starts itself again.
        config.pluginmanager.getplugin("capturemanager").stop_global_capturing()
        os.environ.setdefault("TEST_SEED", str(random.randrange(10**6)))
        os.execve(sys.executable, sys.orig_argv, clocks.environment())
    config.clock = clocks.Clock()
    config.clock.set(os.environ["TEST_CLOCK"])
    if os.environ.get("TEST_WHOLE") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(whole.Whole(config, sampled))


def sampled(name):
    return bool(os.environ.get("TEST_SAMPLE")) and name.startswith("e2e/")


def pytest_collection_modifyitems(config, items):
    """The same items in every worker, because the seed is in the environment; others at another hour."""
    pool = [item for item in items if sampled(item.nodeid)]
    if pool:
        rng = random.Random(" ".join(os.environ[n] for n in ("TEST_SEED", "TEST_CLOCK", "TEST_TZ", "TEST_LANG")))
        keep = set(rng.sample(range(len(pool)), min(len(pool), int(os.environ["TEST_SAMPLE"]))))
        drop = [item for i, item in enumerate(pool) if i not in keep]
        config.hook.pytest_deselected(items=drop)
        items[:] = [item for item in items if item not in drop]


def pytest_terminal_summary(terminalreporter):
    if os.environ.get("TEST_SAMPLE"):
        terminalreporter.write_line("a sample of {TEST_SAMPLE}, TEST_SEED={TEST_SEED}".format(**os.environ))


def pytest_report_header():
    return "clock {TEST_CLOCK}, TZ={TEST_TZ}, LANG={TEST_LANG}".format(**os.environ)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    item.config.clock.set(os.environ["TEST_CLOCK"])


@pytest.fixture
def clock(request):
    """clock.set("2028-02-29T00:30:00Z"), clock.move(hours=13), for the program and the local AWS."""
    return request.config.clock
