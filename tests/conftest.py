"""For every test: its clock (see clock.py), samples, and whether all tests ran (see whole.py).

    TEST_SAMPLE  run this many of the tests in e2e/, drawn with TEST_SEED, and all that have to do
                 with times
    TEST_WHOLE   fail if a test was skipped or is missing
"""

import inspect
import os
import random
import re
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


# The words of tests that have to do with times. A sample at some hour would prove little without them.
TIMES = re.compile(r"yesterday|today|\bnow\b|settle|retention|expired|moment_ms|time\.time|gmtime|datetime")


def of_times(items, rng):
    """Those whose result depends on the hour, and a case of each other test that has to do with times."""
    cases = {}
    for item in items:
        if "within_the_hour" in item.fixturenames:
            yield item
        elif TIMES.search(inspect.getsource(item.function)):
            cases.setdefault(item.function, []).append(item)
    yield from map(rng.choice, cases.values())


def pytest_collection_modifyitems(config, items):
    """The same items in every worker, because the seed is in the environment; others at another hour."""
    pool = [item for item in items if sampled(item.nodeid)]
    if pool:
        rng = random.Random(" ".join(os.environ[n] for n in ("TEST_SEED", "TEST_CLOCK", "TEST_TZ", "TEST_LANG")))
        times = set(of_times(pool, rng))
        pool = [item for item in pool if item not in times]
        drop = rng.sample(pool, max(0, len(pool) - int(os.environ["TEST_SAMPLE"])))
        config.hook.pytest_deselected(items=drop)
        dropped = set(drop)
        items[:] = [item for item in items if item not in dropped]


def pytest_terminal_summary(terminalreporter):
    if os.environ.get("TEST_SAMPLE"):
        terminalreporter.write_line("a sample of {TEST_SAMPLE}, and what has to do with times, "
                                    "TEST_SEED={TEST_SEED}".format(**os.environ))


def pytest_report_header():
    return "clock {TEST_CLOCK}, TZ={TEST_TZ}, LANG={TEST_LANG}".format(**os.environ)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    item.config.clock.set(os.environ["TEST_CLOCK"])


@pytest.fixture
def clock(request):
    """clock.set("2028-02-29T00:30:00Z"), clock.move(hours=13), for the program and the local AWS."""
    return request.config.clock
