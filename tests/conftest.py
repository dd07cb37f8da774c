"""For every test: its clock (clock.py says which)."""

import os
import sys

import pytest

import clock as clocks


def pytest_configure(config):
    if not clocks.preloaded():
        # A library is only taken in at the start, so this is the start again.
        config.pluginmanager.getplugin("capturemanager").stop_global_capturing()
        os.execve(sys.executable, sys.orig_argv, clocks.environment())
    config.clock = clocks.Clock()
    config.clock.set(os.environ["TEST_CLOCK"])


def pytest_report_header():
    return "clock {TEST_CLOCK}, TZ={TEST_TZ}, LANG={TEST_LANG}".format(**os.environ)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    item.config.clock.set(os.environ["TEST_CLOCK"])


@pytest.fixture
def clock(request):
    """clock.set("2028-02-29T00:30:00Z"), clock.move(hours=13): for the program and the local AWS."""
    return request.config.clock
