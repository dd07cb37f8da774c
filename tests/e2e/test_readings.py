"""A week of daily exports under each reading of AWS: nothing is lost, nothing counted twice, and no
window stops the others. See readings_helpers.py; read back with boto3 and gzip."""

import pytest

from archive_helpers import BUCKET, DAY, HOUR, date, make_bucket
from readings_helpers import (DAYS, GROUP, READINGS, W0, assert_archived_once, lay_down, mixed,
                              move_clock)

HELD = READINGS
EACH = pytest.mark.parametrize("window_by,to", HELD, ids=["-".join(r) for r in HELD])


@pytest.fixture
def week(aws, run):
    """week(window_by, to, events) lays the events down; week.day(n) is the export of the n-th day's
    evening, once it has settled."""
    aws.settings(pending_polls=0, running_polls=0, check_skew=False)
    make_bucket(aws)

    def day(n, *args, **more):
        move_clock(aws, W0 + (n + 1) * DAY + 13 * HOUR)
        return run("export", "--bucket", BUCKET, "--log-group", GROUP, "--from", date(W0),
                   "--to", date(W0 + (n + 1) * DAY), *args, **more)

    def begin(window_by, to, events):
        aws.settings(window_by=window_by, to=to)
        lay_down(aws, events)
        return begin
    begin.day = day
    return begin


@EACH
def test_a_week(aws, week, window_by, to):
    """What comes late comes within the settling time."""
    events = mixed(late=(1,))
    week(window_by, to, events)
    for n in range(DAYS):
        week.day(n, check=0)
    assert_archived_once(aws, events, window_by, to, W0, W0 + DAYS * DAY)
