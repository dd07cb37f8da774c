"""Export tasks: CreateExportTask, DescribeExportTasks, CancelExportTask.

Behaviour: API reference of these operations and "Exporting log data to Amazon S3" of the CloudWatch
Logs User Guide. moto runs a task at once, has no limit of one, and checks no bucket policy.
"""

import gzip
import json
import random
import time
import uuid

from . import logs, logstore, perms, policy, retention, state
from .logs import constraint, invalid
from .overlays import instead
from .wire import AwsError, Response, json_response

ACTIVE = ("PENDING", "RUNNING", "PENDING_CANCEL")
CODES = ("CANCELLED", "COMPLETED", "FAILED", "PENDING", "PENDING_CANCEL", "RUNNING")
GRANT = ("{} call on the given bucket failed. Please check if CloudWatch Logs has been granted "
         "permission to perform this operation.")
CALLER = ("Please ensure that the CreateExportTask caller has been granted s3:PutObject access to "
          "the bucket.")
_tasks = {}                         # (account, region) -> [Task]


class Task:
    def __init__(self, req, group):
        p = req.params
        self.id = str(uuid.uuid4())
        self.name, self.group_name = p.get("taskName"), p["logGroupName"]
        self.start, self.end = p["from"], p["to"]
        self.bucket = p["destination"]
        self.given_prefix = p.get("destinationPrefix") or ""
        self.prefix = self.given_prefix or "exportedlogs"
        self.stream_prefix = p.get("logStreamNamePrefix") or ""
        self.group = group
        self.account, self.region = req.account, req.region
        self.code, self.message = "PENDING", None
        self.created, self.completed = state.now_ms(), None
        self.polls = 0
        self.since = time.monotonic()
        self.outcome = next_outcome()
        self.hidden = (self.outcome or {}).get("hidden_polls", 0)

    def to_json(self):
        out = {"taskId": self.id, "logGroupName": self.group_name, "from": self.start,
               "to": self.end, "destination": self.bucket, "destinationPrefix": self.prefix,
               "status": {"code": self.code},
               "executionInfo": {"creationTime": self.created}}
        if self.name:
            out["taskName"] = self.name
        message = self.message or {"COMPLETED": "Completed successfully"}.get(self.code)
        if message:
            out["status"]["message"] = message
        if self.completed:
            out["executionInfo"]["completionTime"] = self.completed
        return out


def next_outcome():
    """The setting `outcome` is one object for the next task, or a list for the next ones."""
    value = state.settings["outcome"]
    if isinstance(value, list):
        return value.pop(0) if value else None
    state.settings["outcome"] = None
    return value


def tasks(req):
    return _tasks.setdefault((req.account, req.region), [])


def active(req):
    return [t for t in tasks(req) if t.code in ACTIVE]


# ---- operations ---------------------------------------------------------------------------------

@instead("logs", "CreateExportTask")
def create_export_task(req):
    p = req.params
    logs.check_length(p, "taskName", 1, 512)
    logs.check_length(p, "logStreamNamePrefix", 1, 512)
    for name in ("from", "to", "destination"):
        if p.get(name) is None:
            raise constraint("null", name, "Member must not be null")
    logs.check_range(p, "from", 0, None)
    logs.check_range(p, "to", 0, None)
    group = logs.find_group(req)
    if p["from"] >= p["to"]:
        raise invalid("Invalid export time range: 'from' has to be before 'to'.")
    if state.settings["to_before_creation"] == "refused" and p["to"] < logs.created_ms(group):
        # "You must specify a time that is not earlier than when this log group was created." AWS
        # was seen to take such a task all the same.
        raise invalid("Invalid export time range: 'to' is earlier than the creation time of the "
                      "log group.")
    if getattr(group, "local_class", "STANDARD") == "DELIVERY":
        raise invalid("The operation is not supported for log groups of class DELIVERY.")
    bucket = check_bucket(req)
    # The write test runs before the limit is checked: a refused task leaves the marker, too.
    put_marker(req, bucket)
    advance(req)
    if active(req):
        raise AwsError("LimitExceededException", "Resource limit exceeded.")
    task = Task(req, group)
    tasks(req).insert(0, task)
    return json_response({"taskId": task.id})


@instead("logs", "DescribeExportTasks")
def describe_export_tasks(req):
    p = req.params
    logs.check_range(p, "limit", 1, 50)
    logs.check_length(p, "taskId", 1, 512)
    if p.get("statusCode") not in (None, *CODES):
        raise constraint(p["statusCode"], "statusCode",
                         f"Member must satisfy enum value set: [{', '.join(CODES)}]")
    tick(req.account, req.region)
    rows = [t for t in tasks(req) if not hides(t)
            and (not p.get("taskId") or t.id == p["taskId"])
            and (not p.get("statusCode") or t.code == p["statusCode"])]
    start = 0
    if p.get("nextToken"):
        last = logs.untoken(p["nextToken"])
        ids = [t.id for t in tasks(req)]
        if last not in ids:
            raise invalid("The specified nextToken is invalid.")
        behind = set(ids[ids.index(last) + 1:])
        rows = [t for t in rows if t.id in behind]
    limit = p.get("limit") or 50
    out = {"exportTasks": [t.to_json() for t in rows[start:start + limit]]}
    if len(rows) > limit:
        out["nextToken"] = logs.token(rows[limit - 1].id)
    advance(req)
    return json_response(out)


def hides(task):
    """A list may lag behind: there is no promise of read-after-write consistency."""
    task.hidden -= 1
    return task.hidden >= 0


@instead("logs", "CancelExportTask")
def cancel_export_task(req):
    logs.check_length(req.params, "taskId", 1, 512)
    tick(req.account, req.region)
    for task in tasks(req):
        if task.id == req.params.get("taskId"):
            if task.code not in ("PENDING", "RUNNING"):
                raise AwsError("InvalidOperationException",
                               "The specified export task is not in a state that can be cancelled.")
            enter(task, "PENDING_CANCEL")
            return Response(200, {"Content-Type": "application/x-amz-json-1.1"})
    raise AwsError("ResourceNotFoundException", "The specified export task does not exist.")


# ---- checks of the bucket -----------------------------------------------------------------------

def find_bucket(name):
    from moto.s3.models import s3_backends
    for account in list(s3_backends.values()):
        for backend in list(account.values()):
            if name in backend.buckets:
                return backend, backend.buckets[name]
    return None, None


def check_bucket(req):
    p = req.params
    backend, bucket = find_bucket(p["destination"])
    if bucket is None:
        raise invalid("The given bucket does not exist. Please make sure the bucket is valid.")
    if bucket.region_name != req.region:
        # "The S3 bucket must reside in the same Region as the log data"; the words are a guess.
        raise invalid("The given bucket is in a different region. Please make sure the bucket is "
                      "in the same region as the log group.")
    prefix = (p.get("destinationPrefix") + "/") if p.get("destinationPrefix") else ""
    arn = f"arn:{backend.partition}:s3:::{bucket.name}"
    code = state.settings["export_acl_error"]
    service = ("Service", f"logs.{req.region}.amazonaws.com")
    context = {
        "aws:SourceAccount": req.account, "aws:SecureTransport": "true",
        "aws:SourceArn": f"arn:{backend.partition}:logs:{req.region}:{req.account}:log-group:"
                         f"{p['logGroupName']}:*",
    }
    docs = [json.loads(bucket.policy)] if bucket.policy else []
    if policy.evaluate(docs, "s3:GetBucketAcl", arn, context, service) != "allow":
        raise AwsError(code, GRANT.format("GetBucketAcl"))
    context["s3:x-amz-acl"] = "bucket-owner-full-control"
    for key in (f"{prefix}aws-logs-write-test", f"{prefix}00000000-0000-0000-0000-000000000000/x"):
        if policy.evaluate(docs, "s3:PutObject", f"{arn}/{key}", context, service) != "allow":
            raise AwsError(code, GRANT.format("PutObject"))
    resource = f"{arn}/{prefix}aws-logs-write-test"
    req.iam.append(("s3:PutObject", resource))
    if perms.verdict(req.key, "s3:PutObject", resource):
        raise AwsError("AccessDeniedException", CALLER)
    return bucket


def put_marker(req, bucket):
    prefix = req.params.get("destinationPrefix")
    put_object(bucket, (prefix + "/" if prefix else "") + "aws-logs-write-test",
               b"Permission Check Successful")


def put_object(bucket, key, body):
    backend, _ = find_bucket(bucket.name)
    made = backend.put_object(bucket.name, key, body)
    made.local_no_checksum = not state.settings["export_checksum"]


# ---- progress -----------------------------------------------------------------------------------

def enter(task, code):
    task.code, task.polls, task.since = code, 0, time.monotonic()


def due(task):
    s = state.settings
    name = {"PENDING": "pending", "RUNNING": "running", "PENDING_CANCEL": "cancel"}[task.code]
    seconds = s.get(f"{name}_seconds")
    if seconds is not None:
        return time.monotonic() - task.since >= seconds
    return task.polls >= s[f"{name}_polls"]


def advance(req):
    """One poll has seen the tasks of this account and region."""
    for task in active(req):
        task.polls += 1
    tick(req.account, req.region)


def tick(account, region):
    """Advances every task as far as polls and seconds allow."""
    for task in _tasks.get((account, region), ()):
        while task.code in ACTIVE and due(task):
            if task.code == "PENDING":
                enter(task, "RUNNING")
            elif task.code == "PENDING_CANCEL":
                finish(task, "CANCELLED", "Cancelled by user.")
            else:
                run(task)


def tick_all():
    for account, region in list(_tasks):
        tick(account, region)


def finish(task, code, message=None):
    task.code, task.message, task.completed = code, message, state.now_ms()


def run(task):
    outcome = task.outcome or {}
    retention.expire(task.group)
    _, bucket = find_bucket(task.bucket)
    if bucket is None:
        return finish(task, "FAILED", "The given bucket does not exist.")
    objects = list(render(task, outcome))
    code = outcome.get("status", "COMPLETED")
    if code != "COMPLETED":
        objects = objects[:int(outcome.get("after_objects", 0))]
    for key, body in objects:
        put_object(bucket, key, body)
    finish(task, code, outcome.get("message"))


def render(task, outcome):
    """(key, gzip) of every object that the task writes."""
    settled = task.created - int(state.settings["settle_seconds"] * 1000)
    drop, double = outcome.get("drop_events", 0), outcome.get("duplicate_events", 0)
    numbers = {}                    # two streams "a/b" and "a-b" share a folder: numbers go on
    for name in sorted(task.group.streams):
        if not name.startswith(task.stream_prefix):
            continue
        rows = [r for r in window(task, logstore.stream_events(task.group.streams[name]).all())
                if not state.settings["settle_seconds"] or r[logstore.INGESTED] <= settled]
        while drop and rows:
            rows.pop(len(rows) // 2)
            drop -= 1
        while double and rows:
            rows.insert(len(rows) // 2, rows[len(rows) // 2])
            double -= 1
        folder = f"{task.prefix}/{task.id}/{name.replace('/', '-')}"
        for lines in split(rows):
            number = numbers.get(folder, 0)
            numbers[folder] = number + 1
            if state.settings["shuffle"]:
                shuffle(lines, f"{name}/{number}")
            yield f"{folder}/{number:06d}.gz", compress(lines)


def window(task, rows):
    """Which events are between `from` and `to` is not settled: the API reference speaks of the
    event's timestamp and of events later than `to` that are left out, the user guide of ingestion
    and an exclusive end."""
    end = task.end + (1 if state.settings["to"] == "inclusive" else 0)
    if state.settings["window_by"] == "ingestion":
        return [r for r in rows if task.start <= r[logstore.INGESTED] < end]
    lo, hi = logstore.span(rows, task.start, end)
    return rows[lo:hi]


def line(row):
    ms = row[0]
    when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms // 1000))
    return f"{when}.{ms % 1000:03d}Z {row[logstore.MESSAGE]}\n".encode()


def split(rows):
    out, size = [], 0
    for row in rows:
        data = line(row)
        if out and size + len(data) > state.settings["file_bytes"]:
            yield out
            out, size = [], 0
        out.append(data)
        size += len(data)
    if out:
        yield out


def shuffle(lines, seed):
    """Order inside a file is not guaranteed: some neighbours are swapped."""
    rng = random.Random(seed)
    for i in range(0, len(lines) - 1, 7):
        j = min(len(lines) - 1, i + rng.randrange(1, 4))
        lines[i], lines[j] = lines[j], lines[i]


def compress(lines):
    members = max(1, min(int(state.settings["members"]), len(lines)))
    step = -(-len(lines) // members)
    return b"".join(gzip.compress(b"".join(lines[i:i + step]), 6, mtime=0)
                    for i in range(0, len(lines), step))


@state.on_reset
def _reset():
    _tasks.clear()
