"""Random weeks: random events, any reading of AWS, daily exports, and a SIGKILL in one of them.

Every event must be in the objects and counted once. `sh tests/weeks 1000` runs that many weeks. With
WEEKS_SEED=N, the seed that it prints and that a failure shows, the same weeks are repeated.
"""

import os
import random
import time

import pytest
from hypothesis import HealthCheck, Phase, given, note, seed, settings
from hypothesis import strategies as st

from archive_helpers import BUCKET, DAY, HOUR, date, make_bucket
from readings_helpers import (GROUP, READINGS, W0, Event, assert_archived_once, lay_down,
                              move_clock)

EXAMPLES = int(os.environ.get("WEEKS", 3))
SEED = int(os.environ.get("WEEKS_SEED", random.randrange(1 << 32)))
DAYS = 7
LATEST = 12 * HOUR                      # until when the export of a day sees late events

near = st.sampled_from([-1500, -2, -1, 0, 1, 2, 1500])
moments = st.one_of(
    st.builds(lambda d, ms: d * DAY + ms, st.integers(-1, DAYS), near),
    st.integers(-DAY, DAYS * DAY))
lateness = st.one_of(
    st.sampled_from([0, 1, 200, 1500, -1, -2 * HOUR]),
    st.integers(-2 * HOUR, LATEST), st.none())


@st.composite
def events(draw):
    """Messages are numbered, so two are equal only if the source holds them twice."""
    out = []
    for n in range(draw(st.integers(1, 40))):
        stamp, late = draw(moments), draw(lateness)
        # None: ingested exactly at the next midnight, if that is close enough
        until = -stamp % DAY
        ingested = stamp + (late if late is not None else until if until <= LATEST else 0)
        stream = draw(st.sampled_from(["a", "b/c", "b-c"]))
        text = draw(st.sampled_from(["{}", "{}\nand a line\n\nor two", "{}\r", "ü {} \x00"]))
        out += [Event(stream, W0 + stamp, text.format(n), W0 + ingested)] * draw(
            st.sampled_from([1, 1, 1, 2, 3]))
    return out


kills = st.tuples(st.integers(0, DAYS - 1), st.integers(0, 30), st.sampled_from(
    ["stall", "stall_after"]))


def kill_at(aws, start, skip, kind):
    """Starts the program and kills it while call number `skip` is unanswered, unless it ends earlier."""
    aws.faults({"action": "*", "kind": kind, "skip": skip})
    process = start()
    while process.poll() is None and not aws.faults()[0]["hits"]:
        time.sleep(0.005)
    process.kill()
    process.communicate()
    aws.clear_faults()


@pytest.mark.parametrize("window_by,to", READINGS, ids=["-".join(r) for r in READINGS])
def test_weeks(aws, run, window_by, to):
    print(f"WEEKS_SEED={SEED}")

    @seed(SEED)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, print_blob=False,
              phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck))
    @given(events(), kills)
    def one(week, kill):
        note(f"WEEKS_SEED={SEED}")
        aws.reset()
        aws.settings(pending_polls=0, running_polls=0, check_skew=False, window_by=window_by, to=to)
        make_bucket(aws)
        lay_down(aws, week)
        for n in range(DAYS):
            end = W0 + (n + 1) * DAY
            move_clock(aws, end + 13 * HOUR)
            command = ("export", "--bucket", BUCKET, "--log-group", GROUP, "--from", date(W0),
                       "--to", date(end))
            if n == kill[0]:
                kill_at(aws, lambda: run.start(*command), *kill[1:])
            run(*command, check=0)
        assert_archived_once(aws, week, window_by, to, W0, W0 + DAYS * DAY)
    one()
