# SPDX-License-Identifier: MIT
"""What is retried, after how long, and how fast: this program and botocore.

Compared are the class of a failure (with the errors that the service models
mark as retryable), the delay with and without x-amz-retry-after, what is left
of the quota, and the waits of adaptive mode. The cases that AWS publishes are
those of before November 2026.
"""

import math

import botocore.session
import runners
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.exceptions import ConnectionClosedError, ConnectTimeoutError, EndpointConnectionError
from botocore.retries import adaptive, bucket, quota, standard, throttling

SERVICES = {"logs": "logs", "iam": "iam", "sts": "sts", "s3": "s3", "apigateway": "apigateway",
            "sso": "sso", "sso-oidc": "sso-oidc", "apigatewayv2": "apigateway"}
CODES = standard.ThrottledRetryableChecker._THROTTLED_ERROR_CODES + \
    standard.TransientRetryableChecker._TRANSIENT_ERROR_CODES + [
    None, "IDPCommunicationError", "AccessDenied", "LimitExceeded", "ValidationException", "InternalError",
    "ServiceUnavailable", "throttling", "SlowDownX", "ConflictException", "ServiceUnavailableException"]
STATUSES = [400, 403, 404, 408, 409, 429, 499, 500, 501, 502, 503, 504, 505, 509, 599]
FAILURES = {"connect": EndpointConnectionError(endpoint_url="x"),
            "broken": ConnectionClosedError(endpoint_url="x"),
            "timeout": ConnectTimeoutError(endpoint_url="x")}
RETRY_AFTER = [None, "0", "1", "700", "4999", "7000", "99999", "-1", "x", "99999999999999999999"]


class Models:
    def __init__(self):
        self.session = botocore.session.Session()
        self.cache = {}

    def operation(self, rng, service):
        if service not in self.cache:
            self.cache[service] = self.session.get_service_model(service)
        model = self.cache[service]
        return model.operation_model(rng.choice(model.operation_names))


def context(rng, models, service, attempt):
    """A failed attempt as botocore sees it, and as our runner does."""
    operation = models.operation(rng, service)
    kwargs = {"attempt_number": attempt, "operation_model": operation}
    response = {"service": SERVICES[service]}
    if rng.random() < 0.2:
        name = rng.choice(list(FAILURES))
        response["failure"] = name
        kwargs["caught_exception"] = FAILURES[name]
    else:
        modeled = [s.metadata.get("error", {}).get("code") or s.name for s in operation.error_shapes]
        code = rng.choice(CODES + modeled)
        headers, after = {}, rng.choice(RETRY_AFTER)
        if after is not None:
            headers["x-amz-retry-after"] = after
        response.update(status_code=rng.choice(STATUSES), headers=headers)
        if code:
            response["error_code"] = code
        kwargs["http_response"] = AWSResponse("x", response["status_code"], HeadersDict(headers), None)
        kwargs["parsed_response"] = {"Error": {"Code": code}} if code else {}
    return standard.RetryContext(**kwargs), response


def expected(rng, models, max_attempts):
    detector = standard.ThrottlingErrorDetector(standard.RetryEventAdapter())
    random, tokens = rng.random(), rng.choice([500, 40, 20, 4])
    given = {"max_attempts": max_attempts, "exponential_base": random, "initial_retry_tokens": tokens}
    left = quota.RetryQuota(tokens)
    checker = standard.RetryQuotaChecker(left, detector)
    backoff = standard.ExponentialBackoff(random=lambda: random, throttling_detector=detector)
    service, steps = rng.choice(list(SERVICES)), []
    for attempt in range(1, max_attempts + 1):
        ctx, response = context(rng, models, service, attempt)
        throttle = detector.is_throttling_error_from_context(ctx)
        retry = standard.StandardRetryConditions(max_attempts + 1).is_retryable(ctx)
        want = {"class": "no", "outcome": "not_retryable"}
        if retry:
            want["class"] = "throttle" if throttle else "transient"
            want["outcome"] = "retry_request" if attempt < max_attempts else "max_attempts_exceeded"
        if want["outcome"] == "retry_request":
            if checker.acquire_retry_quota(ctx):
                want["delay"] = backoff.delay_amount(ctx)
            else:
                want["outcome"] = "retry_quota_exceeded"
        want["retry_quota"] = left.available_capacity
        steps.append({"response": response, "expected": want})
        if want["outcome"] != "retry_request":
            break
    return {"given": given, "responses": steps}


def ours(case):
    """A 429 whose code the model knows, and knows for no throttle: this program slows down anyway."""
    return any(s["response"].get("status_code") == 429 and s["expected"]["class"] != "throttle"
               for s in case["responses"])


def test_retry_botocore(tmp_path):
    seed, rng = runners.seeded()
    models, cases = Models(), []
    while len(cases) < runners.count(3000):
        case = expected(rng, models, rng.randrange(1, 8))
        if not ours(case):
            cases.append({"name": f"case {len(cases)}", **case})
    runners.run(tmp_path, seed, "retry", cases)


class Clock:
    """A wait goes by at once."""

    def __init__(self, ms):
        self.ms = ms

    def current_time(self):
        return self.ms / 1000


class Condition:
    def __init__(self, clock, tokens):
        self.clock, self.tokens = clock, tokens

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        return False

    def notify(self):
        pass

    def wait(self, seconds):
        self.clock.ms += seconds * 1000
        if seconds < 1e-6:  # what is left is the rounding of floating point
            self.tokens._current_capacity = 1


class Throttled:
    def is_throttling_error(self, throttled, **kwargs):
        return throttled


def limiter(clock):
    tokens = bucket.TokenBucket(max_rate=1, clock=clock)
    tokens._new_fill_rate_condition = Condition(clock, tokens)
    return adaptive.ClientRateLimiter(
        rate_adjustor=throttling.CubicCalculator(starting_max_rate=0, start_time=clock.current_time()),
        rate_clocker=adaptive.RateClocker(clock), token_bucket=tokens, throttling_detector=Throttled(),
        clock=clock)


def calls(rng):
    """One caller: send, reply, a pause; throttles come in bursts."""
    clock = Clock(1795266000000 + rng.randrange(1000))
    reference, steps, odds = limiter(clock), [], 0
    for _ in range(rng.randrange(20, 300)):
        before = clock.ms
        reference.on_sending_request(None)
        # Waits are exact there; every step begins on a whole millisecond, as it does here.
        clock.ms = math.ceil(clock.ms - 1e-3)
        steps.append(["send", before, clock.ms - before])
        clock.ms += rng.choice([1, 5, 30, 200])
        odds = rng.choice([0, 0.1, 0.9]) if rng.random() < 0.05 else odds
        throttled = rng.random() < odds
        reference.on_receiving_response(throttled=throttled)
        steps.append(["throttled" if throttled else "ok", clock.ms, 0])
        clock.ms += rng.choice([0, 0, 1, 10, 500, 5000]) if rng.random() < 0.3 else 0
    return steps


def test_ratelimit_botocore(tmp_path):
    seed, rng = runners.seeded()
    cases = [{"name": f"case {i}", "tps": 0, "adaptive": True, "steps": calls(rng)}
             for i in range(runners.count(300))]
    assert sum(s[2] > 0 for c in cases for s in c["steps"]) > 100, f"SEED={seed}"
    runners.run(tmp_path, seed, "ratelimit", cases)
