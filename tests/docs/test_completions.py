"""The completions of bash, zsh and fish offer each command, option and value that the program has.

Tests that need a shell are skipped if it is not installed.
"""

import os
import pty
import re
import select
import subprocess
import time

import pytest

from test_docs import COMMANDS, COMMON, OWN, TOP, TOPICS, WORDS, need

BASH = TOP / "completions" / "apigw-logs.bash"
ZSH = TOP / "completions" / "_apigw-logs"
FISH = TOP / "completions" / "apigw-logs.fish"
VALUES = {"--output": "text json ndjson", "--color": "auto always never", "--kind": "execution access both",
          "--level": "OFF ERROR INFO", "--window": "1d 12h 8h 6h 4h 3h 2h 1h",
          "--source": "events counts"}


def bash_options():
    """Calls the completion function, as bash does."""
    def complete(*words):
        return set(bash_complete(*words))
    return {c: complete(c, "--") for c in COMMANDS}, complete("--"), complete("")


def bash_complete(*words, home="/nonexistent"):
    need("bash")
    quoted = " ".join("'" + w.replace("'", r"'\''") + "'" for w in ("apigw-logs", *words))
    line = " ".join(("apigw-logs", *words)).replace(" = ", "=").replace("'", r"'\''")
    script = (f". '{BASH}'\nCOMP_WORDS=({quoted})\nCOMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n"
              f"COMP_LINE='{line}'\nCOMP_POINT=${{#COMP_LINE}}\n"
              'eval "$(complete -p apigw-logs | sed "s/.*-F \\([^ ]*\\) .*/\\1/")"\n'
              'printf "%s\\n" "${COMPREPLY[@]}"\n')
    env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    r = subprocess.run(["bash", "--norc", "--noprofile", "-c", script], capture_output=True,
                       text=True, timeout=30, env=dict(env, HOME=home))
    assert r.returncode == 0 and r.stderr == "", (words, r)
    return r.stdout.split()


def test_bash_has_each_command_and_option():
    own, common, commands = bash_options()
    assert commands == set(WORDS)
    assert bash_complete("help", "") == TOPICS
    assert bash_complete("help", "export", "") == []
    assert common == COMMON
    for command in COMMANDS:
        assert own[command] == OWN[command] | COMMON, command


def test_bash_values(tmp_path):
    for option, values in VALUES.items():
        assert bash_complete("export", option, "") == values.split(), option
        assert bash_complete("export", option, "=", "") == values.split(), option
        assert bash_complete("export", option, "=", values[0]) == \
            [v for v in values.split() if v.startswith(values[0])], option
    assert bash_complete("enable-logging", "--format", "") == ["json", "clf", "csv", "xml", "@"]
    assert bash_complete("ver") == ["verify", "version"]
    assert bash_complete("--region", "export", "setup-b") == ["setup-bucket"]
    assert bash_complete("verify", "--api", "x", "--so") == ["--source"]
    assert bash_complete("verify", "--api", "") == []
    assert bash_complete("--region", "") == []
    aws = tmp_path / ".aws"
    aws.mkdir()
    (aws / "config").write_text("[default]\n[profile prod-eu]\n[sso-session s]\n")
    (aws / "credentials").write_text("[dev]\naws_access_key_id = x\n")
    got = bash_complete("--profile", "", home=str(tmp_path))
    assert got == ["default", "dev", "prod-eu"]


def in_a_terminal(shell, source, line, cwd):
    """The line as it is after a TAB, in a real interactive shell."""
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(cwd)
        os.execvpe(shell[0], shell, {"PATH": os.environ["PATH"], "HOME": str(cwd), "PS1": "> ",
                                     "TERM": "dumb", "INPUTRC": "/dev/null"})

    def until(mark):
        text, end = "", time.monotonic() + 20
        while mark not in text:
            assert time.monotonic() < end, (mark, text)
            if select.select([fd], [], [], 0.2)[0]:
                text += os.read(fd, 65536).decode(errors="replace")
        return text
    try:
        os.write(fd, f"{source}; echo rea''dy\n".encode())
        until("ready")
        # The shell runs the line with ":" before it, which completes as the command does.
        os.write(fd, (line + "\t").encode())
        time.sleep(0.5)
        os.write(fd, b"\x01echo 'LINE: \x05:'\r")
        return until(":\r\n").split("LINE: ")[-1].split(":\r\n")[0].strip()
    finally:
        os.write(fd, b"\x03\nexit\n")
        os.close(fd)
        os.waitpid(pid, 0)


@pytest.mark.parametrize("typed, becomes", [
    ("apigw-logs exp", "apigw-logs export"),
    ("apigw-logs --output=j", "apigw-logs --output=json"),
    ("apigw-logs export --kind ac", "apigw-logs export --kind access"),
    ("apigw-logs --ca-bundle cert/c", "apigw-logs --ca-bundle cert/ca.pem"),
    ("apigw-logs enable-logging --format @cert/f", "apigw-logs enable-logging --format @cert/format"),
    ("apigw-logs enable-logging --format=@cert/f", "apigw-logs enable-logging --format=@cert/format"),
    ("apigw-logs enable-logging --format @ce", "apigw-logs enable-logging --format @cert/"),
])
def test_bash_in_a_terminal(tmp_path, typed, becomes):
    need("bash")
    (tmp_path / "cert").mkdir()
    (tmp_path / "cert" / "ca.pem").touch()
    (tmp_path / "cert" / "format").touch()
    got = in_a_terminal(["bash", "--norc", "--noprofile", "-i"],
                        f". '{BASH}'; bind 'set bell-style none'", typed, tmp_path)
    assert got == becomes


@pytest.mark.parametrize("typed, becomes", [
    ("apigw-logs hel", "apigw-logs help"),
    ("apigw-logs vers", "apigw-logs version"),
    ("apigw-logs exp", "apigw-logs export"),
    ("apigw-logs help opt", "apigw-logs help options"),
    ("apigw-logs help setup-r", "apigw-logs help setup-role"),
    ("apigw-logs verify --so", "apigw-logs verify --source"),
    ("apigw-logs export --kind=ac", "apigw-logs export --kind=access"),
])
def test_zsh_in_a_terminal(tmp_path, typed, becomes):
    need("zsh")
    got = in_a_terminal(["zsh", "-f", "-i"],
                        f"bindkey -e; setopt no_beep; fpath=('{ZSH.parent}' $fpath); "
                        "autoload -U compinit; compinit -D -u", typed, tmp_path)
    assert got == becomes


def zsh_blocks():
    """Option names by the array or the case that contains them."""
    text = ZSH.read_text()
    names = lambda s: set(re.findall(r"(--[a-z][a-z-]*)=?-?\[", s)) | \
        set(re.findall(r",(--[a-z][a-z-]*)\}", s))  # noqa: E731
    arrays = {m[1]: names(m[2]) for m in re.finditer(r"^\t(\w+)=\(\n(.*?)^\t\)", text, re.M | re.S)}
    own = {}
    for m in re.finditer(r"^\t\t([a-z-]+)\) *(own=.*?|\n.*?);;$", text, re.M | re.S):
        own[m[1]] = names(m[2]).union(*(arrays[a] for a in re.findall(r"\$(\w+)", m[2])))
    return arrays, own


def test_zsh_has_each_command_and_option():
    arrays, own = zsh_blocks()
    assert arrays["common"] == COMMON
    assert own == OWN
    commands = re.search(r"^\tcommands=\(\n(.*?)^\t\)", ZSH.read_text(), re.M | re.S)[1]
    assert re.findall(r"^\t\t'([a-z-]+):", commands, re.M) == COMMANDS
    words = re.search(r"^\tfirst=\(\n(.*?)^\t\)", ZSH.read_text(), re.M | re.S)[1]
    assert COMMANDS + re.findall(r"^\t\t'([a-z-]+):", words, re.M) == WORDS
    for option, values in VALUES.items():
        assert re.search(rf"'{option}=\[.*\]:[a-z]+:\({values}\)'", ZSH.read_text()), option


def test_zsh_syntax():
    need("zsh")
    r = subprocess.run(["zsh", "-n", ZSH], capture_output=True, text=True)
    assert r.returncode == 0 and r.stderr == "", r.stderr


def fish_complete(line, home="/nonexistent"):
    need("fish")
    env = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "XDG_"))}
    r = subprocess.run(["fish", "--no-config", "-c", f"source {FISH}; complete -C '{line}'"],
                       capture_output=True, text=True, timeout=60, env=dict(env, HOME=str(home)))
    assert r.returncode == 0, r
    return [row.split("\t")[0] for row in r.stdout.splitlines()]


def fish_static():
    own, common, seen = {c: set() for c in COMMANDS}, set(), None
    for line in FISH.read_text().splitlines():
        if line.startswith("set -l c '"):
            seen = line.rstrip("'").split("from ")[1].split()
        option = re.search(r" -l ([a-z-]+)", line) if line.startswith("complete ") else None
        if option and " -n $c " in line:
            for command in seen:
                own[command].add("--" + option[1])
        elif option:
            common.add("--" + option[1])
    return own, common


def test_fish_has_each_command_and_option():
    own, common = fish_static()
    assert common == COMMON
    assert own == OWN
    text = FISH.read_text()
    assert re.findall(r"-n \$none -a ([a-z-]+)", text) == WORDS
    for option, values in VALUES.items():
        assert re.search(rf" -l {option[2:]} -x -a '{values}'", text), option


def test_fish_syntax():
    need("fish")
    r = subprocess.run(["fish", "--no-execute", FISH], capture_output=True, text=True)
    assert r.returncode == 0 and r.stderr == "", r.stderr


def test_fish_completes(tmp_path):
    assert sorted(fish_complete("apigw-logs ", tmp_path)) == sorted(WORDS)
    assert sorted(fish_complete("apigw-logs help ", tmp_path)) == sorted(TOPICS)
    assert fish_complete("apigw-logs help export ", tmp_path) == []
    assert set(fish_complete("apigw-logs help export --", tmp_path)) == COMMON
    for command in COMMANDS:
        got = {o for o in fish_complete(f"apigw-logs {command} --", tmp_path)}
        assert got == OWN[command] | COMMON, command
    assert fish_complete("apigw-logs export --kind ", tmp_path) == sorted("execution access both".split())
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text("[default]\n[profile prod-eu]\n[services s]\n")
    assert fish_complete("apigw-logs --profile ", tmp_path) == ["default", "prod-eu"]
