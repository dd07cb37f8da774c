# SPDX-License-Identifier: MIT
"""The gate of tests/bench/instructions, which says how it is run."""

import argparse
import http.server
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.parse

import corpus

OBJECTS, TEXT = 100, 205_000
TOLERANCE = 0.02
ACCEPTED = pathlib.Path(__file__).with_name("instructions.json")


class Handler(http.server.BaseHTTPRequestHandler):
    """What nginx answers in tests/bench/verify, but each reply goes out in one piece."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_args):
        pass

    def reply(self, data, kind, **headers):
        self.send_response(200 if data is not None else 404)
        for name, value in {"Content-Type": kind, "Content-Length": len(data or b""), **headers}.items():
            self.send_header(name, str(value))
        self._headers_buffer.append(b"\r\n" + (data or b""))
        self.flush_headers()

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.reply(corpus.CALLER.encode(), "text/xml")

    def do_HEAD(self):
        self.reply(b"", "application/xml", **{"x-amz-bucket-region": corpus.REGION})

    def do_GET(self):
        path, _, query = self.path.partition("?")
        query = urllib.parse.parse_qs(query, keep_blank_values=True)
        if "encryption" in query:
            self.reply(None, "application/xml")
            return
        if path.strip("/") == corpus.BUCKET:
            name = urllib.parse.quote(query["prefix"][0], safe="")
            file = self.server.corpus.pages / f"{name}.{query.get('continuation-token', [''])[0]}.xml"
            self.reply(file.read_bytes() if file.exists() else None, "application/xml")
            return
        file = self.server.corpus.root / "files" / urllib.parse.unquote(path).lstrip("/")
        tag = f'"{corpus.etag(file)}"' if file.exists() else '""'
        self.reply(file.read_bytes() if file.exists() else None, "application/octet-stream", ETag=tag)


class Server(http.server.ThreadingHTTPServer):
    def __init__(self, archive):
        super().__init__(("127.0.0.1", 0), Handler)
        self.corpus = archive
        threading.Thread(target=self.serve_forever, daemon=True).start()


def own_cost(profile, program):
    """Instructions of the program's own code, and of all, in a profile of callgrind's."""
    names, own, total, ours, called = {}, 0, 0, False, False
    for line in profile.read_text().splitlines():
        if m := re.match(r"ob=\((\d+)\)(?: (.*))?$", line):
            names.setdefault(m[1], m[2])
            ours = names[m[1]] == str(program)
        elif m := re.match(r"cob=\((\d+)\)(?: (.*))?$", line):
            names.setdefault(m[1], m[2])
        elif line.startswith("calls="):
            called = True       # the next line is what the callee took
        elif re.match(r"[+*\d-]", line):
            cost = 0 if called else int(line.split()[1])
            own, total, called = own + cost * ours, total + cost, False
    return own, total


def count(built, work, url):
    # valgrind does not understand everything that clang writes for debuggers.
    program = work / built.parts[-3]
    subprocess.run(["strip", "--strip-debug", "-o", program, built], check=True)
    env = {"PATH": os.environ["PATH"], "HOME": str(work), "LC_ALL": "C", "TZ": "UTC",
           "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_REGION": corpus.REGION,
           "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
           "AWS_EC2_METADATA_DISABLED": "true"}
    profile = work / "callgrind.out"
    r = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}",
                        program, "verify", "--endpoint-url", url, "--bucket", corpus.BUCKET, "--all",
                        "--log-group", "gate", "--jobs", "1", "--output", "json"],
                       env=env, capture_output=True, text=True, timeout=300)
    if r.returncode or not json.loads(r.stdout).get("whole"):
        raise SystemExit(f"verify failed:\n{r.stdout}{r.stderr}")
    return own_cost(profile, program)


def compiler(name):
    """As "gcc 12": another one makes other code of the same source."""
    version = subprocess.run([name, "-dumpversion"], capture_output=True, text=True, check=True).stdout
    return f"{name} {version.split('.')[0].strip()}"


def main():
    p = argparse.ArgumentParser(prog="tests/bench/instructions")
    p.add_argument("build", type=pathlib.Path)
    p.add_argument("--accept", action="store_true")
    o = p.parse_args()
    accepted = json.loads(ACCEPTED.read_text())
    failed = False
    with tempfile.TemporaryDirectory(prefix="apigw-logs-bench-") as work:
        archive = corpus.Corpus(pathlib.Path(work))
        archive.group("gate", 1, OBJECTS, TEXT)
        server = Server(archive)
        url = f"http://127.0.0.1:{server.server_address[1]}"
        for name in ("gcc", "clang"):
            key = f"{compiler(name)} {os.uname().machine}"
            own, total = count((o.build / name / "src/apigw-logs").resolve(), archive.root, url)
            was = accepted.get(key)
            change = f"{100 * (own / was - 1):+.2f} %" if was else "new"
            print(f"{key}: {own:,} instructions ({total:,} with libraries), accepted {was or 0:,}: {change}")
            if was is None and not o.accept:
                print(f"not run: there is no figure for {key}; sh tests/bench/instructions --accept adds it")
            elif was and abs(own / was - 1) > TOLERANCE and not o.accept:
                failed = True
            accepted[key] = own
    if o.accept:
        ACCEPTED.write_text(json.dumps(accepted, indent=2, sort_keys=True) + "\n")
    elif failed:
        print(f"more or less than {TOLERANCE:.0%} from what was accepted. Look why; where it is wanted,\n"
              "    sh tests/bench/instructions --accept\nwrites the new figures, to be committed with the change")
    sys.exit(failed)


main()
