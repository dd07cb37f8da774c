"""What AWS's documents leave open, and how the objects of export tasks answer it.

Each doubt is a function of what was seen that returns (answer, what it was seen by); "open" where the
events had not settled, or two observations disagree.
"""

import re

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ")


def messages(texts):
    """Of the events in the texts of objects."""
    return [line[25:] for text in texts for line in text.split("\n") if STAMP.match(line)]


def window_by(seen):
    """A boundary's events were stamped around it, but ingested at another time, and the other way round."""
    by = set()
    if any(f"{edge} before" in seen["events"][f"{edge}-1"] for edge in ("past", "ahead")):
        by.add("event")
    if "ingested 0" in seen["events"].get("ingestion", ()):
        by.add("ingestion")
    return (by.pop() if len(by) == 1 else "open"), {name: sorted(e) for name, e in seen["events"].items()}


def to_is(seen):
    by, _ = window_by(seen)
    if by == "ingestion":
        found = {"ingested 1" in seen["events"]["ingestion"]}
    else:
        # Where the second window has the boundary's event, the first one's answer counts.
        found = {f"{edge} on" in seen["events"][f"{edge}-1"] for edge in ("past", "ahead")
                 if {f"{edge} before", f"{edge} on"} <= seen["events"][f"{edge}-1"] | seen["events"][f"{edge}-2"]}
    if by == "open" or len(found) != 1:
        return "open", None
    return ("inclusive" if found.pop() else "exclusive"), by


def before_creation(seen):
    """A task that ends before its log group was made."""
    return ("taken" if seen["tasks"]["past-1"]["refused"] is None else "refused"), seen["tasks"]["past-1"]["refused"]


def from_and_future(seen):
    return {name: ("exported" if text in seen["all"] else "missing")
            for name, text in (("early", "stamped two hours early"), ("late", "sent thirteen days late"))}, None


def classes(seen):
    def one(name):
        refused = seen["classes"][name]["create"]
        if refused:
            return f"cannot be made: {refused['message']}"
        task = seen["tasks"][f"class-{name}"]
        if task["refused"]:
            return f"refused: {task['refused']['message']}"
        return f"{task['status']['code']}, {'with' if f'class-{name}' in seen['exported'] else 'without'} its event"
    return {name: one(name) for name in seen["classes"]}, seen["classes"]


def roll_over(seen):
    """How large the files of a stream are, and at which size the next one begins."""
    sizes = [(f["raw"], f["size"]) for f in seen["files"] if f["stream"] == "volume"]
    return (f"{len(sizes)} file(s)", {"put": seen["volume"], "raw and gzip bytes of each": sizes})


def escaping(seen):
    """What becomes of a stream's name in a key; None where its event is in no object."""
    where = {}
    for name in seen["odd"]:
        where[name] = next((f["stream"] for f in seen["files"] if f"in {name}" in f["messages"]), None)
    changed = {n: f for n, f in where.items() if f != n}
    return ("only / becomes -" if all(f == n.replace("/", "-") for n, f in changed.items()) else "otherwise"), changed


def checksums(seen):
    kinds = {str(f["checksum"]) for f in seen["files"]}
    return (", ".join(sorted(kinds)) or "no object"), {"etag is MD5": all(f["etag_is_md5"] for f in seen["files"]),
                                                      "encryption": sorted({str(f["sse"]) for f in seen["files"]})}


def events_as_lines(seen):
    """An event of several lines, and one of 1 MB."""
    whole = [name for name, text in (("lines", seen["lines"]), ("large", seen["large"]))
             if any(text in t for t in seen["texts"])]
    return {"whole": whole}, {"members": sorted({f["members"] for f in seen["files"]}), "1 MB put": seen["large_put"]}


def marker(seen):
    """Where the write test leaves its object; every task here has a prefix."""
    depths = [key.count("/") for key in seen["markers"]]
    return {"at the root": depths.count(0), "below the prefix": depths.count(2)}, None


def texts(seen):
    """Of refusals; not a doubt that has one answer, but the program knows some of them by heart."""
    return f"{len(seen['refusals'])} refusals", seen["refusals"]


def program(seen):
    """What apigw-logs made of it, after the settling time."""
    return seen["program"] or "not settled", None


DOUBTS = (
    ("window_by", window_by), ("to", to_is), ("to_before_creation", before_creation), ("early_and_late", from_and_future),
    ("classes", classes), ("roll_over", roll_over), ("escaping", escaping), ("checksums", checksums),
    ("lines", events_as_lines), ("marker", marker), ("refusals", texts), ("program", program),
)


def answers(seen):
    def one(doubt):
        try:
            return dict(zip(("answer", "seen"), doubt(seen)))
        except Exception as e:      # what took 13 hours to see is not thrown away for one of them
            return {"answer": "cannot tell", "seen": repr(e)}
    return {name: one(doubt) for name, doubt in DOUBTS}
