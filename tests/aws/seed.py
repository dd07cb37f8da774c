"""An API with logs: a REST API with a deployed stage, its two log groups, and realistic events.

    PYTHONPATH=tests python -m aws.seed --events 100000 --days 2

Everything goes through AWS's own APIs, to the endpoint and with the keys of the environment. The
same --seed and --end give the same events. Prints what it has created as JSON.
"""

import argparse
import datetime
import hashlib
import json
import random
import sys

DAY = 86400000
FORMAT = json.dumps({
    "requestId": "$context.requestId", "extendedRequestId": "$context.extendedRequestId",
    "ip": "$context.identity.sourceIp", "caller": "$context.identity.caller",
    "user": "$context.identity.user", "requestTime": "$context.requestTime",
    "requestTimeEpoch": "$context.requestTimeEpoch", "httpMethod": "$context.httpMethod",
    "resourcePath": "$context.resourcePath", "path": "$context.path", "status": "$context.status",
    "protocol": "$context.protocol", "responseLength": "$context.responseLength",
    "responseLatency": "$context.responseLatency",
    "integrationLatency": "$context.integrationLatency"}, separators=(",", ":"))
CALLS = [("GET", "/pets", 50), ("GET", "/pets/{id}", 25), ("POST", "/pets", 10),
         ("DELETE", "/pets/{id}", 3), ("GET", "/health", 10), ("PUT", "/pets/{id}", 2)]
STATUS = [200] * 90 + [404] * 4 + [400] * 2 + [403] + [429] + [500] + [504]


def clients(endpoint=None, region=None):
    import boto3
    from botocore.config import Config
    session = boto3.session.Session(region_name=region or "us-east-1")
    config = Config(parameter_validation=False, retries={"max_attempts": 5, "mode": "standard"})
    return lambda service: session.client(service, endpoint_url=endpoint, config=config)


def make_api(client, name, stage):
    """A REST API with GET /pets on a mock integration, deployed to `stage`; its id."""
    gw = client("apigateway")
    api = gw.create_rest_api(name=name)["id"]
    root = gw.get_resources(restApiId=api)["items"][0]["id"]
    pets = gw.create_resource(restApiId=api, parentId=root, pathPart="pets")["id"]
    for method in ("GET", "POST"):
        gw.put_method(restApiId=api, resourceId=pets, httpMethod=method, authorizationType="NONE")
        gw.put_integration(restApiId=api, resourceId=pets, httpMethod=method, type="MOCK",
                           requestTemplates={"application/json": '{"statusCode": 200}'})
    gw.create_deployment(restApiId=api, stageName=stage)
    return api


def uuid_of(rng):
    h = f"{rng.getrandbits(128):032x}"
    return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:]}"


def access_line(rng, ms):
    method, path, _ = rng.choices(CALLS, [c[2] for c in CALLS])[0]
    number = str(rng.randrange(1, 5000))
    latency = int(rng.lognormvariate(3.5, 0.8)) + 1
    when = datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone.utc)
    return json.dumps({
        "requestId": uuid_of(rng), "extendedRequestId": f"{rng.getrandbits(60):015x}=",
        "ip": f"203.0.113.{rng.randrange(1, 255)}", "caller": "-", "user": "-",
        "requestTime": when.strftime("%d/%b/%Y:%H:%M:%S +0000"), "requestTimeEpoch": str(ms),
        "httpMethod": method, "resourcePath": path, "path": "/prod" + path.replace("{id}", number),
        "status": str(rng.choice(STATUS)), "protocol": "HTTP/1.1",
        "responseLength": str(rng.randrange(2, 4000)), "responseLatency": str(latency),
        "integrationLatency": str(max(1, latency - 2))}, separators=(",", ":"))


EXECUTION = ("Extended Request Id: {x}=", "Verifying Usage Plan for request: {r}. API Key: ",
             "API Key authorized because method '{m} {p}' does not require API Key.",
             "Usage Plan check succeeded for API Key and API Stage {a}/prod",
             "Starting execution for request: {r}", "HTTP Method: {m}, Resource Path: {p}",
             "Method request path: {{}}", "Method request query string: {{}}",
             "Endpoint response body before transformations: ", "Method completed with status: {s}")


def execution_line(rng, ms):
    method, path, _ = rng.choices(CALLS, [c[2] for c in CALLS])[0]
    request = uuid_of(rng)
    text = rng.choice(EXECUTION).format(r=request, x=f"{rng.getrandbits(60):015x}", m=method, p=path,
                                        a="abcdef1234", s=rng.choice(STATUS))
    return f"({request}) {text}"


def boundary_events(rng, line, day):
    """Events that break naive exports and counts, for one day."""
    utf8 = "Größe 漢字 \U0001f680 \u2028 é"
    return [
        (day, "exactly at midnight " + line(rng, day)),
        (day + DAY - 1, "last millisecond of the day " + line(rng, day + DAY - 1)),
        (day + 1000, "first line of three\n  second line\n2026 third line, begins like a year"),
        (day + 2000, utf8 + " " + line(rng, day + 2000)),
        (day + 3000, "long " + "0123456789" * 20000),
        (day + 4000, "the same twice"), (day + 4000, "the same twice"),
        (day + 5000, "tab\there, carriage return\rthere, trailing space "),
        (day + 6000, '{"json":"with \\"quotes\\" and \\\\ backslashes","n":1e3}'),
    ]


def stream_names(rng, kind, day, count):
    odd = [f"{day}/[$LATEST]{rng.getrandbits(128):032x}", f"{kind}/nested/name"]
    plain = [hashlib.md5(f"{kind}{i}{rng.getrandbits(32)}".encode()).hexdigest()
             for i in range(max(0, count - len(odd)))]
    return (odd + plain)[:max(1, count)]


def batches(events):
    """Within PutLogEvents' limits: 10,000 events, 1 MiB with 26 bytes an event, 24 h, in order."""
    out, size = [], 0
    for ms, message in events:
        cost = len(message.encode()) + 26
        if out and (len(out) == 10000 or size + cost > 1048576 or ms - out[0]["timestamp"] >= DAY):
            yield out
            out, size = [], 0
        out.append({"timestamp": ms, "message": message})
        size += cost
    if out:
        yield out


def fill(logs, group, kind, count, streams, days, end_ms, rng, created):
    """Writes `count` events into `streams` streams of the group; returns what went where."""
    line = access_line if kind == "access" else execution_line
    begin = end_ms - days * DAY
    first = datetime.datetime.fromtimestamp(begin / 1000, datetime.timezone.utc)
    names = stream_names(rng, kind, first.strftime("%Y/%m/%d"), streams)
    content = {n: [] for n in names}
    made = 0
    for d in range(days):
        for i, event in enumerate(boundary_events(rng, line, begin + d * DAY)):
            if made < count:
                # 5 and 6 are the pair of equal events, which must be in one stream
                content[names[(i - (i > 5)) % len(names)]].append(event)
                made += 1
    while made < count:
        ms = begin + rng.randrange(days * DAY)
        content[names[made % len(names)]].append((ms, line(rng, ms)))
        made += 1
    by_day = {}
    for name in names:
        if name not in created:
            logs.create_log_stream(logGroupName=group, logStreamName=name)
        content[name].sort(key=lambda e: e[0])
        for batch in batches(content[name]):
            logs.put_log_events(logGroupName=group, logStreamName=name, logEvents=batch)
        for ms, _ in content[name]:
            date = datetime.datetime.fromtimestamp(ms // 1000, datetime.timezone.utc).date()
            by_day[str(date)] = by_day.get(str(date), 0) + 1
    return {"events": made, "streams": {n: len(content[n]) for n in names},
            "days": dict(sorted(by_day.items()))}


def ensure_group(logs, group):
    try:
        logs.create_log_group(logGroupName=group)
    except logs.exceptions.ResourceAlreadyExistsException:
        pass
    return {s["logStreamName"] for p in logs.get_paginator("describe_log_streams").paginate(
        logGroupName=group) for s in p["logStreams"]}


def end_of(text):
    """Midnight UTC, in ms, that ends the last day: today's unless --end says another date."""
    day = (datetime.date.fromisoformat(text) if text else
           datetime.datetime.now(datetime.timezone.utc).date())
    return int(datetime.datetime(day.year, day.month, day.day,
                                 tzinfo=datetime.timezone.utc).timestamp() * 1000)


def iso(ms):
    return datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone.utc).strftime(
        "%Y-%m-%dT%H:%M:%SZ")


def seed(client, events=1000, streams=4, days=2, number=1, end=None, name="petstore", stage="prod",
         api_id=None, access_group=None, kinds=("access", "execution")):
    """`client` is a function service -> boto3 client. Returns what the command prints."""
    rng = random.Random(number)
    end_ms = end_of(end)
    api = api_id or make_api(client, name, stage)
    logs = client("logs")
    groups = {"access": access_group or f"/aws/apigateway/{api}/{stage}",
              "execution": f"API-Gateway-Execution-Logs_{api}/{stage}"}
    out = {"api_id": api, "stage": stage, "access_group": groups["access"],
           "execution_group": groups["execution"], "from": iso(end_ms - days * DAY),
           "to": iso(end_ms), "from_ms": end_ms - days * DAY, "to_ms": end_ms,
           "format": FORMAT, "events": 0, "groups": {}}
    share = events // len(kinds)
    for i, kind in enumerate(kinds):
        count = share if i else events - share * (len(kinds) - 1)
        made = fill(logs, groups[kind], kind, count, streams, days, end_ms, rng,
                    ensure_group(logs, groups[kind]))
        out["groups"][groups[kind]] = made
        out["events"] += made["events"]
    return out


def main():
    p = argparse.ArgumentParser(prog="aws.seed", description="Seeds an API with logs.")
    p.add_argument("--events", type=int, default=1000, help="events in all (1000)")
    p.add_argument("--streams", type=int, default=4, help="streams a group (4)")
    p.add_argument("--days", type=int, default=2, help="days that end at --end (2)")
    p.add_argument("--end", metavar="DATE", help="the midnight UTC that ends them (today's)")
    p.add_argument("--seed", type=int, default=1, help="of the random numbers (1)")
    p.add_argument("--name", default="petstore", help="of the API that is made (petstore)")
    p.add_argument("--stage", default="prod", help="its stage (prod)")
    p.add_argument("--api-id", metavar="ID", help="the API is there: write events only")
    p.add_argument("--access-group", metavar="GROUP", help="(/aws/apigateway/<api id>/<stage>)")
    p.add_argument("--kind", choices=("both", "access", "execution"), default="both")
    p.add_argument("--no-events", action="store_true", help="make the API and its stage only")
    p.add_argument("--endpoint-url", help="(AWS_ENDPOINT_URL)")
    p.add_argument("--region", help="(AWS_REGION, us-east-1)")
    args = p.parse_args()
    import os
    client = clients(args.endpoint_url, args.region or os.environ.get("AWS_REGION"))
    if args.no_events:
        print(json.dumps({"api_id": make_api(client, args.name, args.stage), "stage": args.stage,
                          "format": FORMAT}, indent=2))
        return 0
    kinds = ("access", "execution") if args.kind == "both" else (args.kind,)
    result = seed(client, args.events, args.streams, args.days, args.seed, args.end, args.name,
                  args.stage, args.api_id, args.access_group, kinds)
    print(json.dumps(result, indent=2, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
