"""Holds documents against the JSON Schema that is installed, and tells what is wrong with one.

The schema allows members that it does not know, as later versions may add some; here, each must be in it.
"""

import functools
import json
import pathlib

import jsonschema

SCHEMA = pathlib.Path(__file__).resolve().parent.parent / "src" / "schema" / "apigw-logs.json"
# Others are made of them, so they cannot be complete.
PARTS = {"run", "archive", "log_window", "changes", "export_run", "verify_run", "cat_run", "export_task"}


def closed(node, at=""):
    if isinstance(node, list):
        return [closed(n) for n in node]
    if not isinstance(node, dict):
        return node
    new = {k: closed(v, k) for k, v in node.items()}
    if "properties" in new and new.get("type") == "object" and at not in PARTS:
        new["unevaluatedProperties"] = False
    return new


@functools.cache
def validator(name):
    schema = json.loads(SCHEMA.read_text())
    assert name in schema["$defs"], f"src/schema/apigw-logs.json has no document of '{name}'"
    del schema["oneOf"]
    return jsonschema.Draft202012Validator({**closed(schema), "$ref": f"#/$defs/{name}"})


def validate(document, name):
    """Returns the document."""
    wrong = [f"{e.json_path}: {e.message}" for e in validator(name).iter_errors(document)]
    assert not wrong, "\n".join(wrong[:10])
    return document
