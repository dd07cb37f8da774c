"""What a reader expects of the tree itself: format, scripts, man page, and includes that are used."""

import pathlib
import re
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
SOURCES = sorted(p for top in ("src", "tests") for p in (TOP / top).rglob("*.[ch]"))
SCRIPTS = sorted(p for p in TOP.rglob("*") if p.is_file() and "build" not in p.relative_to(TOP).parts[0]
                 and not p.suffix and p.read_bytes().startswith(b"#!/bin/sh"))
HEADERS = {str(p.relative_to(TOP / "src")): p for p in SOURCES if p.suffix == ".h" and p.is_relative_to(TOP / "src")}


def quiet(*command):
    r = subprocess.run([str(c) for c in command], capture_output=True, text=True, cwd=TOP)
    assert r.returncode == 0 and not (r.stdout + r.stderr).strip(), r.stdout + r.stderr


def test_format():
    """clang-format 14, as Debian 12 has it: others break lines elsewhere."""
    version = subprocess.run(["clang-format", "--version"], capture_output=True, text=True).stdout
    assert " 14." in version, version
    assert len(SOURCES) > 100
    quiet("clang-format", "--dry-run", "--Werror", *SOURCES)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: str(p.relative_to(TOP)))
def test_scripts(script):
    """SC1007: "CDPATH= cd" is meant so. SC3013: POSIX has -nt since 2024, and dash had it before."""
    quiet("sh", "-n", script)
    quiet("shellcheck", "-s", "sh", "-e", "SC1007,SC3013", script)


def test_man_page():
    """TIMES is no typo for FILES, and a line of options may be long."""
    page = TOP / "man" / "apigw-logs.1"
    r = subprocess.run(["mandoc", "-T", "lint", "-W", "all", page], capture_output=True, text=True)
    said = [line for line in (r.stdout + r.stderr).splitlines()
            if not re.search(r"line longer than 80|TIMES instead of FILES|outdated mandoc.db|"
                              r"operating system explicitly specified", line)]
    assert said == []


# ---- includes ---------------------------------------------------------------------------------------

def bare(path):
    """Without comments and strings; includes are kept apart."""
    text = re.sub(r"/\*.*?\*/|//[^\n]*", " ", path.read_text(), flags=re.S)
    includes = re.findall(r'^#include "([^"]+)"', text, re.M)
    text = re.sub(r"^#include.*$", "", text, flags=re.M)
    return re.sub(r'"(?:\\.|[^"\\\n])*"', '""', text), includes


def names(text):
    """What a header gives to whoever includes it: functions, macros, types, members, constants."""
    flat = re.sub(r"__attribute__\(\(.*?\)\)", " ", text)
    found = set(re.findall(r"^(?!#|\s|return)[\w\s*]*?\b(\w+)\(", flat, re.M))
    found |= set(re.findall(r"^#define (\w+)", flat, re.M))
    found |= set(re.findall(r"^(?:struct|union|enum) (\w+) \{", flat, re.M))
    found |= set(re.findall(r"^(?:typedef|extern) [^;]*?\b(\w+)\)?(?:[(\[][^;]*)?;", flat, re.M))
    for body in re.findall(r"^[\w ]*\{(.*?)^\}", flat, re.M | re.S):
        found |= set(re.findall(r"\b(\w+)\)?(?:\[[^\]]*\])*(?=[;,:(])", body))
    for body in re.findall(r"^enum(?: \w+)? \{(.*?)\}", flat, re.M | re.S):
        found |= set(re.findall(r"\b([A-Z]\w+)\b", body))
    return found


BARE = {p: bare(p) for p in SOURCES}
GIVEN = {h: names(BARE[p][0]) for h, p in HEADERS.items()}
# The one way to a library's own names.
GIVEN["base/json.h"].add("json_t")


def own(path):
    """The header that this .c defines, which it includes whether it uses it or not."""
    return str(path.relative_to(TOP)).removeprefix("src/")[:-1] + "h"


def test_includes_are_used():
    unused = []
    for path in SOURCES:
        text, includes = BARE[path]
        words = set(re.findall(r"\w+", text))
        unused += [f"{path.relative_to(TOP)}: {h}" for h in includes
                   if h in GIVEN and h != own(path) and h != "base/banned.h" and not GIVEN[h] & words]
    assert all(GIVEN[h] for h in GIVEN), [h for h in GIVEN if not GIVEN[h]]
    assert unused == []
