"""For tests: a local AWS as a subprocess, its control API, and boto3 clients against it."""

import http.client
import json
import os
import subprocess
import tempfile
import time

from .state import ACCOUNT, ADMIN_KEY, ADMIN_SECRET

HERE = os.path.dirname(os.path.abspath(__file__))


class LocalAws:
    """with LocalAws() as aws: aws.client("s3").create_bucket(Bucket="b")"""

    account = ACCOUNT

    def __init__(self, port=0, tls=None, verbose=False, settings=None, region="us-east-1"):
        self.port, self.tls, self.verbose = port, tls, verbose
        self.initial = settings
        self.region = region
        self.process = None
        self._log = None
        self._clients, self._session = {}, None

    # ---- life -----------------------------------------------------------------------------------

    def start(self):
        import sys
        self._dir = tempfile.TemporaryDirectory(prefix="local-aws-")
        port_file = os.path.join(self._dir.name, "port")
        self._log = open(os.path.join(self._dir.name, "log"), "w+")
        command = [sys.executable, "-m", "aws", "--port", str(self.port), "--port-file", port_file,
                   "--die-with-stdin"]
        if self.tls:
            command += ["--tls", *self.tls]
        if self.verbose:
            command.append("--verbose")
        if self.initial:
            command += ["--state", json.dumps(self.initial)]
        env = dict(os.environ, PYTHONPATH=os.path.dirname(HERE), TZ="UTC", LC_ALL="C")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                        stderr=self._log, env=env)
        deadline = time.monotonic() + 60
        while not os.path.exists(port_file):
            if self.process.poll() is not None or time.monotonic() > deadline:
                message = self.log()
                self.stop()
                raise RuntimeError(f"the local AWS did not start:\n{message}")
            time.sleep(0.01)
        with open(port_file) as f:
            self.port = int(f.read())
        return self

    def stop(self):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process.stdin.close()
            self.process = None
        self._clients.clear()
        if self._log:
            self._log.close()
            self._log = None
            self._dir.cleanup()

    def log(self):
        """The standard error of the server."""
        self._log.flush()
        with open(self._log.name) as f:
            return f.read()

    __enter__ = start

    def __exit__(self, *_exc):
        self.stop()

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    # ---- control API ----------------------------------------------------------------------------

    def control(self, method, path, body=None):
        if self.tls:
            import ssl
            context = ssl._create_unverified_context()
            conn = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=context)
        else:
            conn = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            conn.request(method, f"/_local/{path}", None if body is None else json.dumps(body))
            resp = conn.getresponse()
            answer = json.loads(resp.read())
        finally:
            conn.close()
        if resp.status != 200:
            raise RuntimeError(f"{method} /_local/{path}: {answer}")
        return answer

    def reset(self):
        self.control("POST", "reset")
        if self.initial:
            self.settings(**self.initial)

    def settings(self, **changes):
        return self.control("POST" if changes else "GET", "settings", changes or None)

    def faults(self, *specs):
        """Adds faults, or lists them if none are given."""
        if not specs:
            return self.control("GET", "faults")["faults"]
        return self.control("POST", "faults", list(specs))["faults"]

    def clear_faults(self):
        self.control("DELETE", "faults")

    def requests(self, action=None, after=0):
        """The log, oldest first; `action` like "logs:CreateExportTask" or "s3"."""
        rows = self.control("GET", f"requests?after={after}")["requests"]
        if action:
            rows = [r for r in rows if action in (r["action"], r["service"])]
        return rows

    def clear_requests(self):
        self.control("DELETE", "requests")

    def iam_actions(self):
        """Every IAM action that the calls in the log needed, sorted."""
        return sorted({a for r in self.requests() for a in r["iam"]})

    def credentials(self, access_key, secret_key="a-secret-of-the-tests/ABCDEFG0123456789", **more):
        """Adds a key; returns it as env() and client() take it."""
        self.control("POST", "credentials",
                     {"access_key": access_key, "secret_key": secret_key, **more})
        return {"access_key": access_key, "secret_key": secret_key,
                "session_token": more.get("session_token")}

    def ingest(self, group, stream, events, region=None):
        """Puts [(timestamp, message, ingestion time)] into an existing stream."""
        self.control("POST", "events", {
            "log_group": group, "log_stream": stream, "region": region or self.region,
            "events": [dict(zip(("timestamp", "message", "ingestion_time"), e)) for e in events]})

    def clock(self, offset_seconds):
        self.control("POST", "clock", {"offset_seconds": offset_seconds})

    # ---- clients --------------------------------------------------------------------------------

    def client(self, service, region=None, key=None, **config):
        """A boto3 client. Path style, no retries unless config says otherwise."""
        import boto3
        from botocore.config import Config
        key = key or {}
        name = (service, region or self.region, key.get("access_key", ADMIN_KEY),
                key.get("secret_key", ADMIN_SECRET), key.get("session_token"), repr(config))
        if name not in self._clients:       # creating a client takes longer than all calls of a test together
            config.setdefault("retries", {"total_max_attempts": 1, "mode": "standard"})
            if service == "s3":
                config.setdefault("s3", {"addressing_style": "path"})
                # computing CRC64NVME in Python for each GET would take a second for 4 MB
                config.setdefault("response_checksum_validation", "when_required")
            if self._session is None:
                self._session = boto3.session.Session()
            self._clients[name] = self._session.client(
                service, name[1], aws_access_key_id=name[2], aws_secret_access_key=name[3],
                aws_session_token=name[4], endpoint_url=self.url,
                verify=self.tls[0] if self.tls else None, config=Config(**config))
        return self._clients[name]

    def env(self, key=None, **more):
        """Environment for the program under test: nothing of the caller's own AWS set-up, and no
        COLUMNS, which pytest-xdist sets in its workers."""
        env = {n: v for n, v in os.environ.items() if not n.startswith("AWS_") and n != "COLUMNS"}
        key = key or {}
        env.update(AWS_ENDPOINT_URL=self.url, AWS_REGION=self.region,
                   AWS_ACCESS_KEY_ID=key.get("access_key", ADMIN_KEY),
                   AWS_SECRET_ACCESS_KEY=key.get("secret_key", ADMIN_SECRET),
                   AWS_EC2_METADATA_DISABLED="true", AWS_CONFIG_FILE="/dev/null",
                   AWS_SHARED_CREDENTIALS_FILE="/dev/null")
        if key.get("session_token"):
            env["AWS_SESSION_TOKEN"] = key["session_token"]
        env.update(more)
        return env
