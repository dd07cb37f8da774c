"""Holds documents against the JSON Schema that is installed, and tells what is wrong with one.

The schema allows members that it does not know, as later versions may add some; here, each must be in it.
"""

import functools
import json
import pathlib

import jsonschema

SCHEMA = pathlib.Path(__file__).resolve().parent.parent / "src" / "schema" / "apigw-logs.json"


def closed(node, part=False):
    """Lets no object have members that it does not name itself, or by allOf."""
    if isinstance(node, list):
        return [closed(n, part) for n in node]
    if not isinstance(node, dict):
        return node
    new = {k: closed(v, k == "allOf") for k, v in node.items() if k != "$defs"}
    if not part and ("properties" in new or "$ref" in new):
        new["unevaluatedProperties"] = False
    return new


@functools.cache
def validator(name):
    schema = json.loads(SCHEMA.read_text())
    assert name in schema["$defs"], f"src/schema/apigw-logs.json has no document of '{name}'"
    parts = {name: {k: closed(v, k == "allOf") for k, v in part.items()}
             for name, part in schema["$defs"].items()}
    return jsonschema.Draft202012Validator(
        {"$defs": parts, "$ref": f"#/$defs/{name}", "unevaluatedProperties": False})


def validate(document, name):
    """Returns the document."""
    wrong = [f"{e.json_path}: {e.message}" for e in validator(name).iter_errors(document)]
    assert not wrong, "\n".join(wrong[:10])
    return document
