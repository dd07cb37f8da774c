"""--help, the man page and the README agree, and their examples work.

The program is $APIGW_LOGS, or else build/src/apigw-logs. Tests that need a shell or mandoc are skipped
if it is not installed.
"""

import datetime
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[1]
TOP = TESTS.parent
sys.path.insert(0, str(TESTS))

from aws.local import LocalAws  # noqa: E402  (needs the path above)
from aws.seed import seed  # noqa: E402

PROGRAM = os.path.abspath(os.environ.get("APIGW_LOGS") or TOP / "build" / "src" / "apigw-logs")
MAN = TOP / "man" / "apigw-logs.1"
README = TOP / "README"


def need(tool):
    if not shutil.which(tool):
        pytest.skip(f"there is no {tool}")


# ---- what the program says --------------------------------------------------------------------------

def run_help(*args):
    r = subprocess.run([PROGRAM, *args, "--help"], capture_output=True, text=True, timeout=30)
    assert r.returncode == 0 and not r.stderr, r
    return r.stdout


def options_in(text):
    return set(re.findall(r"^ {2,6}(?:-.,)? +(--[a-z][a-z-]*)", text, re.M))


TOP_HELP = run_help()
COMMANDS = re.findall(r"^  ([a-z][a-z-]+)  +\S", TOP_HELP[TOP_HELP.index("Commands:"):], re.M)
COMMON = options_in(subprocess.run([PROGRAM, "help", "options"], capture_output=True, text=True).stdout)
OWN = {c: options_in(run_help(c)) - COMMON for c in COMMANDS}
WORDS = [*COMMANDS, "help", "version"]      # what may come first
TOPICS = [*COMMANDS, "options"]             # what help explains


def test_the_help_was_read():
    table = re.findall(r"&cmd_(\w+)", (TOP / "src" / "cmd" / "cmds.c").read_text())
    assert COMMANDS == [c.replace("_", "-") for c in table]
    assert {"--region", "--dry-run", "--help", "--version", "--output"} <= COMMON
    assert all(OWN[c] for c in COMMANDS)
    assert {"--from", "--source", "--bucket"} <= OWN["verify"]


def test_each_word_and_topic_is_one():
    for words in [*([w] for w in WORDS if w not in COMMANDS), *(["help", t] for t in TOPICS)]:
        r = subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=30)
        assert r.returncode == 0 and r.stdout, words


def test_help_fits_a_terminal():
    for text in [TOP_HELP, *(run_help(c) for c in COMMANDS)]:
        assert max(map(len, text.splitlines())) <= 80


# ---- the man page -----------------------------------------------------------------------------------

def man_sections():
    out, here = {}, None
    for line in MAN.read_text().splitlines():
        if line.startswith((".Sh ", ".Ss ")):
            here = line[4:]
            out[here] = []
        elif here:
            out[here].append(line)
    return out


def man_options(lines):
    return set(f"-{o}" for line in lines if line.startswith(".")
               for o in re.findall(r"\bFl (-[a-z][a-z-]*)", re.sub(r" , (-[a-z])", r" Fl \1", line)))


def test_man_page_has_each_command_and_option():
    sections = man_sections()
    for command in COMMANDS:
        lines = sections[command]
        assert f".Cm {command}" in lines
        said = man_options(lines)
        assert OWN[command] - said == set(), command
        assert said - OWN[command] - COMMON == set(), command
    assert man_options(sections["COMMON OPTIONS"]) == COMMON
    assert [s for s in sections if s.islower() or "-" in s] == COMMANDS
    shared = man_options(sections["SELECTING"]) | man_options(sections["TIMES"])
    assert shared == {"--api", "--all-apis", "--stage", "--kind", "--log-group", "--from", "--to"}


def test_man_page_has_the_exit_statuses():
    header = (TOP / "src" / "cli" / "exit.h").read_text()
    said = re.findall(r"^\.It ([\d, ]+)$", "\n".join(man_sections()["EXIT STATUS"]), re.M)
    assert said == re.findall(r"= (\d),", header) + ["129, 130, 143"]
    assert re.findall(r"^    (\d)  ", README.read_text(), re.M) == said[:-1]


def test_man_page_has_the_ledger_and_the_problems():
    text = MAN.read_text()
    body = "".join((TOP / "src" / "archive" / file).read_text() for file in ("ledger.c", "object.c"))
    members = re.findall(r'(?:set_\w+|json_object_set_new|json_set_\w+)\(j, "(\w+)"', body)
    assert len(members) > 20
    section = "\n".join(man_sections()["LEDGER"])
    assert [m for m in members if not re.search(rf"\b{m}\b", section)] == []
    report = (TOP / "src" / "verify" / "report.c").read_text()
    names = re.findall(r'\[PROBLEM_\w+\] = "(\w+)"', report)
    assert len(names) >= 7 and all(f".Cm {n}" in text for n in names)


def test_version_everywhere():
    """--version, the footer of the man page, and the newest of README's changes."""
    said = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True).stdout.split()[1]
    release = said.removesuffix("-dev")
    assert f".Os apigw-logs {release}" in MAN.read_text().splitlines()
    newest = re.search(r"^(\d+\.\d+\.\d+)( .not released yet.)?$", README.read_text(), re.M)
    assert (newest[1], bool(newest[2])) == (release, said.endswith("-dev"))


def test_man_page_groff():
    need("groff")
    r = subprocess.run(["groff", "-mandoc", "-ww", "-Tutf8", MAN], capture_output=True, text=True)
    if "can't find macro file" in r.stderr:
        pytest.skip("groff is there without its macros")
    assert r.returncode == 0 and r.stderr == "", r.stderr
    assert "apigw-logs" in r.stdout


# ---- examples ---------------------------------------------------------------------------------------

# The dates in the documents assume that everything before this midnight has settled, and no more.
WRITTEN = datetime.date(2026, 11, 22)


def settled():
    return (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=12)).date()


def shifted(text):
    off = settled() - WRITTEN
    return re.sub(r"\d{4}-\d{2}-\d{2}",
                  lambda m: str(datetime.date.fromisoformat(m[0]) + off), text)


def shape(line):
    """The line without what may differ between runs: ids, numbers, units, the width of columns."""
    line = re.sub(r"\d{4}-\d{2}-\d{2}", "DATE", line)
    line = re.sub(r"(?<=[(_/])[a-z0-9]{10}(?=[)/])", "API", line)
    line = re.sub(r"\b(ApigwLogsExportWrite)[0-9a-f]+", r"\1N", line)
    line = re.sub(r"[\d.,]*\d(?: (?:B|[KMG]iB)\b)?", "N", line)
    return re.sub(r" +", " ", line).strip()


def examples_of_man():
    return [(line[len(".Dl $ "):], None) for line in man_sections()["EXAMPLES"]
            if line.startswith(".Dl $ ")]


def readme():
    """The text of the README, with commands that continue on a second line joined."""
    return re.sub(r" \\\n +", " ", README.read_text())


def examples_of_readme(section):
    """(command, the lines shown below it)."""
    out = []
    for line in re.search(rf"^{section}\n-+\n(.*?)\n\n\n", readme(), re.M | re.S)[1].splitlines():
        if line.startswith("    $ "):
            out.append((line[6:], []))
        elif line.startswith("    ") and out and out[-1][1] is not None:
            out[-1][1].append(line[4:])
        elif out and not line.startswith("    "):
            out[-1] = (out[-1][0], tuple(out[-1][1])) if out[-1][1] is not None else out[-1]
            out.append((None, None))
    return [(c, list(o)) for c, o in out if c]


@pytest.fixture
def aws():
    with LocalAws(region="us-east-1") as server:
        server.settings(pending_polls=0, running_polls=0)
        seed(server.client, events=1200, days=3, name="petstore", end=str(settled()))
        yield server


def shell(aws, home, command, key=None):
    bin_ = home / "bin"
    bin_.mkdir(exist_ok=True)
    if not (bin_ / "apigw-logs").exists():
        (bin_ / "apigw-logs").symlink_to(PROGRAM)
    env = aws.env(key, HOME=str(home), PATH=f"{bin_}:{os.environ['PATH']}")
    return subprocess.run(["sh", "-c", command], env=env, cwd=home, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)


def test_examples_of_the_man_page(aws, tmp_path):
    examples = examples_of_man()
    assert len(examples) >= 10
    assert shell(aws, tmp_path, "openssl genpkey -algorithm ed25519 -out auditor.pem && "
                 "openssl pkey -in auditor.pem -pubout -out auditor.pub").returncode == 0
    used = set()
    for command, _ in examples:
        if " cancel " in command:
            task = aws.client("logs").describe_export_tasks()["exportTasks"][0]["taskId"]
            command = re.sub(r"[-0-9a-f]{36}", task, command)
        r = shell(aws, tmp_path, shifted(command))
        assert r.returncode == 0, (command, r.stdout)
        assert bool(r.stdout) != (" -q " in command), command
        used.add(next(w for w in command.split() if w in COMMANDS))
    assert used == set(COMMANDS)


def test_readme_fits_a_code_host():
    for line in README.read_text().splitlines():
        assert len(line) < 100, line


@pytest.mark.parametrize("section, least", [("In 30 seconds", 2), ("First session", 8)])
def test_session_of_the_readme(aws, tmp_path, section, least):
    examples = examples_of_readme(section)
    assert len(examples) >= least
    if section == "In 30 seconds":
        assert shell(aws, tmp_path, "apigw-logs setup-role && apigw-logs setup-bucket --bucket "
                     "acme-api-logs && apigw-logs enable-logging --api petstore --level INFO "
                     "--access-log").returncode == 0
    last = 0
    for command, shown in examples:
        if command == "echo $?":
            assert shown == [str(last)]
            continue
        r = shell(aws, tmp_path, shifted(command))
        last = r.returncode
        got = [shape(line) for line in r.stdout.splitlines()]
        want = [shape(line) for line in shown]
        assert len(got) == len(want), (command, r.stdout)
        for g, w in zip(got, want):
            assert g.startswith(w[:-1]) if w.endswith("…") else g == w, (command, r.stdout)
        if last:
            assert examples[examples.index((command, shown)) + 1][0] == "echo $?", (command, r.stdout)


def test_lines_for_cron_and_ci(aws, tmp_path):
    text = readme()
    assert "    CRON_TZ=UTC\n    30 12" in text
    cron = re.search(r"^    30 12 \* \* \*  (apigw-logs .*)$", text, re.M)[1]
    watch = re.search(r"^    0 6 \* \* \*    (apigw-logs doctor .*)$", text, re.M)[1]
    ci = re.search(r"^    (apigw-logs --output json verify .*)$", text, re.M)[1]
    assert shell(aws, tmp_path, "apigw-logs setup-bucket --bucket acme-api-logs").returncode == 0
    assert shell(aws, tmp_path, "apigw-logs setup-role && apigw-logs enable-logging --api petstore "
                                "--level INFO --access-log").returncode == 0
    for line in (cron, cron, watch):
        r = shell(aws, tmp_path, line)
        assert (r.returncode, r.stdout) == (0, ""), r
    aws.client("apigateway").update_account(patchOperations=[
        {"op": "replace", "path": "/cloudwatchRoleArn", "value": ""}])
    r = shell(aws, tmp_path, watch)
    assert r.returncode == 1 and "apigw-logs setup-role" in r.stdout, r
    r = shell(aws, tmp_path, ci)
    assert (r.returncode, r.stdout) == (0, ""), r
    assert '"whole": true' in (tmp_path / "verify.json").read_text()


# ---- permissions ------------------------------------------------------------------------------------

def permissions(command):
    """[(action, when)], from the command's help."""
    text = run_help(command, "-v").split("Permissions that the caller needs:\n")[1]
    text = re.sub(r"\n {10,}(?=\S)", " ", text)
    return re.findall(r"^  ([a-z0-9]+:\w+) +(\S.*)$", text, re.M)


def in_man(rows):
    """The sentence about them in the man page."""
    parts = {}
    for action, when in rows:
        parts.setdefault(when, []).append(action)
    texts = [", ".join(actions) + ("" if when == "always" else " " + when) for when, actions in parts.items()]
    return "; ".join(texts) + "." if texts else "None."


def man_text(lines):
    text = " ".join(re.sub(r"^\.Fl -", "--", re.sub(r"^\.Li ", "", line)) for line in lines)
    return re.sub(r" +([,;.])(?= |$)", r"\1", text)


def test_man_page_has_the_permissions():
    section = "\n".join(man_sections()["PERMISSIONS"]).split(".El")[0]
    blocks = re.findall(r"^\.It Cm ([a-z-]+)\n(.*?)(?=^\.It|\Z)", section, re.M | re.S)
    assert [c for c, _ in blocks] == COMMANDS
    for command, block in blocks:
        assert man_text(block.splitlines()) == in_man(permissions(command)), command


def test_least_permissions(aws, tmp_path):
    range_ = f"--from {settled() - datetime.timedelta(days=3)} --to {settled()}"
    some = "--bucket acme-api-logs --api petstore --stage prod"
    http = aws.client("apigatewayv2")
    api = http.create_api(Name="orders", ProtocolType="HTTP")["ApiId"]
    http.create_stage(ApiId=api, StageName="live")
    boundary = "arn:aws:iam::aws:policy/AdministratorAccess"
    # (line, which "when" applies to it)
    lines = [
        ("setup-role", []), ("setup-role", []),
        (f"setup-role --tag team=web --permissions-boundary {boundary}",
         ["--tag", "--permissions-boundary"]),
        ("setup-bucket --bucket acme-api-logs", []), ("setup-bucket --bucket acme-api-logs", []),
        ("setup-bucket --bucket acme-tls-only --require-tls --versioning", ["--versioning"]),
        ("setup-bucket --bucket acme-tls-only --expire 400", ["life cycle"]),
        ("setup-bucket --bucket acme-locked --lock governance:1 --tag a=b --kms-key alias/logs",
         ["--lock", "--tag", "--kms-key"]),
        ("enable-logging --api petstore --stage prod --level INFO --metrics", ["--level"]),
        ("enable-logging --api petstore --access-log=/aws/apigateway/new --retention 30",
         ["--access-log", "--retention"]),
        ("enable-logging --api petstore --no-access-log", []),
        ("enable-logging --api orders --access-log", ["--access-log", "for access logs of HTTP"]),
        ("enable-logging --api orders --no-access-log", ["turn off access logs of HTTP", "for access logs of HTTP"]),
        ("doctor", []),
        ("doctor --api petstore --bucket acme-api-logs", ["--api", "--bucket"]),
    ]
    key = aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
    aws.client("kms").create_alias(AliasName="alias/logs", TargetKeyId=key)
    service = {"Effect": "Allow", "Principal": {"Service": "logs.us-east-1.amazonaws.com"},
               "Action": "kms:*", "Resource": "*"}
    aws.client("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(
        {"Version": "2012-10-17", "Statement": [service]}))
    lines += [("enable-logging --api petstore --kms-key alias/logs", ["--kms-key"]),
              ("enable-logging --all-apis --remove", ["for access logs of HTTP"]),
              ("setup-role --remove", ["--remove"]),
              ("setup-bucket --bucket acme-tls-only --remove", ["--remove"]),
              ("setup-role", []),
              ("enable-logging --api petstore --stage prod --level INFO --access-log",
               ["--level", "--access-log"])]
    for line, true in lines:
        check_permissions(aws, tmp_path, line, true)
    rest = aws.client("apigateway").get_rest_apis()["items"][0]["id"]
    group = f"/aws/apigateway/{rest}/prod"
    assert shell(aws, tmp_path, f"apigw-logs enable-logging --api petstore --access-log={group}"
                 ).returncode == 0
    signing = aws.client("kms").create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")["KeyMetadata"]["Arn"]
    for line, true in [(f"export {some} {range_}", ["--api"]), (f"export {some} {range_}", ["--api"]),
                       (f"export {some} --from 5d --to 4d", ["--api"]),
                       (f"export --bucket acme-api-logs --log-group {group} {range_}", []),
                       (f"status {some}", ["--api"]), (f"verify {some} {range_}", ["--api"]),
                       (f"verify {some} {range_} --source", ["--api", "--source"]),
                       (f"verify {some} --all --quick", ["--api"]),
                       (f"verify {some} {range_} --source=counts --report r.json --sign {signing}",
                        ["--api", "--source", "ARN"]),
                       (f"cat {some} {range_}", ["--api"])]:
        check_permissions(aws, tmp_path, line, true)
    aws.settings(pending_polls=10**6)
    task = aws.client("logs").create_export_task(
        taskName="apigw-logs-0", logGroupName=group, fromTime=0, to=1, destination="acme-api-logs",
        destinationPrefix="apigw-logs/x")["taskId"]
    check_permissions(aws, tmp_path, f"cancel {task}", [])
    # No permission is listed that was never used.
    for command in COMMANDS:
        used = {a for line, seen in check_permissions.used if line.split()[0] == command for a in seen}
        assert {a for a, when in permissions(command) if when == "always"} - used == set(), command


def check_permissions(aws, home, line, true):
    rows = permissions(line.split()[0])
    assert all(any(t in when for _, when in rows) for t in true), line
    allow = [a for a, when in rows if when == "always" or any(t in when for t in true)]
    key = aws.credentials("AKIALEASTPERMISSIONS", allow=allow or ["none:None"])
    aws.clear_requests()
    r = shell(aws, home, f"apigw-logs {line}", key)
    assert r.returncode == 0, (line, allow, r.stdout)
    # A call that is refused counts even if the program only prints a note.
    refused = [q["action"] for q in aws.requests() if "AccessDenied" in (q["error"] or "")]
    assert not refused, (line, refused, r.stdout)
    check_permissions.used.append((line, aws.iam_actions()))


check_permissions.used = []
