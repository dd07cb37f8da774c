"""What tests/real makes in an account: a bucket, a log group of each class, events; and its removal."""

import itertools
import json
import signal
import time

import botocore.exceptions
from botocore.config import Config

HOUR, MINUTE = 3_600_000, 60_000
CLASSES = ("STANDARD", "INFREQUENT_ACCESS", "ESSENTIALS", "DELIVERY")
# A log stream may be called anything without ':' and '*'. "a/b" and "a-b" may meet in one folder.
ODD = ("odd a/b", "odd a-b", "odd [$LATEST]x", "odd 100%", "odd %41", "odd  two", "odd ünï—ギ", "odd a+b=c&d?e#f",
       "odd '\"\\", "odd ..", "..")
LINES = "first\n  second\n\n2020-01-01T00:00:00.000Z no event of its own\nlast"
# With the 26 bytes that CloudWatch Logs counts for each event, 1 MB.
LARGE = 1_048_576 - 26
STATE = "tests-real.json"
BUSY = ("LimitExceededException", "ThrottlingException", "ServiceUnavailableException")
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def attempt(call, **params):
    """(reply, None), or (None, what AWS said)."""
    try:
        return call(**params), None
    except botocore.exceptions.ClientError as e:
        error = e.response.get("Error", {})
        return None, {"code": error.get("Code"), "message": error.get("Message"),
                      "status": e.response["ResponseMetadata"]["HTTPStatusCode"]}
    except botocore.exceptions.ParamValidationError as e:
        return None, {"code": "refused by botocore", "message": str(e)}


class Scene:
    def __init__(self, session, bucket, volume_mb):
        self.bucket, self.region, self.volume = bucket, session.region_name, volume_mb << 20
        patient = Config(retries={"mode": "standard", "total_max_attempts": 8})
        self.s3, self.logs, sts = (session.client(n, config=patient) for n in ("s3", "logs", "sts"))
        # botocore takes the refusal of a second task for a throttle.
        self.tasks = session.client("logs", config=Config(retries={"total_max_attempts": 1}))
        caller = sts.get_caller_identity()
        self.account, self.partition = caller["Account"], caller["Arn"].split(":")[1]
        self.state, self.run = None, "at-once"

    def group(self, log_class):
        return f"/apigw-logs-real/{self.bucket}/{log_class.lower().replace('_', '-')}"

    def load(self):
        """What the first run left, or None: then the bucket, if there is one, is not ours to touch."""
        reply, _ = attempt(self.s3.get_object, Bucket=self.bucket, Key=STATE, ExpectedBucketOwner=self.account)
        self.state = json.load(reply["Body"]) if reply else None
        return self.state

    def save(self):
        self.s3.put_object(Bucket=self.bucket, Key=STATE, Body=json.dumps(self.state).encode())

    # ---- making ----------------------------------------------------------------------------------

    def make(self, now_ms):
        where = {} if self.region == "us-east-1" else {
            "CreateBucketConfiguration": {"LocationConstraint": self.region}}
        past = (now_ms - 2 * HOUR) // HOUR * HOUR
        state = {"made_ms": now_ms, "past_ms": past, "ahead_ms": now_ms // MINUTE * MINUTE + 30 * MINUTE,
                 "large": None, "volume": 0, "classes": {}}
        # A bucket that is there is removed only if it is known to be ours: nothing comes between the two.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
        try:
            self.s3.create_bucket(Bucket=self.bucket, **where)
            self.state = state
            self.save()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        for log_class in CLASSES:
            self.state["classes"][log_class] = self.make_group(log_class, past)
        self.put_events(now_ms)
        self.save()

    def make_group(self, log_class, past):
        """What AWS said to making it, to an event in it, and to reading that."""
        name, said = self.group(log_class), {}
        _, said["create"] = attempt(self.logs.create_log_group, logGroupName=name, logGroupClass=log_class)
        if said["create"] is None:
            self.logs.put_retention_policy(logGroupName=name, retentionInDays=30 if log_class != "DELIVERY" else 1)
            _, said["put"] = self.put(name, "one", [(past, "of a class")])
            _, said["filter"] = attempt(self.logs.filter_log_events, logGroupName=name)
        return said

    def put(self, group, stream, events):
        _, refused = attempt(self.logs.create_log_stream, logGroupName=group, logStreamName=stream)
        if refused and refused["code"] != "ResourceAlreadyExistsException":
            return None, refused
        reply, refused = attempt(self.logs.put_log_events, logGroupName=group, logStreamName=stream,
                                 logEvents=[{"timestamp": ms, "message": m} for ms, m in events])
        return reply, refused or (reply.get("rejectedLogEventsInfo") or None)

    def put_events(self, now_ms):
        group, past, ahead = self.group("STANDARD"), self.state["past_ms"], self.state["ahead_ms"]
        edges = [(-1, "before"), (0, "on"), (1, "after")]
        self.put(group, "past", [(past + d, f"past {word}") for d, word in edges])
        self.put(group, "ahead", [(ahead + d, f"ahead {word}") for d, word in edges])
        self.put(group, "early", [(now_ms + 2 * HOUR - 5 * MINUTE, "stamped two hours early")])
        self.put(group, "late", [(now_ms - 13 * 24 * HOUR, "sent thirteen days late")])
        self.put(group, "lines", [(past + MINUTE, LINES)])
        _, self.state["large"] = self.put(group, "large", [(past + MINUTE, "x" * LARGE)])
        for stream in ODD:
            self.put(group, stream, [(past + MINUTE, f"in {stream}")])
        block = [(past + MINUTE, f"{i:04d} " + "0123456789" * 100) for i in range(1000)]
        while self.state["volume"] < self.volume:
            self.put(group, "volume", block)
            self.state["volume"] += sum(len(m) for _, m in block)
        # Each in a call of its own, for ingestion times of their own.
        for i in range(3):
            self.put(group, "ingested", [(past + (2 + i) * MINUTE, f"ingested {i}")])
            time.sleep(0.02)

    def ingested_ms(self):
        """When CloudWatch Logs took in the three events, which it may show some seconds later."""
        for _ in range(60):
            pages = self.logs.get_paginator("filter_log_events").paginate(
                logGroupName=self.group("STANDARD"), logStreamNames=["ingested"])
            times = sorted(e["ingestionTime"] for page in pages for e in page["events"])
            if len(times) == 3:
                break
            time.sleep(1)
        return times

    def allow(self, *actions):
        """CloudWatch Logs may do these things in the bucket."""
        by_action = {"s3:GetBucketAcl": "", "s3:PutObject": "/*"}
        principal = {"Service": f"logs.{self.region}.amazonaws.com"}
        statements = [{"Effect": "Allow", "Principal": principal, "Action": a,
                       "Resource": f"arn:{self.partition}:s3:::{self.bucket}{by_action[a]}",
                       "Condition": {"StringEquals": {"aws:SourceAccount": self.account}}} for a in actions]
        self.s3.put_bucket_policy(Bucket=self.bucket, Policy=json.dumps(
            {"Version": "2012-10-17", "Statement": statements}))

    # ---- tasks -----------------------------------------------------------------------------------

    def create_task(self, name, **params):
        return attempt(self.tasks.create_export_task, **{
            "taskName": name, "logGroupName": self.group("STANDARD"), "destination": self.bucket,
            "destinationPrefix": f"{self.run}/{name}", **params})

    def run_task(self, name, from_ms, to_ms, poll_s, group="STANDARD"):
        """The task to its end: {"status", "refused", "objects": {key: size}}."""
        for n in itertools.count():
            reply, refused = self.create_task(name, fromTime=from_ms, to=to_ms, logGroupName=self.group(group))
            # Another has the slot, or it was too fast; a bucket policy may take a moment to be known.
            if not refused or not (refused["code"] in BUSY or n < 12 and "been granted" in refused["message"]):
                break
            time.sleep(poll_s)
        if refused:
            return {"status": None, "refused": refused, "objects": {}}
        while True:
            task = self.logs.describe_export_tasks(taskId=reply["taskId"])["exportTasks"][0]
            if task["status"]["code"] in ("COMPLETED", "FAILED", "CANCELLED"):
                return {"status": task["status"], "refused": None, "objects": self.keys(f"{self.run}/{name}/")}
            time.sleep(poll_s)

    def keys(self, prefix=""):
        return {o["Key"]: o["Size"] for page in self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=prefix) for o in page.get("Contents", ())}

    # ---- removing --------------------------------------------------------------------------------

    def remove(self):
        """All that make() may have made; the state goes last, so that another run can go on. Returns what
        AWS said if it did not go."""
        for status in ("RUNNING", "PENDING"):
            for task in self.logs.describe_export_tasks(statusCode=status)["exportTasks"]:
                if task["logGroupName"].startswith(f"/apigw-logs-real/{self.bucket}/"):
                    attempt(self.logs.cancel_export_task, taskId=task["taskId"])
        for log_class in CLASSES:
            attempt(self.logs.delete_log_group, logGroupName=self.group(log_class))
        for key in sorted(self.keys(), key=lambda k: k == STATE):
            self.s3.delete_object(Bucket=self.bucket, Key=key)
        # A task that was cancelled may still write.
        for _ in range(30):
            _, refused = attempt(self.s3.delete_bucket, Bucket=self.bucket)
            if refused is None or refused["code"] != "BucketNotEmpty":
                return refused
            for key in self.keys():
                self.s3.delete_object(Bucket=self.bucket, Key=key)
            time.sleep(2)
        return refused
