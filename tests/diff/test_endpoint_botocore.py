# SPDX-License-Identifier: MIT
"""Endpoints, resolved by this program and by the rule sets in botocore.

No case is made where this program refuses what a rule set lets through: a
region that is no host label, a bucket with dots in front of an IP address; nor
where a rule set signs for the pseudo region aws-global, which no service knows.
"""

import pytest
import runners
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointProviderError
from botocore.loaders import Loader

SERVICES = ["logs", "iam", "sts", "s3", "apigateway", "apigatewayv2", "sso", "sso-oidc"]
INVENTED = ["us-new-3", "cn-south-9", "us-gov-mid-1", "us-iso-mid-2", "us-isob-x-1", "eu-isoe-y-2",
            "us-isof-z-3", "eusc-de-west-2", "xx-yy-1", "local", "cn-", "us-gov-x", "aws-global"]
URLS = ["https://example.com", "http://localhost:4566", "https://h.example:8443/base",
        "http://10.1.2.3", "https://[::1]:9000", "http://x.y/p/q", "ftp://x", "https://h/?q"]
BUCKETS = ["bucket", "my-bucket-1", "a.b.c", "ab", "Upper", "under_score", "1.2.3.4", "-x-", "x" * 63,
           "x" * 64, "bucket name", "é", "a%2fb", "a..b", "trail-", "--x", "a#b?c"]


def partitions():
    return Loader().load_data("partitions")


def regions(rng):
    known = [r for p in partitions()["partitions"] for r in p["regions"]]
    return known + INVENTED


def params(rng, service, names):
    got = {"UseFIPS": rng.random() < 0.3, "UseDualStack": rng.random() < 0.3}
    if rng.random() < 0.97:
        got["Region"] = rng.choice(names)
    if rng.random() < 0.3:
        got["Endpoint"] = rng.choice(URLS)
    if service in ("s3", "sts"):
        got["UseGlobalEndpoint"] = rng.random() < 0.3
    if service == "s3":
        got["ForcePathStyle"] = rng.random() < 0.3
        if rng.random() < 0.8:
            got["Bucket"] = rng.choice(BUCKETS)
    return got


def differs(service, p):
    url, bucket = p.get("Endpoint", ""), p.get("Bucket", "")
    region = p.get("Region", "x")
    if region.endswith("-") and not (url and service != "s3"):
        return True
    if service != "s3":
        # No rule set looks at the URL; this program does.
        return url in ("ftp://x", "https://h/?q")
    if url in ("ftp://x", "https://h/?q"):
        return not bucket
    return "." in bucket and (
        url in ("http://10.1.2.3", "https://[::1]:9000")
        or (url.startswith("http:") and region == "aws-global")
    )


def expected(provider, p):
    try:
        endpoint = provider.resolve_endpoint(**p)
    except EndpointProviderError as e:
        return {"error": e.kwargs["msg"]}
    properties = {k: v for k, v in endpoint.properties.items() if k == "authSchemes"}
    return {"endpoint": {"url": endpoint.url, "properties": properties}}


@pytest.mark.parametrize("service", SERVICES)
def test_endpoint(tmp_path, service):
    seed, rng = runners.seeded()
    rules = Loader().load_service_model(service, "endpoint-rule-set-1")
    provider, names, tests = EndpointProvider(rules, partitions()), regions(rng), []
    while len(tests) < runners.count(3000):
        p = params(rng, service, names)
        if not differs(service, p):
            tests.append({"documentation": str(p), "params": p, "expect": expected(provider, p)})
    runners.run(tmp_path, seed, "endpoint", {"testCases": tests}, service)
