"""The floors of src/ (see src/README): which file includes which, where each library is used, and that
headers compile alone.

$BUILDDIR is a configured build tree, for config.h; by default the one that $APIGW_LOGS is in.
"""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
SRC = TOP / "src"

# From the bottom up. A floor includes its own files and lower floors; floors in one row are separate.
ROWS = [["base"], ["net"], ["aws"], ["archive"], ["verify", "setup", "read"], ["export"], ["cli"], ["cmd"], ["main"]]
RANK = {floor: i for i, row in enumerate(ROWS) for floor in row}
# Further restrictions: only cmd and main include cli.
NOT = {"cli": {"export", "verify", "read"}, "main": {"archive", "verify", "setup", "read", "export", "aws"}}

LIBRARIES = {
    "curl/": {"net/http.c", "net/url.c"},
    "openssl/": {"base/crypto.c"},
    "expat.h": {"base/xml.c"},
    "zlib.h": {"base/gz.c", "base/gzhead.c"},
    "isa-l": {"base/gz.c"},
}
JANSSON = ("base/json.h", "aws/", "cli/")

FILES = sorted(p for p in SRC.rglob("*.[ch]"))
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)


def name(path):
    return path.relative_to(SRC).as_posix()


def includes(path):
    return INCLUDE.findall(path.read_text())


def floor(of):
    return "main" if of == "main.c" else of.split("/")[0]


def test_there_are_files():
    assert len(FILES) > 100
    assert {floor(name(p)) for p in FILES} == set(RANK)


def test_no_arrow_goes_up():
    bad = []
    for path in FILES:
        here = floor(name(path))
        for kind, header in includes(path):
            if kind == "<" or header == "config.h":
                continue
            if not (SRC / header).exists():
                bad.append(f"{name(path)}: {header} is not written from src/, or is not there")
                continue
            there = floor(header)
            if there != here and (RANK[there] >= RANK[here] or there in NOT.get(here, ())):
                bad.append(f"{name(path)} includes {header}: {here} is not above {there}")
    assert not bad, "\n".join(bad)


# Inside aws/: which other folders a folder may include. The call is at the top; what describes a
# request or a reply is at the bottom.
AWS = {
    "sign": set(),
    "retry": set(),
    "endpoint": set(),
    "config": {"endpoint"},
    "cred": {"config", "endpoint"},
    "": {"sign", "retry", "endpoint", "config", "cred"},
    "service": {"", "config", "endpoint", "cred"},
}
AWS_BELOW = {"aws/arn.h", "aws/cred/credentials.h", "aws/query.h", "aws/reply.h", "aws/service.h"}


def test_floors_of_aws():
    """Assuming a role takes a signed call: cred/ does not include the client, which is passed in."""
    bad = []
    for path in FILES:
        if floor(name(path)) != "aws":
            continue
        here = name(path).rpartition("/")[0].removeprefix("aws").lstrip("/")
        for _, header in includes(path):
            if not header.startswith("aws/") or header in AWS_BELOW:
                continue
            there = header.rpartition("/")[0].removeprefix("aws").lstrip("/")
            if there != here and there not in AWS[here]:
                bad.append(f"{name(path)} includes {header}")
    assert not bad, "\n".join(bad)


def test_no_circle():
    """x.c and x.h are one unit, so that circles of calls are noticed as well."""
    graph = {}
    for path in FILES:
        unit = name(path)[:-2]
        graph.setdefault(unit, set()).update(
            h[:-2] for k, h in includes(path) if k == '"' and (SRC / h).exists() and h[:-2] != unit)
    state, bad = {}, []

    def visit(node, way):
        if state.get(node) == "open":
            circle = way[way.index(node):]
            bad.append(" -> ".join([*circle, node]))
        if node in state:
            return
        state[node] = "open"
        for other in sorted(graph[node]):
            visit(other, [*way, node])
        state[node] = "done"

    for node in sorted(graph):
        visit(node, [])
    assert not bad, "\n".join(bad)


def test_libraries_are_in_one_place():
    bad = []
    for path in FILES:
        for _, header in includes(path):
            for library, places in LIBRARIES.items():
                if header.startswith(library) and name(path) not in places:
                    bad.append(f"{name(path)} includes <{header}>")
            if header == "jansson.h" and not name(path).startswith(JANSSON):
                bad.append(f"{name(path)} includes <{header}>")
    assert not bad, "\n".join(bad)


def test_makefile_has_each_source_in_order():
    """One sorted list, a folder after the other, so that two who add a file do not look for its place."""
    made = re.search(r"^src_libapigwlogs_a_SOURCES = (.*?)\n\n", (SRC.parent / "Makefile.am").read_text(), re.M | re.S)[1]
    listed = re.findall(r"src/(\S+)", made)
    assert sorted(listed) == sorted({name(p) for p in FILES} - {"main.c"})
    folders = list(dict.fromkeys(f.rpartition("/")[0] for f in listed))
    assert listed == sorted(listed, key=lambda f: (folders.index(f.rpartition("/")[0]), f))


def test_config_h_is_first():
    for path in FILES:
        if path.suffix == ".c":
            assert includes(path)[0] == ('"', "config.h"), path


WRITES = re.compile(r"\b(?:v?f?printf|f?puts|f?putc|putchar|fwrite|perror)\(")


def test_one_file_writes():
    """Names chosen by others are printed only through output_write(), which escapes them."""
    writers = {name(p) for p in FILES if WRITES.search(p.read_text())}
    # The rest formats into buffers, or writes files of its own.
    assert writers == {"cli/output.c", "cli/progress.c"}


def builddir():
    for place in (os.environ.get("BUILDDIR"),
                  os.path.dirname(os.path.dirname(os.environ.get("APIGW_LOGS") or ""))):
        if place and os.path.exists(os.path.join(place, "config.h")):
            return place
    pytest.skip("no build directory with a config.h: set BUILDDIR")


def test_each_header_compiles_alone(tmp_path):
    cc = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not cc:
        pytest.skip("there is no C compiler")
    flags = []
    if shutil.which("pkg-config"):
        flags = subprocess.run(["pkg-config", "--cflags", "jansson"], capture_output=True,
                               text=True).stdout.split()
    bad = []
    for path in (p for p in FILES if p.suffix == ".h"):
        # Twice: a header has a guard.
        one = tmp_path / "one.c"
        one.write_text(f'#include "config.h"\n#include "{name(path)}"\n#include "{name(path)}"\n')
        r = subprocess.run([*cc.split(), "-std=gnu11", "-fsyntax-only", "-Wall", "-Werror",
                            f"-I{builddir()}", f"-I{SRC}", *flags, str(one)],
                           capture_output=True, text=True)
        if r.returncode:
            bad.append(f"{name(path)}: {r.stderr}")
    assert not bad, "\n".join(bad)


FUNCTION = re.compile(r"^(?:[a-z_][\w \t*]*\b|\*)?(\w+)\([^;{}]*\)\n\{\n(.*?)^\}", re.M | re.S)


def is_code(path):
    return path.suffix in (".c", ".h", ".py") or not path.suffix and path.read_bytes().startswith(b"#!")


def test_sizes():
    """At most 400 lines a file, tests included, and 60 a function: see CONTRIBUTING.md."""
    code = [p for top in ("src", "tests") for p in (SRC.parent / top).rglob("*")
            if p.is_file() and "corpus" not in p.parts and is_code(p)]
    assert len(code) > 300
    bad = [f"{p}: {n} lines" for p in code if (n := p.read_text().count("\n")) > 400]
    functions = [(p, m) for p in FILES for m in FUNCTION.finditer(p.read_text())]
    assert len(functions) > 1000
    bad += [f"{name(p)}: {m[1]}() has {n} lines" for p, m in functions if (n := m[2].count("\n")) > 60]
    assert not bad, "\n".join(bad)
