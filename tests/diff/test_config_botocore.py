# SPDX-License-Identifier: MIT
"""Config and credentials files, read by this program and by botocore.

Where botocore's configparser and the SDKs' specification differ, the
specification holds and no case is made: sections and properties that are there
twice, comments behind a value, ':' for '=', blank lines inside a value,
unusual characters in names, [profile x] beside [default].
"""

import botocore.configloader
import botocore.exceptions
import runners

WORDS = ["region", "Output", "role_arn", "a-b", "x1", "s3", "services", "endpoint_url", "k"]
NAMES = ["default", "a", "B", "dev-1", "x.y", "u@v", "p_q", "n/o"]
VALUES = ["eu-west-1", "", "a=b", "x;y", "u#v", "a b  c", "=", "[x]", "ü", "%(a)s", '"q"']
JUNK = ["no equals sign", "= value", "[profile open", "]", "key value"]


def blank(rng):
    return rng.choice(["", "", " ", "\t", "  \t "])


def properties(rng):
    """Lines of a section's properties, each name once."""
    for word in rng.sample(WORDS, rng.randrange(5)):
        if rng.random() < 0.2:
            yield f"{word}{blank(rng)}={blank(rng)}"
            for sub in rng.sample(WORDS, rng.randrange(1, 4)):
                yield f" {blank(rng)}{sub.lower()}{blank(rng)}={blank(rng)}{rng.choice(VALUES)}"
        else:
            first = rng.choice([v for v in VALUES if v])
            yield f"{word}{blank(rng)}={blank(rng)}{first}{blank(rng)}"
            while rng.random() < 0.2:
                yield f" {blank(rng)}{rng.choice([v for v in VALUES if v and v[0] not in '[='])}"
        if rng.random() < 0.15:
            yield rng.choice(["# comment", "; comment = x", "  # indented"])
    if rng.random() < 0.02:
        yield rng.choice(JUNK)


def section(rng, name, credentials):
    if credentials:
        return f"[{name}]"
    kind = rng.choice(["profile", "profile", "profile", "sso-session", "services", "other"])
    if name == "default" and kind == "profile":
        return "[default]"
    quote = rng.choice(["", "", "", "'", '"'])
    return f"[{kind}{rng.choice([' ', chr(9), '  '])}{quote}{name}{quote}]"


def text(rng, credentials):
    lines = []
    if rng.random() < 0.02:
        lines.append(rng.choice(JUNK))
    headers = {}
    for name in rng.sample(NAMES, rng.randrange(5)):
        header = section(rng, name, credentials)
        headers.setdefault(" ".join(header.split()), header)
    for header in headers.values():
        lines += [header, *properties(rng)]
        if rng.random() < 0.3:
            lines.append("")
    end = rng.choice(["\n", "\n", "\r\n"])
    return end.join(lines) + rng.choice(["", end])


def expected(tmp_path, config, credentials):
    """What botocore's session makes of the two files."""
    path = tmp_path / "config"
    path.write_bytes(config.encode())
    got = botocore.configloader.load_config(str(path))
    path.write_bytes(credentials.encode())
    for name, values in botocore.configloader.raw_config_parse(str(path)).items():
        got["profiles"].setdefault(name, {}).update(values)
    return {kind: got[kind] for kind in ("profiles", "sso_sessions", "services")}


def test_config(tmp_path):
    seed, rng = runners.seeded()
    tests = []
    for i in range(runners.count(5000)):
        config, credentials = text(rng, False), text(rng, True)
        try:
            output = {"config": expected(tmp_path, config, credentials)}
        except botocore.exceptions.ConfigParseError:
            output = {"errorContaining": "line "}
        tests.append(
            {
                "name": str(i),
                "input": {"configFile": config, "credentialsFile": credentials},
                "output": output,
            }
        )
    assert 0 < sum("config" in t["output"] for t in tests)
    runners.run(tmp_path, seed, "config", {"tests": tests})
