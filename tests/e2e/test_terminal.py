"""The program on a terminal: colours, hostile names, progress, tables; and signals."""

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile

import pytest

from archive_helpers import BUCKET, day, make_bucket, plain as some_events, put, tasks
from export_helpers import wait_for
from program import program
from setup_helpers import make_role, set_account_role
from terminal import Terminal, on_terminal, plain, until

WHOAMI = ("doctor",)
ESC = "\x1b"


# ---- terminals ----------------------------------------------------------------------------------

def test_colours(aws, run, rest_api):
    """On a terminal only, never with NO_COLOR, always if asked to."""
    rest_api()
    bad, args = ("bogus",), ("--color=auto", "bogus")
    red = f"{ESC}[31mapigw-logs:{ESC}[m there is"
    assert red in on_terminal(run, *bad).text
    assert red in on_terminal(run, *args).text
    assert red in run("--color", "always", *bad).stderr
    assert red in run("--color", "always", *bad, env={"NO_COLOR": "1"}).stderr
    assert ESC not in run(*bad).stderr
    for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        t = on_terminal(run, *args, env=env)
        assert ESC not in t.text and "there is no command" in t.text, env
        assert t.status == 2
    assert ESC not in on_terminal(run, "--color", "never", *bad).text
    assert red in on_terminal(run, *bad, env={"NO_COLOR": ""}).text     # empty is not set
    assert ESC not in on_terminal(run, "--output", "json", *bad).text
    coloured = ("enable-logging", "--api", "petstore", "--level", "INFO", "--dry-run")
    r = run(*coloured)
    assert ESC not in r.stdout
    on = run(*coloured, "--color", "always")
    assert plain(on.stdout) == r.stdout and on.status == r.status


HOSTILE = "pet\x1b]0;pwned\x07\x1b[2J\u009b31m\u202e store"


def test_a_hostile_name_cannot_drive_a_terminal(aws, run, rest_api):
    """Whoever can name an API must not control the operator's terminal: neither through the list of
    changes nor the closing sentence nor JSON."""
    api = rest_api(HOSTILE)
    set_account_role(aws, make_role(aws, "logs"))
    for args in (("--level", "INFO", "-n"), ("--level", "INFO"), ("--level", "INFO")):
        t = on_terminal(run, "enable-logging", "--api", api, *args, "--color", "never")
        assert t.status == 0 and "pet\\x1B]0;pwned\\x07" in t.text, t.text
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]", t.text), t.text
    t = on_terminal(run, "--output", "json", "enable-logging", "--api", api, "--level", "INFO")
    assert t.text.isascii() and ESC not in t.text
    assert json.loads(t.text)["stages"][0]["api_name"] == HOSTILE
    # a file gets the name as it is
    r = run("--output", "json", "enable-logging", "--api", api, "--level", "INFO", check=0)
    assert r.json["stages"][0]["api_name"] == HOSTILE and "\u202e" in r.stdout


@pytest.fixture
def slow(aws, run):
    """An export that waits for its task indefinitely."""
    aws.settings(pending_polls=1000000, running_polls=0)
    make_bucket(aws)
    put(aws, "/g", some_events())
    aws.clear_requests()
    return ("export", "--bucket", BUCKET, "--log-group", "/g", "--from", day(0), "--to", day(1))


def test_progress(aws, run, slow):
    """A line that is rewritten in place, on a terminal only, and cleared at the end."""
    with Terminal(run, *slow) as t:
        t.expect("PENDING")
        aws.settings(pending_polls=0)
        t.process.send_signal(signal.SIGINT)
    assert t.status == 130
    assert re.search(r"\x1b\[\?7l\[1/1\] " + day(0)[5:] + r" /g  PENDING", t.text), t.text
    last = t.text.rindex("PENDING")
    cleared = t.text.index(f"\r{ESC}[K", last)
    assert cleared < t.text.index("apigw-logs", last)


def test_progress_counts_and_estimates(aws, run, slow, clock):
    """Which window of how many, how long it takes already, how long all of it may; in 79 columns."""
    long = "/aws/" + "e" * 200 + "/prod"
    put(aws, long, some_events(days=3))
    with Terminal(run, *slow[:4], long, "--from", day(0), "--to", day(3), "--no-source") as t:
        t.expect("[1/3]")
        clock.move(minutes=90)
        aws.settings(pending_polls=0)
        t.expect("[2/3]")
        # the second may have ended before this is set
        aws.settings(pending_polls=10**6)
        clock.move(minutes=4, seconds=12)
        t.expect("PENDING 4m")
        t.process.send_signal(signal.SIGINT)
    lines = [m[1] for m in re.finditer(r"\x1b\[\?7l([^\x1b]*)\x1b", t.text)]
    assert all(len(line) <= 79 for line in lines), lines
    assert any("…" in line and re.search(r"e/prod  PENDING 4m\d+s  ~(3h|\d+m) left$", line) for line in lines), lines


def test_progress_off_a_terminal(aws, run, slow, clock):
    """A line a minute while it waits, and none in a run that is short, quiet, or prints JSON."""
    def wait(*more):
        before = len(aws.requests("logs:DescribeExportTasks"))
        p = run.start(*slow, *more)
        wait_for(lambda: len(aws.requests("logs:DescribeExportTasks")) > before + 5)
        clock.move(minutes=2)
        seen = len(aws.requests("logs:DescribeExportTasks"))
        wait_for(lambda: len(aws.requests("logs:DescribeExportTasks")) > seen + 1)
        p.send_signal(signal.SIGINT)
        return p.communicate(timeout=20)[1]
    said = wait()
    assert len(re.findall(rf"^\[1/1\] {day(0)}  /g: .*PENDING.* 2m", said, re.M)) == 1, said
    assert "[1/1]" not in wait("-q") + wait("--output", "json")


@pytest.mark.parametrize("how", [("--no-progress",), ("--quiet",), ("-q", "--output", "json"),
                                 "dumb", "pipe"], ids=str)
def test_no_progress(aws, run, slow, how):
    aws.settings(pending_polls=1)
    if how == "pipe":
        r = run(*slow, check=0)
        assert "PENDING" not in r.stderr and ESC not in r.stderr + r.stdout
        return
    more = {"env": {"TERM": "dumb"}} if how == "dumb" else {}
    with open(os.devnull, "w") as null:
        t = on_terminal(run, *slow, *(how if how != "dumb" else ()), stdout=null, **more)
    assert t.status == 0
    assert "PENDING" not in t.text and f"{ESC}[K" not in t.text, t.text
    if how[0] in ("--quiet", "-q"):
        assert not t.text


def test_tables_fit_the_terminal(run):
    for columns in (40, 60):
        t = on_terminal(run, *WHOAMI, columns=columns)
        assert t.status == 0
        lines = plain(t.text).rstrip("\n").split("\n")
        assert len(lines) >= 5 and max(map(len, lines)) <= columns, t.text


LONG = "a-rather-long-name-of-an-api-that-somebody-thought-of"


def test_tables_at_80_columns(aws, run, rest_api):
    """Aligned, with the whole of every value, on a terminal and where COLUMNS says so; in one line
    each where the output goes elsewhere."""
    rest_api(LONG)
    set_account_role(aws, make_role(aws, "logs"))
    group = "/aws/apigateway/" + "/".join(["a-long-name-of-a-group"] * 4)
    for args in (("enable-logging", "--api", LONG, "--level", "INFO", f"--access-log={group}", "-n"),
                 ("setup-bucket", "--bucket", BUCKET, "-n")):
        full = run(*args, check=0).stdout
        for r in (on_terminal(run, *args), on_terminal(run, *args, columns=40, env={"COLUMNS": "80"}),
                  run(*args, env={"COLUMNS": "80"}, check=0)):
            text = plain(r.text if hasattr(r, "text") else r.stdout).replace("\r", "")
            lines = text.splitlines()
            assert max(map(len, lines)) <= 80, text
            assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", full)
            # what is changed begins in one column, and what it becomes in another
            rows = [re.match(r"  [+~-]  (\S.*?)  +(?=\S)", line) for line in lines]
            assert len({m.end() for m in rows if m}) == 1, text
            at = next(m.end() for m in rows if m)
            more = [line for line in lines if line.startswith("    ")]
            assert all(len(line) - len(line.lstrip()) in (4, at) for line in more), text
        assert max(map(len, full.splitlines())) > 80
    # narrower: the widest column is shortened in the middle, the last one still wrapped
    text = run("setup-bucket", "--bucket", BUCKET, "-n", env={"COLUMNS": "60"}, check=0).stdout
    assert max(map(len, text.splitlines())) <= 60 and re.search(r"  policy stat\w*\.\.\.\w+  ", text), text


def test_windows_at_80_columns(aws, run):
    """Rows of one width under the name of their group, for days and for parts of them."""
    make_bucket(aws)
    group = "/" + "g" * 300
    put(aws, group, some_events())
    seen = {}
    for command, *args in (("export", "--window", "6h"), ("verify", "--source", "-v"), ("export", "-n")):
        r = run(command, "--bucket", BUCKET, "--log-group", group, "--from", day(0), "--to", day(2),
                *args, env={"COLUMNS": "80"}, check=0)
        lines = seen[command, args[0]] = r.stdout.splitlines()
        assert max(map(len, lines)) <= 80 and group in re.sub(r"\n +", "", r.stdout), r
        rows = [re.match(r"  (\w+) +(\d{4}-\d\d-\d\d \d\d:00-\d\d:00)(  \S|$)", line)
                for line in lines if day(0) in line or day(1) in line][1:]
        assert len(rows) == (1 if "-n" in args else 8) and all(rows), r
        assert len({(row.start(2), row.end(2)) for row in rows}) == 1, r
    assert any("and 7 more windows" in line for line in seen["export", "-n"])


# ---- signals ------------------------------------------------------------------------------------

def finish(process, number):
    process.send_signal(number)
    out, err = process.communicate(timeout=10)
    assert process.returncode == 128 + number, (process.returncode, err)
    assert "interrupted" in err
    assert "Sanitizer" not in err
    return out, err


each_signal = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])


@each_signal
def test_signal_while_waiting_for_a_task(aws, run, slow, number):
    p = run.start(*slow)
    until(lambda: aws.requests("logs:CreateExportTask"))
    seen = len(aws.requests())
    until(lambda: len(aws.requests()) > seen + 1)
    _, err = finish(p, number)
    before = tasks(aws)
    assert f"export task {before[0]['taskId']} continues in AWS; the same command resumes it" in err
    aws.settings(pending_polls=0)
    run(*slow, check=0)                         # continues with the same task
    assert [t["taskId"] for t in tasks(aws)] == [t["taskId"] for t in before] != []


@each_signal
def test_signal_while_waiting_for_a_reply(aws, run, number):
    aws.faults({"action": "sts:*", "kind": "stall", "count": 9})
    p = run.start(*WHOAMI)
    until(lambda: aws.faults()[0]["hits"])
    finish(p, number)


@each_signal
def test_signal_between_attempts(aws, run, number):
    aws.faults({"action": "sts:*", "kind": "throttle", "retry_after": 60, "count": 9})
    p = run.start(*WHOAMI)
    until(lambda: aws.requests("sts"))
    finish(p, number)
    assert len(aws.requests("sts")) == 1


@pytest.mark.parametrize("number, output", [
    (signal.SIGINT, ""), (signal.SIGTERM, ""),
    (signal.SIGINT, ">&-"),                     # nothing more to read: wait for its end
])
def test_signal_during_a_credential_process(aws, run, number, output):
    (run.home / "config").write_text(
        f"[profile p]\nregion = eu-west-1\ncredential_process = touch began; exec sleep 600 {output}\n")
    p = run.start("--profile", "p", *WHOAMI, env={"AWS_CONFIG_FILE": str(run.home / "config")})
    until(lambda: (run.home / "began").exists())
    finish(p, number)


def test_ignored_signals_stay_ignored(aws, run):
    """As a shell script starts background jobs."""
    aws.faults({"action": "sts:*", "kind": "stall", "count": 9})
    p = run.start(*WHOAMI, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    until(lambda: aws.faults()[0]["hits"])
    p.send_signal(signal.SIGINT)
    finish(p, signal.SIGTERM)                   # 143, not 130: the first one did nothing


def test_no_core_file(aws, run):
    """It would hold the secret key."""
    unlimited = resource.getrlimit(resource.RLIMIT_CORE)[1]
    aws.faults({"action": "sts:*", "kind": "stall", "count": 9})
    p = run.start(*WHOAMI, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE,
                                                                  (unlimited, unlimited)))
    until(lambda: aws.faults()[0]["hits"])
    assert resource.prlimit(p.pid, resource.RLIMIT_CORE) == (0, 0)
    finish(p, signal.SIGTERM)


def test_memory_cannot_be_read(aws, run):
    """Nor where a program collects core files: the kernel gives the files in /proc of a process that cannot
    be dumped to root."""
    copy = shutil.copy(program(), tempfile.mkdtemp())
    os.chmod(os.path.dirname(copy), 0o755)

    def as_user():
        if os.getuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
    aws.faults({"action": "sts:*", "kind": "stall", "count": 9})
    p = subprocess.Popen([copy, *WHOAMI], env=run.env(HOME="/", LD_PRELOAD=None, AWS_CONFIG_FILE=os.devnull,
                                                      AWS_SHARED_CREDENTIALS_FILE=os.devnull),
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=as_user)
    until(lambda: aws.faults()[0]["hits"])
    assert os.stat(f"/proc/{p.pid}/mem").st_uid == 0 != os.stat(f"/proc/{p.pid}").st_uid
    finish(p, signal.SIGTERM)
    shutil.rmtree(os.path.dirname(copy))


def test_signal_as_json(aws, run):
    aws.faults({"action": "sts:*", "kind": "stall", "count": 9})
    p = run.start(*WHOAMI, "--output", "json")
    until(lambda: aws.faults()[0]["hits"])
    _, err = finish(p, signal.SIGTERM)
    assert json.loads(err)["error"]["kind"] == "interrupted"


def test_control_c(aws, run):
    """As the terminal sends it."""
    aws.faults({"action": "sts:*", "kind": "stall", "count": 9})
    with Terminal(run, *WHOAMI) as t:
        until(lambda: aws.faults()[0]["hits"])
        t.type("\x03")
    assert t.status == 130 and "interrupted" in t.text
