"""The command line as a user meets it: mistakes, help, streams."""

import json
import os
import re
import subprocess

import pytest

from archive_helpers import BUCKET, day, plain as some_events, put
from conftest import program

COMMANDS = ["setup-role", "setup-bucket", "enable-logging", "export", "verify", "doctor"]
WHOAMI = ("doctor",)


# ---- mistakes -----------------------------------------------------------------------------------

@pytest.mark.parametrize("args, words", [
    (("-n",), ["no command"]),
    (("--",), ["no command"]),
    (("exprt",), ["no command 'exprt'", "did you mean 'export'?"]),
    (("Verify",), ["'Verify'", "did you mean 'verify'?"]),
    (("versoin",), ["did you mean 'version'?"]),
    (("hlep",), ["did you mean 'help'?"]),
    (("frobnicate",), ["'frobnicate'", "--help"]),
    (("",), ["no command ''"]),
    (("-",), ["no command '-'"]),
    (("--regoin", "x", "doctor"), ["'--regoin'", "did you mean '--region'?"]),
    (("verify", "--suorce"), ["'--suorce'", "did you mean '--source'?"]),
    (("export", "--buckte", "x"), ["'--buckte'", "did you mean '--bucket'?"]),
    (("doctor", "--from", "x"), ["no option '--from'"]),
    (("doctor", "-x"), ["no option '-x'"]),
    (("doctor", "-qx"), ["no option '-x'"]),
    (("doctor", "-é"), ["no option '-é'"]),
    (("doctor", "-?"), ["no option '-?'", "'apigw-logs help doctor' lists the options"]),
    (("doctor", "--=x"), ["no option '--'"]),
    (("doctor", "--re", "x"), ["'--re'", "'--region'", "'--read-timeout'"]),
    (("doctor", "x"), ["unexpected argument 'x'"]),
    (("version", "x"), ["unexpected argument 'x'"]),
    (("setup-bucket", "acme"), ["unexpected argument 'acme'", "'apigw-logs help setup-bucket'"]),
    (("setup-bucket", "--bucket", "s3://acme"), ["'s3://acme'", "the name alone"]),
    (("setup-bucket", "--bucket", "arn:aws:s3:::acme/x"), ["the name alone", "'arn:aws:s3:::'"]),
    (("doctor", ""), ["unexpected argument ''"]),
    (("doctor", "--", "--quiet"), ["unexpected argument '--quiet'"]),
    (("doctor", "--quiet", "help"), ["unexpected argument 'help'"]),
    (("export", "help", "x"), ["unexpected argument 'x'"]),
    (("help", "exprt"), ["no command 'exprt'", "did you mean 'export'?"]),
    (("help", "export", "x"), ["unexpected argument 'x'"]),
    (("enable-logging", "--access-log", "/g"), ["unexpected argument '/g'", "--access-log=GROUP"]),
    (("--region", "a", "doctor", "--region", "b"), ["'--region' is given twice", "'a' and 'b'"]),
    (("export", "--bucket", "abc", "--bucket", "abc"), ["'--bucket' is given twice"]),
    (("export",), ["missing: --bucket and which logs", "--all-apis", "--log-group"]),
    (("verify", "--bucket", "abc"), ["missing: which logs", "--from or --all"]),
    (("setup-bucket",), ["missing: --bucket"]),
    (("enable-logging",), ["missing: which APIs", "what to log"]),
    (("doctor", "--dry-run=yes"), ["'--dry-run' takes no value"]),
    (("--quiet=1", "doctor"), ["'--quiet' takes no value"]),
    (("doctor", "--region"), ["'--region' needs a value"]),
    (("--profile",), ["'--profile' needs a value"]),
    (("export", "--bucket"), ["'--bucket' needs a value"]),
    (("export", "--api", ""), ["'--api' is empty", "variable"]),
    (("verify", "--log-group="), ["'--log-group' is empty"]),
    (("verify", "--bucket", "abc", "--all", "--log-group",
      "arn:aws:logs:eu-west-1:123456789012:log-group:/my/group:*"), ["not the ARN", "'/my/group'"]),
    (("export", "--prefix", "_ledger"), ["--prefix", "'_ledger'"]),
    (("export", "--prefix", "a/../b"), ["--prefix", "'..'"]),
    (("--output", "jsn", "doctor"), ["--output", "'jsn'", "did you mean 'json'?"]),
    (("--output", "yaml", "doctor"), ["--output", "'yaml'"]),
    (("--color", "alway", "doctor"), ["--color", "did you mean 'always'?"]),
    (("--max-attempts", "0", "doctor"), ["--max-attempts", "1 to 100", "'0'"]),
    (("--max-attempts", "1e3", "doctor"), ["--max-attempts", "'1e3'"]),
    (("--max-attempts", "99999999999999999999", "doctor"), ["--max-attempts"]),
    (("--connect-timeout", "0", "doctor"), ["--connect-timeout", "1 to 86400"]),
    (("--read-timeout", "-1", "doctor"), ["--read-timeout", "'-1'"]),
    (("--read-timeout", " 1", "doctor"), ["--read-timeout"]),
    (("--region", "eu west", "doctor"), ["--region", "'eu west'", "eu-west-1"]),
    (("--region", "x/../y", "doctor"), ["--region"]),
    (("--endpoint-url", "nonsense", "doctor"), ["--endpoint-url", "'nonsense'"]),
    (("--profile", "nobody", "doctor"), ["nobody", "--profile"]),
], ids=lambda v: " ".join(v) if isinstance(v, tuple) else "")
def test_mistakes(aws, run, args, words):
    """One sentence, at most one hint, status 2, and no request; the same as JSON, wherever --output
    is given."""
    r = run(*args).refused(2, *words)
    assert not r.stdout and not aws.requests()
    places = [("--output", "json", *args), ("--out=json", *args)]
    # an option without its value would take the next word as its value
    if "--" not in args and "needs a value" not in words[0]:
        places += [(*args, "--output=json"), (*args, "-q", "--output", "json")]
    for with_json in places if "--output" not in args else ():
        r = run(*with_json)
        assert r.status == 2 and not r.stdout
        error = json.loads(r.stderr)["error"]
        assert error["kind"] == "usage", r
        assert words[0].lower() in f"{error['message']} {error.get('hint')}".lower(), r


def test_json_for_a_missing_value(run):
    r = run("--output", "json", "doctor", "--region")
    assert r.status == 2 and "--region" in json.loads(r.stderr)["error"]["message"]
    r = run("doctor", "--bogus", "--", "--output", "json")
    r.refused(2, "--bogus")


@pytest.mark.parametrize("word", [b"\xff", b"caf\xe9", b"\xed\xa0\x80", b"a\x1b[2Jb", b"\xc2\x9b2J",
                                  b"\x9b2J", b"\xf4\x90\x80\x80", b"\xc0\x80", b"\xe2\x82"])
def test_bytes_that_are_no_text(run, word):
    """No raw control characters reach a terminal, and JSON stays JSON."""
    for args in ((word,), ("doctor", b"--" + word), ("doctor", word)):
        r = subprocess.run([program(), *args], env=run.env(), capture_output=True)
        assert r.returncode == 2
        text = r.stderr.decode()                # strict
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", text), text
        r = subprocess.run([program(), "--output", "json", *args], env=run.env(),
                           capture_output=True)
        assert r.returncode == 2
        assert json.loads(r.stderr.decode())["error"]["kind"] == "usage", r.stderr


def test_what_no_prefix_may_contain(run):
    """A policy would take it for a wildcard, a shell for more than text; and what is beyond ASCII is refused
    whether char is signed or not."""
    for bad in (b"\xff", "é".encode(), b"\x80", b"\x7f", b"\x01", *(bytes([c]) for c in b" *?\"\\<>{}^`$%#")):
        r = subprocess.run([program(), "export", "--prefix", b"logs" + bad], env=run.env(), capture_output=True)
        assert r.returncode == 2 and b"not allowed in keys" in r.stderr, (bad, r)


def test_good_text_is_left_alone(run):
    run("doctor", "naïve 漢字 😀").refused(2, "unexpected argument 'naïve 漢字 😀'")


def test_options_before_and_after(aws, run):
    """Options before and after the command, abbreviated, and short ones combined."""
    for args in (("--region", "eu-north-1", "--output", "json", *WHOAMI),
                 (*WHOAMI, "--region", "eu-north-1", "--output", "json"),
                 ("--region=eu-north-1", "doctor", "--output=json"),
                 ("--reg", "eu-north-1", "doctor", "-qv", "--ou=json"),
                 ("--output", "json", "--", *WHOAMI, "--region", "eu-north-1"),
                 ("--output", "json", *WHOAMI, "--region", "eu-north-1", "--")):
        r = run(*args, check=0)
        assert (r.json["region"], r.json["region_source"]) == ("eu-north-1", "--region"), args
    assert {q["region"] for q in aws.requests("sts")} == {"eu-north-1"}


def test_an_empty_value_is_none(run):
    r = run("--region=", *WHOAMI, "--output", "json", check=0)
    assert r.json["region_source"] == "AWS_REGION"


def hint_of(r):
    return r.stderr.splitlines()[-1].strip()


def test_a_hint_can_be_pasted(aws, run, rest_api):
    """A command in a hint has the user's own options, and fixes the problem."""
    keys = run.env()
    (run.home / "config").write_text(
        "[profile \"it's mine\"]\nregion = eu-west-1\n"
        f"aws_access_key_id = {keys['AWS_ACCESS_KEY_ID']}\n"
        f"aws_secret_access_key = {keys['AWS_SECRET_ACCESS_KEY']}\n")
    env = {"AWS_CONFIG_FILE": str(run.home / "config"), "AWS_REGION": None,
           "AWS_DEFAULT_REGION": None}
    mine = ("--profile", "it's mine", "--region", "eu-west-1")
    rest_api("petstore")
    export = ("export", "-v", "--bucket", BUCKET, "--prefix", "other/p", "--api", "petstore",
              "--from", day(0), "--to", day(1))

    def paste(r, text):
        hint = hint_of(r)
        assert text in hint, r
        line = hint[hint.index("apigw-logs "):].split(" ", 1)[1]
        r = subprocess.run(f"{program()} {line}", shell=True, env=run.env(**env), cwd=run.home,
                           capture_output=True, text=True)
        assert r.returncode == 0, (line, r)
    paste(run(*mine, *export, env=env).refused(3, "does not exist"),
          f"apigw-logs setup-bucket --profile 'it'\\''s mine' --region eu-west-1 --prefix other/p "
          f"--bucket {BUCKET}")
    run(*mine, *export, env=env, check=0)
    logging = ("enable-logging", "--api", "petstore", "--level", "INFO")
    paste(run(*logging, *mine, env=env).refused(3, "no role"),
          "apigw-logs setup-role --profile 'it'\\''s mine' --region eu-west-1")
    run(*mine, *logging, env=env, check=0)
    # verify proposes the same export
    put(aws, "/g", some_events())
    verify = ("verify", "--bucket", BUCKET, "--prefix", "other/p", "--log-group", "/g",
              "--from", day(0), "--to", day(1))
    paste(run(*verify, *mine, "--jobs", "1", env=env).refused(1),
          f"apigw-logs export --bucket {BUCKET} --prefix other/p --log-group /g "
          f"--from {day(0)} --to {day(1)} "
          "--profile")
    run(*verify, *mine, env=env, check=0)


# ---- help and version ---------------------------------------------------------------------------

def text_of_help(run, *args):
    r = run(*args, check=0)
    assert not r.stderr and max(map(len, r.stdout.splitlines())) <= 80, r
    return r.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command(run, command):
    """In all the ways that git and gh offer: its own options first, examples, the most important others."""
    text = text_of_help(run, command, "--help")
    for args in ((command, "-h"), ("--help", command), ("help", command), (command, "help"),
                 ("-q", "--output", "json", command, "--help")):
        assert text_of_help(run, *args) == text, args
    assert text.startswith(f"Usage: apigw-logs {command} ")
    at = [text.index(part) for part in ("Examples:\n  apigw-logs ", "Common options", "--region")]
    assert at == sorted(at) and len(re.findall(r"^  apigw-logs ", text, re.M)) == 2
    assert "--use-fips" not in text and "help options" in text
    assert "--use-fips" in text_of_help(run, command, "--help", "--verbose")
    # without HOME, a region or credentials, and with other options
    r = subprocess.run([program(), command, "--dry-run", "--help"], env={}, capture_output=True)
    assert r.returncode == 0 and not r.stderr
    # a mistake is still reported
    run(command, "--help", "--bogus").refused(2, "--bogus")


def test_help(run):
    text = text_of_help(run)
    for args in (("help",), ("--help",), ("-h",), ("help", "help"), ("-n", "--help")):
        assert text_of_help(run, *args) == text, args
    assert [c for c in COMMANDS if f"\n  {c} " not in text] == []
    everything = text_of_help(run, "help", "options")
    assert "--use-fips" in everything and "--use-fips" not in text
    assert everything in text_of_help(run, "-hv")
    run("--help", "--bogus").refused(2, "--bogus")


def test_quiet(aws, run, rest_api):
    """With -q a command prints nothing but what went wrong, on standard error."""
    rest_api("petstore")
    some = ("--bucket", BUCKET, "--api", "petstore")
    for args in (("setup-role",), ("setup-bucket", "--bucket", BUCKET), ("doctor",),
                 ("enable-logging", "--api", "petstore", "--level", "INFO", "--access-log"),
                 ("export", *some, "--from", day(0), "--to", day(2)),
                 ("verify", *some, "--from", day(0), "--to", day(2)), ("doctor", *some)):
        for more in (("-n",), (), ()):
            r = run(*args, *more, "-q", check=0)
            assert not r.stdout and not r.stderr, r
        assert run(*args, "-q", "--output", "json", check=0).json["schema_version"]
    # what went wrong, and not a word about what did not
    put(aws, "/g", some_events())
    r = run("verify", "--bucket", BUCKET, "--log-group", "/g", "-q", "--from", day(0), "--to", day(2))
    r.refused(1, "not_exported", "/g", "apigw-logs export")
    assert not r.stdout and len(r.stderr.splitlines()) == 3, r


def test_version(run):
    r = run("--version", check=0)
    assert re.match(r"apigw-logs \d+\.\d+", r.stdout) and not r.stderr
    for args in (("-V",), ("doctor", "--version"), ("--vers",), ("version",)):
        assert run(*args, check=0).stdout == r.stdout


def test_full_device(aws, run):
    """A result that could not be written is a failure."""
    for args in ([], *[[c] for c in COMMANDS]):
        for what in ("--help", "--version"):
            with open("/dev/full", "w") as full:
                r = subprocess.run([program(), *args, what], env=run.env(), stdout=full,
                                   stderr=subprocess.PIPE, text=True)
            assert r.returncode == 6, args
            assert r.stderr == ("apigw-logs: cannot write to standard output: "
                                "No space left on device\n")
    with open("/dev/full", "w") as full:
        r = subprocess.run([program(), *WHOAMI, "--output", "json"], env=run.env(), stdout=full,
                           stderr=subprocess.PIPE, text=True)
    assert r.returncode == 6
    assert "No space" in json.loads(r.stderr)["error"]["message"]
    # what went wrong first counts
    with open("/dev/full", "w") as full:
        r = subprocess.run([program(), "bogus"], env=run.env(), stdout=full,
                           stderr=subprocess.PIPE, text=True)
    assert r.returncode == 2


# ---- streams ------------------------------------------------------------------------------------

def test_a_reader_that_leaves(run):
    """`| head -1` is not a mistake: nothing is printed, but it is not a success either."""
    read, write = os.pipe()
    os.close(read)
    for args in (["--help"], ["--version"], WHOAMI):
        r = subprocess.run([program(), *args], env=run.env(), stdout=write,
                           stderr=subprocess.PIPE)
        assert (r.returncode, r.stderr) == (6, b""), args
    # with stderr gone as well, the status remains
    r = subprocess.run([program(), "bogus"], env=run.env(), stdout=write, stderr=write)
    assert r.returncode == 2
    os.close(write)


def closed(run, fds, *args, **env):
    def close():
        for fd in fds:
            os.close(fd)
    return subprocess.run([program(), *args], env=run.env(**env), cwd=run.home, preexec_fn=close,
                          stdin=subprocess.DEVNULL, stdout=None if 1 in fds else subprocess.PIPE,
                          stderr=None if 2 in fds else subprocess.PIPE, text=True, timeout=60)


@pytest.mark.parametrize("fds", [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)], ids=str)
def test_closed_streams(aws, run, fds):
    """Output for a closed stream must not go into a connection that has its file descriptor."""
    r = closed(run, fds, *WHOAMI, "-vv")
    assert r.returncode == (6 if 1 in fds else 0), r
    call, = aws.requests()
    assert (call["status"], call["op"]) == (200, "GetCallerIdentity"), call
    if 1 not in fds:
        assert aws.account in r.stdout
    elif 2 not in fds:
        assert "cannot write to standard output: Bad file descriptor" in r.stderr
    assert closed(run, fds, "bogus").returncode == 2


def test_nothing_to_say_on_a_closed_stdout(aws, run, rest_api):
    rest_api()
    assert closed(run, (1,), "doctor", "--bogus").returncode == 2


def test_odd_surroundings(aws, run):
    wanted = run(*WHOAMI, check=0).stdout
    for env in ({"HOME": None}, {"HOME": ""}, {"HOME": "/"}, {"HOME": "relative"},
                {"LC_ALL": "xx_YY.utf99"}, {"LC_ALL": "tr_TR.UTF-8"}, {"LC_ALL": ""},
                {"LC_ALL": None, "LANG": "de_DE@euro"}, {"TZ": "Nowhere/Land"}, {"TERM": ""},
                {"POSIXLY_CORRECT": "1"}, {"ARGP_HELP_FMT": "rmargin=x,bogus"},
                {"COLUMNS": "-3"}, {"PATH": None}):
        # HOME=… must not find the files of whoever runs the tests
        r = run(*WHOAMI, env=env, check=0)
        assert r.stdout == wanted and not r.stderr, env


def test_home_that_is_not_there(run):
    env = {"HOME": None, "AWS_CONFIG_FILE": None, "AWS_SHARED_CREDENTIALS_FILE": None}
    run(*WHOAMI, env=env, check=0)
    env["HOME"] = "/nonexistent"
    run(*WHOAMI, env=env, check=0)
    env["AWS_REGION"] = None
    run(*WHOAMI, env=env).refused(2, "no region", "/nonexistent/.aws/config")
