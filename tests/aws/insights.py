"""Logs Insights: StartQuery, GetQueryResults, StopQuery, DescribeQueries.

API reference of these operations; the language is in insightsql.py.
"""

import uuid

from . import logs, logstore, state
from .insightsql import Malformed, Query, Stamp
from .logs import constraint, invalid
from .overlays import instead
from .wire import AwsError, json_response

ACTIVE = ("Scheduled", "Running")
_queries = {}                       # (account, region) -> {id: Run}


class Run:
    def __init__(self, req, groups, query):
        p = req.params
        self.id, self.groups, self.query = str(uuid.uuid4()), groups, query
        self.text, self.limit = p["queryString"], p.get("limit") or 10000
        self.start, self.end = p["startTime"], p["endTime"]
        self.status, self.polls, self.made = "Scheduled", 0, state.now_ms()
        self.results, self.statistics = [], {}

    def poll(self):
        """Advances the query by one GetQueryResults, as the settings say."""
        wait = {"Scheduled": "query_scheduled_polls", "Running": "query_running_polls"}
        while self.status in ACTIVE and self.polls >= state.settings[wait[self.status]]:
            self.status = "Running" if self.status == "Scheduled" else "Complete"
            self.polls = 0
        self.polls += 1
        if self.status != "Scheduled":
            self.read(partial=self.status == "Running")

    def read(self, partial):
        """Results of a query that is running are those of what it has read so far."""
        rows, size = [], 0
        for group in self.groups:
            for row in self.scanned(group):
                size += len(row[logstore.MESSAGE].encode())
                rows.append({"@timestamp": Stamp(row[logstore.TS]), "@ptr": logstore.event_id(row),
                             "@message": row[logstore.MESSAGE], "@logStream": row[logstore.STREAM],
                             "@ingestionTime": Stamp(row[logstore.INGESTED]),
                             "@log": f"{group.account_id}:{group.name}"})
        if partial:
            rows, size = rows[:len(rows) // 2], size // 2
        self.results, matched = self.query.run(rows, self.limit)
        self.statistics = {"recordsMatched": matched, "recordsScanned": len(rows),
                           "bytesScanned": size, "estimatedRecordsSkipped": 0,
                           "estimatedBytesSkipped": 0, "logGroupsScanned": len(self.groups),
                           "resultCount": len(self.results)}

    def scanned(self, group):
        # in seconds, both inclusive: "The range is inclusive"
        rows = logstore.group_events(group).all()
        lo, hi = logstore.span(rows, self.start * 1000, self.end * 1000 + 1)
        return rows[lo:hi]


def queries(req):
    return _queries.setdefault((req.account, req.region), {})


def groups_of(req):
    p = req.params
    given = [p[n] for n in ("logGroupName", "logGroupNames", "logGroupIdentifiers") if p.get(n)]
    if len(given) != 1:
        # a SOURCE command in the query is not known here
        raise invalid("Exactly one of logGroupName, logGroupNames and logGroupIdentifiers must be "
                      "given.")
    names = [given[0]] if isinstance(given[0], str) else given[0]
    if len(names) > 50:
        raise invalid("The maximum number of log groups of a query is 50.")
    groups = [logs.find_group(req, n.split(":log-group:")[-1].removesuffix(":*")) for n in names]
    for group in groups:
        if getattr(group, "local_class", "STANDARD") == "DELIVERY":
            raise invalid("The operation is not supported for log groups of class DELIVERY.")
    return groups


def malformed(message, fields=None):
    return AwsError("MalformedQueryException", message, 400, fields)


def check_reach(groups, end_ms):
    """A query that ends before the first possible event is refused instead of returning nothing."""
    from . import retention
    for group in groups:
        days, _ = retention.effective(group)
        if end_ms < logs.created_ms(group) or (
                days and end_ms < state.now_ms() - days * retention.DAY):
            raise malformed("end date and time is either before the log groups creation time or "
                            "exceeds the log groups log retention settings "
                            f"([{logs.created_ms(group)},{days or 0}])")


@instead("logs", "StartQuery")
def start_query(req):
    p = req.params
    for name in ("startTime", "endTime", "queryString"):
        if p.get(name) is None:
            raise constraint("null", name, "Member must not be null")
    logs.check_range(p, "startTime", 0, None)
    logs.check_range(p, "endTime", 0, None)
    logs.check_range(p, "limit", 1, 100000)
    logs.check_length(p, "queryString", 0, 10000)
    if p.get("queryLanguage") not in (None, "CWLI"):
        raise NotImplementedError(f"queries in {p['queryLanguage']}")
    groups = groups_of(req)
    try:
        query = Query(p["queryString"])
    except Malformed as e:
        raise malformed(str(e), {"queryCompileError": {"message": str(e), "location": {
            "startCharOffset": e.at, "endCharOffset": e.at + 1}}}) from None
    if p["startTime"] > p["endTime"]:
        raise malformed("End time should not be before start time")
    check_reach(groups, p["endTime"] * 1000)
    if sum(q.status in ACTIVE for q in queries(req).values()) >= state.settings["query_slots"]:
        raise AwsError("LimitExceededException", "Account maximum query concurrency limit of "
                       f"[{state.settings['query_slots']}] reached.")
    run = Run(req, groups, query)
    queries(req)[run.id] = run
    return json_response({"queryId": run.id})


def find_query(req):
    run = queries(req).get(req.params.get("queryId"))
    if run is None:
        raise AwsError("ResourceNotFoundException",
                       f"Query ({req.params.get('queryId')}) does not exist.")
    return run


@instead("logs", "GetQueryResults")
def get_query_results(req):
    p = req.params
    logs.check_range(p, "maxItems", 0, 10000)
    run = find_query(req)
    start = logs.untoken(p["nextToken"]) if p.get("nextToken") else 0
    if not start:
        run.poll()
    end = start + (p.get("maxItems") or 10000)
    out = {"queryLanguage": "CWLI", "results": run.results[start:end], "status": run.status,
           "statistics": run.statistics}
    if end < len(run.results) and run.status == "Complete":
        out["nextToken"] = logs.token(end)
    return json_response(out)


@instead("logs", "StopQuery")
def stop_query(req):
    run = find_query(req)
    if run.status not in ACTIVE:
        raise invalid(f"Query ({run.id}) is not running.")      # the message is a guess
    run.status = "Cancelled"
    return json_response({"success": True})


@instead("logs", "DescribeQueries")
def describe_queries(req):
    p = req.params
    found = [{"queryId": q.id, "queryString": q.text, "status": q.status, "createTime": q.made,
              "logGroupName": q.groups[0].name, "queryLanguage": "CWLI"}
             for q in reversed(queries(req).values())
             if p.get("status") in (None, q.status) and
             p.get("logGroupName") in (None, *(g.name for g in q.groups))]
    return json_response({"queries": found[:p.get("maxResults") or 1000]})


@state.on_reset
def _reset():
    _queries.clear()
