"""CloudWatch Logs: groups and streams (events are in logevents.py, exports in export.py).

Messages are those of the service as its API reference and public issue threads quote them.
"""

import base64
import datetime
import json
import re

from . import logstore, motobase, state
from .overlays import after, before, instead
from .wire import AwsError, json_response

GROUP_NAME = re.compile(r"^[\.\-_/#A-Za-z0-9]+$")
STREAM_NAME = re.compile(r"^[^:*]*$")
CLASSES = ("STANDARD", "INFREQUENT_ACCESS", "ESSENTIALS", "DELIVERY")
# PutRetentionPolicy, "Valid Values"
RETENTION = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557,
             2922, 3288, 3653)


def backend(req):
    return motobase.backend("logs", req.account, req.region)


def invalid(message):
    return AwsError("InvalidParameterException", message)


def constraint(value, name, text):
    return invalid(f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy "
                   f"constraint: {text}")


def no_group():
    return AwsError("ResourceNotFoundException", "The specified log group does not exist.")


def check_length(params, name, low, high):
    value = params.get(name)
    if value is None:
        return
    if len(value) < low:
        raise constraint(value, name, f"Member must have length greater than or equal to {low}")
    if len(value) > high:
        raise constraint(value, name, f"Member must have length less than or equal to {high}")


def check_range(params, name, low, high):
    value = params.get(name)
    if value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool):
        raise AwsError("SerializationException", f"{name} is not a number")
    if value < low:
        raise constraint(value, name, f"Member must have value greater than or equal to {low}")
    if high is not None and value > high:
        raise constraint(value, name, f"Member must have value less than or equal to {high}")


def check_group_name(name):
    if name is None:
        raise constraint("null", "logGroupName", "Member must not be null")
    if not GROUP_NAME.match(name) or len(name) > 512:
        raise constraint(name, "logGroupName",
                         "Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+")


def find_group(req, name=None, identifier=None):
    params = req.params
    name = name or params.get("logGroupName")
    identifier = identifier or params.get("logGroupIdentifier")
    if name and identifier:
        raise invalid("LogGroup name and LogGroup ARN are mutually exclusive parameters.")
    if identifier:
        name = identifier.split(":log-group:")[-1].removesuffix(":*")
    check_group_name(name)
    group = backend(req).groups.get(name)
    if group is None:
        raise no_group()
    return group


def find_stream(group, name):
    stream = group.streams.get(name)
    if stream is None:
        raise AwsError("ResourceNotFoundException", "The specified log stream does not exist.")
    return stream


def created_ms(thing):
    from moto.core.utils import unix_time_millis
    return int(unix_time_millis(thing.creation_time))


def token(obj):
    return base64.urlsafe_b64encode(json.dumps(obj).encode()).decode()


def untoken(text):
    try:
        return json.loads(base64.urlsafe_b64decode(text.encode()))
    except ValueError:
        raise invalid("The specified nextToken is invalid.") from None


# ---- groups -------------------------------------------------------------------------------------

@before("logs", "*")
def content_type(req):
    # awsJson1.1: with another content type, it is not recognised as a call of this service
    if not (req.get("Content-Type") or "").startswith("application/x-amz-json-1.1"):
        raise AwsError("UnknownOperationException", "", 404)


@before("logs", "CreateLogGroup")
def create_log_group(req):
    check_group_name(req.params.get("logGroupName"))
    if req.params.get("logGroupClass", "STANDARD") not in CLASSES:
        raise constraint(req.params["logGroupClass"], "logGroupClass",
                         "Member must satisfy enum value set: [STANDARD, INFREQUENT_ACCESS, DELIVERY]")


@after("logs", "CreateLogGroup")
def keep_class(req, resp):
    """The class is fixed at creation; moto forgets it."""
    group = backend(req).groups.get(req.params["logGroupName"])
    if resp.status == 200 and group:
        group.local_class = req.params.get("logGroupClass", "STANDARD")
        group.creation_time = clock_now()


@after("logs", "CreateLogStream")
def stream_clock(req, resp):
    if resp.status == 200:
        group = backend(req).groups[req.params["logGroupName"]]
        group.streams[req.params["logStreamName"]].creation_time = clock_now()


def clock_now():
    return datetime.datetime.fromtimestamp(state.now(), datetime.timezone.utc).replace(tzinfo=None)


@before("logs", "CreateLogStream")
def create_log_stream(req):
    group = find_group(req)
    name = req.params.get("logStreamName") or ""
    if not STREAM_NAME.match(name) or not 1 <= len(name) <= 512:
        raise constraint(name, "logStreamName",
                         "Member must satisfy regular expression pattern: [^:*]*")
    if name in group.streams:
        raise AwsError("ResourceAlreadyExistsException", "The specified log stream already exists")


@after("logs", "DeleteLogStream")
def delete_log_stream(req, resp):
    group = backend(req).groups.get(req.params.get("logGroupName"))
    if resp.status == 200 and group:
        logstore.drop_stream(group, req.params["logStreamName"])


@before("logs", "PutRetentionPolicy")
def put_retention(req):
    find_group(req)
    if req.params.get("retentionInDays") not in RETENTION:
        raise invalid("1 validation error detected: Value '%s' at 'retentionInDays' failed to "
                      "satisfy constraint: Member must satisfy enum value set: [%s]" %
                      (req.params.get("retentionInDays"), ", ".join(map(str, sorted(RETENTION)))))


@instead("logs", "AssociateKmsKey")
def associate_kms_key(req):
    group = find_group(req)
    group.kms_key_id = req.params["kmsKeyId"]
    return json_response({})


@before("logs", "ListTagsForResource", "TagResource", "UntagResource")
def tag_arn(req):
    # "Log group ARN: arn:aws:logs:Region:account-id:log-group:log-group-name" - without ":*"
    arn = req.params.get("resourceArn", "")
    if arn.endswith(":*"):
        raise invalid("Resource ARN must not end with ':*'")
    if ":log-group:" in arn and arn.split(":log-group:")[1] not in backend(req).groups:
        raise AwsError("ResourceNotFoundException", "The specified resource does not exist.")


def describe_group(group):
    from . import retention
    out = {"logGroupName": group.name, "creationTime": created_ms(group),
           "metricFilterCount": 0, "arn": f"{group.arn}:*", "logGroupArn": group.arn,
           "storedBytes": sum(s.stored_bytes for s in group.streams.values()),
           "logGroupClass": getattr(group, "local_class", "STANDARD")}
    days, policy = retention.effective(group)
    if days:
        out["retentionInDays"] = days
    if policy:
        out["retentionPolicyName"] = policy
    if group.kms_key_id:
        out["kmsKeyId"] = group.kms_key_id
    return out


@instead("logs", "DescribeLogGroups")
def describe_log_groups(req):
    p = req.params
    prefix, pattern = p.get("logGroupNamePrefix"), p.get("logGroupNamePattern")
    if prefix and pattern:
        raise invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive "
                      "parameters.")
    check_length(p, "logGroupNamePrefix", 1, 512)
    check_length(p, "logGroupNamePattern", 0, 512)
    check_range(p, "limit", 1, 50)
    idents = p.get("logGroupIdentifiers")
    wanted = None
    if idents:
        if not 1 <= len(idents) <= 50:
            raise constraint(len(idents), "logGroupIdentifiers",
                             "Member must have length less than or equal to 50")
        wanted = {i.split(":log-group:")[-1].removesuffix(":*") for i in idents}
    if p.get("logGroupClass") not in (None, *CLASSES):
        raise constraint(p["logGroupClass"], "logGroupClass", "Member must satisfy enum value set")
    names = []
    for name, group in backend(req).groups.items():
        if ((prefix and not name.startswith(prefix)) or (pattern and pattern not in name) or
                (wanted is not None and name not in wanted) or
                (p.get("logGroupClass") and
                 getattr(group, "local_class", "STANDARD") != p["logGroupClass"])):
            continue
        names.append(name)
    names.sort()
    return page(p, names, 50, "logGroups",
                lambda n: describe_group(backend(req).groups[n]))


def page(params, names, default, member, describe):
    """One page of sorted names; the token is the last name given."""
    limit = params.get("limit") or default
    if params.get("nextToken"):
        last = untoken(params["nextToken"])
        names = [n for n in names if n > last]
    out = {member: [describe(n) for n in names[:limit]]}
    if len(names) > limit:
        out["nextToken"] = token(names[limit - 1])
    return json_response(out)


@instead("logs", "DescribeLogStreams")
def describe_log_streams(req):
    p = req.params
    group = find_group(req)
    check_range(p, "limit", 1, 50)
    order = p.get("orderBy", "LogStreamName")
    prefix = p.get("logStreamNamePrefix")
    if order not in ("LogStreamName", "LastEventTime"):
        raise constraint(order, "orderBy",
                         "Member must satisfy enum value set: [LogStreamName, LastEventTime]")
    if order == "LastEventTime" and prefix:
        raise invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
    rows = []
    for name, stream in group.streams.items():
        if not prefix or name.startswith(prefix):
            events = logstore.stream_events(stream).all()
            last = events[-1][0] if events else 0
            rows.append((name if order == "LogStreamName" else (last, name), stream, events))
    rows.sort(key=lambda r: r[0], reverse=bool(p.get("descending")))
    start = untoken(p["nextToken"]) if p.get("nextToken") else 0
    limit = p.get("limit") or 50
    out = {"logStreams": [describe_stream(s, e) for _, s, e in rows[start:start + limit]]}
    if start + limit < len(rows):
        out["nextToken"] = token(start + limit)
    return json_response(out)


def describe_stream(stream, events):
    # storedBytes of a stream has been 0 since 17 June 2019 (LogStream, API reference)
    out = {"logStreamName": stream.log_stream_name, "creationTime": created_ms(stream),
           "arn": stream.arn, "storedBytes": 0}
    if events:
        out.update(firstEventTimestamp=events[0][0], lastEventTimestamp=events[-1][0],
                   lastIngestionTime=max(e[logstore.INGESTED] for e in (events[0], events[-1])),
                   uploadSequenceToken="49039859596193645010149519112158472")
    return out
