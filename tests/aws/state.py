"""Settings, the clock and the request log: what the control API sets and every overlay reads."""

import copy
import threading
import time
from email.utils import formatdate

ACCOUNT = "123456789012"
ADMIN_KEY = "AKIAIOSFODNN7LOCAL00"
ADMIN_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYlocalAWS00"

DEFAULTS = {
    # export.py
    "pending_polls": 1, "running_polls": 1,
    "pending_seconds": None, "running_seconds": None,
    "cancel_polls": 1,
    "window_by": "event", "to": "inclusive", "to_before_creation": "taken",
    "file_bytes": 4 << 20, "members": 1, "shuffle": True,
    "outcome": None, "settle_seconds": 0,
    "export_checksum": True,
    "export_acl_error": "InvalidParameterException",
    # apigateway.py, iam.py
    "iam_propagation_calls": 0, "iam_propagation_seconds": 0,
    "apigateway_page": None,
    # logs.py
    "allow_old_events": True, "ingestion_delay_ms": 1500,
    "query_scheduled_polls": 1, "query_running_polls": 1, "query_slots": 100,
    "retention_lag_hours": 0, "retention_policy_hours": 24,
    "empty_pages": 0, "page_bytes": 1 << 20, "page_events": 10000,
    # front.py
    "date_off_by": 0,
    # sigv4.py
    "check_skew": True,
    # s3.py
    "wrong_region": "auto", "enforce_bucket_policy": False,
    # metadata.py
    "imds": {}, "container": {}, "sso": {}, "oidc": {},
    # sts.py
    "web_identity_tokens": {},
}
CHOICES = {"window_by": ("event", "ingestion"), "to": ("inclusive", "exclusive"),
           "to_before_creation": ("refused", "taken")}

lock = threading.RLock()            # requests are carried out one at a time: moto's backends have no locks
settings = {}
request_log = []
offset = 0.0
verbose = False
_reset_hooks = []
_seq = 0


def on_reset(func):
    _reset_hooks.append(func)
    return func


def reset():
    global offset, _seq
    settings.clear()
    settings.update(copy.deepcopy(DEFAULTS))
    request_log.clear()
    offset, _seq = 0.0, 0
    for hook in _reset_hooks:
        hook()


def update(changes):
    unknown = sorted(set(changes) - set(DEFAULTS))
    if unknown:
        raise ValueError(f"unknown settings: {', '.join(unknown)}")
    for name in set(changes) & set(CHOICES):
        if changes[name] not in CHOICES[name]:
            raise ValueError(f"{name} is one of {', '.join(CHOICES[name])}")
    settings.update(changes)


def now():
    """The server's idea of the time, in seconds since the epoch."""
    return time.time() + offset


def now_ms():
    return int(now() * 1000)


def http_date():
    return formatdate(now() + settings["date_off_by"], usegmt=True)


def set_offset(seconds):
    global offset
    offset = float(seconds)


def log_request(entry):
    global _seq
    _seq += 1
    entry["seq"] = _seq
    request_log.append(entry)


settings.update(copy.deepcopy(DEFAULTS))
