"""Life cycle configurations: checked as S3 does, and returned as they were put.

"Lifecycle configuration elements", S3 User Guide; moto loses some elements.
"""

import re
import uuid
import xml.etree.ElementTree as ET

from .export import find_bucket
from .overlays import after, before, instead
from .wire import AwsError, Response

MINIMUM = "x-amz-transition-default-minimum-object-size"
NS = "http://s3.amazonaws.com/doc/2006-03-01/"
CLASSES = ("STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "GLACIER",
           "DEEP_ARCHIVE")


def malformed():
    return AwsError("MalformedXML", "The XML you provided was not well-formed or did not validate "
                    "against our published schema", 400)


def invalid(message):
    return AwsError("InvalidArgument", message, 400)


def plain(tag):
    return tag.split("}")[-1]


def child(node, name):
    for c in node:
        if plain(c.tag) == name:
            return c
    return None


def text(node, name):
    c = child(node, name)
    return None if c is None else (c.text or "").strip()


def number(node, name):
    value = text(node, name)
    if value is None:
        return None
    if not re.match(r"^-?\d+$", value):
        raise malformed()
    return int(value)


def check_rule(rule):
    if text(rule, "Status") not in ("Enabled", "Disabled"):
        raise malformed()
    if len(text(rule, "ID") or "") > 255:
        raise invalid("ID length should not exceed allowed limit of 255")
    where = child(rule, "Filter")
    if where is None and child(rule, "Prefix") is None:
        raise malformed()
    if where is not None and len(list(where)) > 1:
        raise malformed()
    actions = [c for c in rule if plain(c.tag) not in ("ID", "Status", "Filter", "Prefix")]
    if not actions:
        raise AwsError("InvalidRequest", "At least one action needs to be specified in a rule", 400)
    prefix = next((n.text or "" for n in rule.iter() if plain(n.tag) == "Prefix"), "")
    moves = []
    for action in actions:
        name = plain(action.tag)
        if name == "Transition":
            days, cls = number(action, "Days"), text(action, "StorageClass")
            if cls not in CLASSES or (days is None) == (text(action, "Date") is None):
                raise malformed()
            if days is not None and days < 0:
                raise invalid("'Days' for Transition action must be nonnegative")
            if days is not None and days < 30 and cls in ("STANDARD_IA", "ONEZONE_IA"):
                raise invalid("'Days' in Transition action must be greater than or equal to 30 for "
                              f"storageClass '{cls}'")
            moves.append(days)
    for action in actions:
        name = plain(action.tag)
        if name == "Expiration":
            check_expiration(action, moves, prefix)
        elif name == "NoncurrentVersionExpiration":
            days, newer = number(action, "NoncurrentDays"), number(action, "NewerNoncurrentVersions")
            if days is None or days <= 0:
                raise invalid("'NoncurrentDays' for NoncurrentVersionExpiration action must be a "
                              "positive integer")
            if newer is not None and not 1 <= newer <= 100:
                raise invalid("'NewerNoncurrentVersions' must be between 1 and 100")
        elif name == "AbortIncompleteMultipartUpload":
            days = number(action, "DaysAfterInitiation")
            if days is None or days <= 0:
                raise invalid("'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must "
                              "be a positive integer")
        elif name not in ("Transition", "NoncurrentVersionTransition"):
            raise malformed()


def check_expiration(action, moves, prefix):
    days, date = number(action, "Days"), text(action, "Date")
    marker = text(action, "ExpiredObjectDeleteMarker")
    if sum(v is not None for v in (days, date, marker)) != 1:
        raise malformed()
    if days is not None and days <= 0:
        raise invalid("'Days' for Expiration action must be a positive integer")
    if days is not None and any(m is not None and m >= days for m in moves):
        raise invalid(f"'Days' in the Expiration action for filter '(prefix={prefix})' must be "
                      "greater than 'Days' in the Transition action")
    if date is not None and "T00:00:00" not in date:
        raise invalid("'Date' must be at midnight GMT")


@before("s3", "PutBucketLifecycleConfiguration")
def check(req):
    try:
        root = ET.fromstring(req.body)
    except ET.ParseError:
        raise malformed() from None
    if plain(root.tag) != "LifecycleConfiguration":
        raise malformed()
    rules = [c for c in root if plain(c.tag) == "Rule"]
    if not 1 <= len(rules) <= 1000:
        raise malformed()
    ids = [text(r, "ID") for r in rules if text(r, "ID")]
    if len(ids) != len(set(ids)):
        raise invalid("Rule ID must be unique. Found same ID for more than one rule")
    for rule in rules:
        check_rule(rule)


@instead("s3", "PutBucketLifecycleConfiguration")
def put(req):
    ET.register_namespace("", NS)
    root = ET.fromstring(req.body)
    for rule in root:
        if plain(rule.tag) == "Rule" and not text(rule, "ID"):
            # S3 gives a rule without ID one of its own
            node = child(rule, "ID")
            if node is None:
                node = ET.Element(rule.tag[:-4] + "ID")
                rule.insert(0, node)
            node.text = str(uuid.uuid4())
    _, bucket = find_bucket(req.bucket)
    bucket.local_lifecycle = ET.tostring(root, "utf-8", xml_declaration=True)
    # PutBucketLifecycleConfiguration, Amazon S3 API Reference: what is left out is the default
    bucket.local_minimum = req.get(MINIMUM) or "all_storage_classes_128K"
    return Response(200, {MINIMUM: bucket.local_minimum})


@instead("s3", "GetBucketLifecycleConfiguration")
def get(req):
    _, bucket = find_bucket(req.bucket)
    body = getattr(bucket, "local_lifecycle", None)
    if body is None:
        raise AwsError("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist",
                       404, {"BucketName": req.bucket})
    return Response(200, {"Content-Type": "application/xml", MINIMUM: bucket.local_minimum}, body)


@instead("s3", "DeleteBucketLifecycle", "DeleteBucketLifecycleConfiguration")
def delete(req):
    _, bucket = find_bucket(req.bucket)
    bucket.local_lifecycle = None
    return Response(204)


@after("s3", "GetBucketTagging")
def no_tags(req, resp):
    if resp.status == 200 and b"<Tag>" not in resp.body:
        resp.status = 404
        resp.body = (b"<Error><Code>NoSuchTagSet</Code><Message>The TagSet does not exist</Message>"
                     b"</Error>")
