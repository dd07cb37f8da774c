"""Vended log delivery of REST execution logs, which moto knows for other services only.

PutDeliverySource with logType EXECUTION_LOGS, "CloudWatch Logs delivery" for API Gateway.
"""

import re

from . import logs, motobase
from .overlays import instead
from .wire import AwsError, json_response

STAGE = re.compile(r"^arn:aws[^:]*:apigateway:([^:]+):(\d*):/restapis/([^/]+)/stages/([^/]+)$")


@instead("logs", "PutDeliverySource")
def put_delivery_source(req):
    arn, name = req.params.get("resourceArn", ""), req.params.get("name", "")
    if ":apigateway:" not in arn:
        return motobase.call(req)
    if not re.match(r"^[\w-]{1,60}$", name):
        raise AwsError("ValidationException", "Invalid delivery source name")
    m = STAGE.match(arn)
    if not m or m[2] != req.account or m[1] != req.region:
        raise AwsError("ValidationException", "The resource ARN is not a stage of a REST API of "
                       "this account and region")
    if req.params.get("logType") != "EXECUTION_LOGS":
        raise AwsError("ValidationException", " This service is not allowed for this LogSource.")
    api = motobase.backend("apigateway", req.account, req.region).apis.get(m[3])
    stage = api.stages.get(m[4]) if api else None
    if stage is None:
        raise AwsError("ResourceNotFoundException", "Cannot access provided resource.")
    if not any(s.get("loggingLevel") in ("ERROR", "INFO") for s in stage.method_settings.values()):
        raise AwsError("ValidationException", "The stage's loggingLevel must be ERROR or INFO")
    from moto.logs.models import DeliverySource
    sources = motobase.backend("logs", req.account, req.region).delivery_sources
    old = sources.get(name)
    if old and arn not in old.resource_arns:
        raise AwsError("ConflictException", "Update to existing Delivery Source with new ResourceId "
                       "is not allowed. Please create a new Delivery Source instead.")
    sources[name] = old or DeliverySource(req.account, req.region, name, arn, "EXECUTION_LOGS",
                                          req.params.get("tags"))
    return json_response({"deliverySource": sources[name].to_dict()})


def page(req, member, rows, key):
    """Pages of 50 at most, by name ("DescribeLimit")."""
    limit = req.params.get("limit")
    if limit is not None and not 1 <= limit <= 50:
        raise AwsError("ValidationException", "limit is between 1 and 50")
    by_name = {row[key]: row for row in rows}
    return logs.page(req.params, sorted(by_name), 50, member, by_name.get)


@instead("logs", "DescribeDeliveries")
def describe_deliveries(req):
    wanted = req.params.get("deliverySourceNames")
    return page(req, "deliveries",
                [d.to_dict() for d in logs.backend(req).deliveries.values()
                 if not wanted or d.delivery_source_name in wanted], "id")


@instead("logs", "DescribeDeliverySources")
def describe_delivery_sources(req):
    """A source whose stage or API was deleted stays, and is INACTIVE."""
    apis = motobase.backend("apigateway", req.account, req.region).apis
    wanted, rows = req.params.get("resourceArns"), []
    for source in logs.backend(req).delivery_sources.values():
        if wanted and not set(wanted) & set(source.resource_arns):
            continue
        row = {**source.to_dict(), "status": "ACTIVE"}
        m = STAGE.match(source.resource_arns[0])
        if m and m[4] not in getattr(apis.get(m[3]), "stages", ()):
            row.update(status="INACTIVE", statusReason="RESOURCE_DELETED")
        rows.append(row)
    return page(req, "deliverySources", rows, "name")
