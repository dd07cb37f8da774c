"""What a request is: service, operation, and the IAM actions and resources that it needs.

The IAM names are those of the Service Authorization Reference.
"""

import json
import re
from urllib.parse import unquote

from .wire import XMLNS, AwsError, query_pairs

TARGETS = {
    "Logs_20140328": "logs", "GraniteServiceVersion20100801": "monitoring",
    "Firehose_20150804": "firehose", "AmazonAthena": "athena", "AWSGlue": "glue",
    "TrentService": "kms", "SSMService": "ssm", "SecretsManager": "secretsmanager",
}
VERSIONS = {"2010-05-08": "iam", "2011-06-15": "sts", "2010-03-31": "sns", "2010-08-01": "monitoring"}
HOST = re.compile(r"^(?P<service>[a-z0-9]+)(?:-fips)?"
                  r"(?:[.-](?P<region>[a-z]{2}(?:-[a-z]+)+-\d))?\.amazonaws\.com(?:\.cn)?$")
LOCAL_BUCKET = re.compile(r"^(?P<bucket>.+?)(?:\.s3(?:\.[a-z0-9-]+)?)?\.localhost$")
REST_PATHS = re.compile(r"^/(restapis|account|apikeys|usageplans|domainnames|vpclinks|tags|"
                        r"clientcertificates|v2)(/|$)")

S3_BUCKET = {    # sub-resource: {method: (operation, IAM action)}
    "policy": ("BucketPolicy", "BucketPolicy"),
    "lifecycle": ("BucketLifecycleConfiguration", "LifecycleConfiguration"),
    "encryption": ("BucketEncryption", "EncryptionConfiguration"),
    "publicAccessBlock": ("PublicAccessBlock", "BucketPublicAccessBlock"),
    "ownershipControls": ("BucketOwnershipControls", "BucketOwnershipControls"),
    "tagging": ("BucketTagging", "BucketTagging"),
    "versioning": ("BucketVersioning", "BucketVersioning"),
    "acl": ("BucketAcl", "BucketAcl"),
    "object-lock": ("ObjectLockConfiguration", "BucketObjectLockConfiguration"),
    "logging": ("BucketLogging", "BucketLogging"),
    "notification": ("BucketNotificationConfiguration", "BucketNotification"),
    "cors": ("BucketCors", "BucketCORS"),
    "website": ("BucketWebsite", "BucketWebsite"),
    "replication": ("BucketReplication", "ReplicationConfiguration"),
    "accelerate": ("BucketAccelerateConfiguration", "AccelerateConfiguration"),
    "inventory": ("BucketInventoryConfiguration", "InventoryConfiguration"),
    "metrics": ("BucketMetricsConfiguration", "MetricsConfiguration"),
    "location": ("BucketLocation", "BucketLocation"),
    "policyStatus": ("BucketPolicyStatus", "BucketPolicyStatus"),
}
VERB = {"GET": "Get", "PUT": "Put", "DELETE": "Delete"}
# IAM uses the put actions for deleting these ("Actions defined by Amazon S3").
PUT_TO_DELETE = {"lifecycle", "encryption", "tagging", "publicAccessBlock", "ownershipControls",
                 "cors", "replication", "inventory", "metrics"}


def service_of_host(host):
    """(service, region, bucket), as far as the Host header reveals them."""
    host = re.sub(r":\d+$", "", host or "").lower()
    m = LOCAL_BUCKET.match(host)
    if m:
        return "s3", None, m["bucket"]
    m = re.match(r"^(?:(?P<bucket>.+)\.)?s3(?:-fips)?(?:\.dualstack)?"
                 r"(?:[.-](?P<region>[a-z]{2}(?:-[a-z]+)+-\d))?\.amazonaws\.com(?:\.cn)?$", host)
    if m:
        return "s3", m["region"] or "us-east-1", m["bucket"]
    m = HOST.match(host)
    if m:
        return m["service"], m["region"], None
    return None, None, None


def scope_service(req):
    auth = req.get("Authorization") or ""
    m = re.search(r"Credential=([^,\s]+)", auth)
    credential = m.group(1) if m else req.args.get("X-Amz-Credential", "")
    parts = credential.split("/")
    return parts[-2] if len(parts) >= 5 else None


def identify(req):
    """Sets service, region (when the host tells), bucket, object_key, op, params."""
    host_service, req.region, host_bucket = service_of_host(req.get("Host"))
    scoped = scope_service(req)
    target = req.get("X-Amz-Target")
    form = (req.get("Content-Type") or "").startswith("application/x-www-form-urlencoded")
    content = None
    if target and req.path == "/":
        content = TARGETS.get(target.rpartition(".")[0])
    elif form and req.method == "POST":
        req.params = dict(query_pairs(req.body.decode("utf-8", "replace")))
        content = VERSIONS.get(req.params.get("Version"))
    elif req.args.get("Action") and req.args.get("Version") in VERSIONS:
        req.params = dict(req.args)
        content = VERSIONS[req.args["Version"]]
    elif scoped == "apigateway" or (scoped != "s3" and REST_PATHS.match(req.path)):
        content = "apigateway"
    # On a single port, the form of the request replaces the endpoint that AWS would have.
    service = host_service or content or scoped or "s3"
    if service == "apigateway" and req.path.startswith("/v2/"):
        service = "apigatewayv2"
    req.service = service
    if service == "s3":
        identify_s3(req, host_bucket)
    elif service in ("apigateway", "apigatewayv2"):
        identify_rest(req)
    elif target:
        req.op = target.rpartition(".")[2]
        if not req.params:
            parse_json(req)
    elif service in XMLNS:
        req.op = req.params.get("Action")
    else:
        identify_rest(req)
    return req


def parse_json(req):
    try:
        req.params = json.loads(req.body or b"{}")
    except ValueError:
        raise AwsError("SerializationException", "Start of structure or map found where not "
                       "expected.", 400) from None
    if not isinstance(req.params, dict):
        raise AwsError("SerializationException", "Unexpected value type in payload", 400)


def identify_rest(req):
    from . import motobase
    req.op, req.uri = motobase.route_rest(req)
    if req.body:
        try:
            req.params = json.loads(req.body)
        except ValueError:
            raise AwsError("SerializationException", "Unable to parse the request body", 400) from None


def identify_s3(req, host_bucket):
    path = req.path.lstrip("/") if host_bucket is None else req.path[1:]
    if host_bucket is None:
        bucket, _, key = req.path[1:].partition("/")
    else:
        bucket, key = host_bucket, path
    req.path_bucket = bucket if host_bucket is None else None
    req.bucket = unquote(bucket) or None
    req.object_key = unquote(key) or None
    if req.bucket is None:
        req.op = "ListBuckets"
    elif req.object_key is None:
        req.op = bucket_op(req)
    else:
        req.op = object_op(req)


def bucket_op(req):
    method, args = req.method, req.args
    if method == "POST" and "delete" in args:
        return "DeleteObjects"
    for name, (noun, _) in S3_BUCKET.items():
        if name in args and method in VERB:
            return VERB[method] + noun
    if method == "GET":
        if "uploads" in args:
            return "ListMultipartUploads"
        if "versions" in args:
            return "ListObjectVersions"
        return "ListObjectsV2" if args.get("list-type") == "2" else "ListObjects"
    return {"PUT": "CreateBucket", "DELETE": "DeleteBucket", "HEAD": "HeadBucket"}.get(method, method)


def object_op(req):
    method, args = req.method, req.args
    if "uploadId" in args:
        return {"GET": "ListParts", "PUT": "UploadPart", "POST": "CompleteMultipartUpload",
                "DELETE": "AbortMultipartUpload"}.get(method, method)
    if method == "POST":
        return "CreateMultipartUpload" if "uploads" in args else "RestoreObject"
    for name, noun in (("tagging", "ObjectTagging"), ("acl", "ObjectAcl"),
                       ("retention", "ObjectRetention"), ("legal-hold", "ObjectLegalHold"),
                       ("attributes", "ObjectAttributes")):
        if name in args and method in VERB:
            return VERB[method] + noun
    if method == "PUT" and req.get("x-amz-copy-source"):
        return "CopyObject"
    return {"GET": "GetObject", "PUT": "PutObject", "HEAD": "HeadObject",
            "DELETE": "DeleteObject"}.get(method, method)


# ---- IAM actions -------------------------------------------------------------------------------

def needed(req):
    """[(IAM action, resource ARN)] for the request, the main one first."""
    part = "aws-cn" if (req.region or "").startswith("cn-") else "aws"
    if req.service == "s3":
        return s3_needed(req, part)
    if req.service in ("apigateway", "apigatewayv2"):
        return apigateway_needed(req, part)
    if req.service == "logs":
        return logs_needed(req, part)
    if req.service == "iam":
        return iam_needed(req, part)
    if req.service == "sts":
        if req.op in ("GetCallerIdentity", "GetSessionToken", "AssumeRoleWithWebIdentity"):
            return []       # need no permission (STS API reference)
        return [(f"sts:{req.op}", req.params.get("RoleArn", "*"))]
    name = {"monitoring": "cloudwatch"}.get(req.service, req.service)
    return [(f"{name}:{req.op}", "*")]


def s3_needed(req, part):
    bucket, obj = f"arn:{part}:s3:::{req.bucket}", f"arn:{part}:s3:::{req.bucket}/{req.object_key}"
    op = req.op
    if op == "ListBuckets":
        return [("s3:ListAllMyBuckets", "*")]
    if op in ("HeadBucket", "ListObjects", "ListObjectsV2"):
        return [("s3:ListBucket", bucket)]
    if op == "ListObjectVersions":
        return [("s3:ListBucketVersions", bucket)]
    if op == "ListMultipartUploads":
        return [("s3:ListBucketMultipartUploads", bucket)]
    if op == "CreateBucket":
        out = [("s3:CreateBucket", bucket)]
        if req.get("x-amz-object-ownership"):
            out.append(("s3:PutBucketOwnershipControls", bucket))
        if req.get("x-amz-bucket-object-lock-enabled"):
            out += [("s3:PutBucketObjectLockConfiguration", bucket),
                    ("s3:PutBucketVersioning", bucket)]
        return out
    if op == "DeleteObjects":
        keys = re.findall(r"<Key>([^<]*)</Key>", req.body.decode("utf-8", "replace"))
        return [("s3:DeleteObject", f"{bucket}/{k}") for k in keys] or [("s3:DeleteObject", bucket)]
    if req.object_key is None:
        for name, (noun, action) in S3_BUCKET.items():
            if name in req.args and req.method in VERB:
                verb = VERB[req.method]
                if verb == "Delete" and name in PUT_TO_DELETE:
                    verb = "Put"
                return [(f"s3:{verb}{action}", bucket)]
        return [(f"s3:{op}", bucket)]
    if op in ("GetObject", "HeadObject"):
        return [("s3:GetObjectVersion" if "versionId" in req.args else "s3:GetObject", obj)]
    if op == "DeleteObject" and "versionId" in req.args:
        return [("s3:DeleteObjectVersion", obj)]
    if op == "CopyObject":
        source = unquote(req.get("x-amz-copy-source")).lstrip("/").partition("?")[0]
        return [("s3:PutObject", obj), ("s3:GetObject", f"arn:{part}:s3:::{source}")]
    if op in ("PutObject", "UploadPart", "CreateMultipartUpload", "CompleteMultipartUpload"):
        out = [("s3:PutObject", obj)]
        if req.get("x-amz-tagging"):
            out.append(("s3:PutObjectTagging", obj))
        return out
    if op == "ListParts":
        return [("s3:ListMultipartUploadParts", obj)]
    return [(f"s3:{op}", obj)]


def logs_needed(req, part):
    p = req.params
    group = p.get("logGroupName") or ""
    if not group:
        # of several, as StartQuery has them, the first
        several = p.get("logGroupNames") or p.get("logGroupIdentifiers") or [""]
        ident = p.get("logGroupIdentifier") or several[0]
        group = ident.split(":log-group:")[-1].split(":")[0] if ident else ""
    base = f"arn:{part}:logs:{req.region}:{req.account}:log-group:{group}:log-stream:"
    op = req.op
    if op in ("ListTagsForResource", "TagResource", "UntagResource") and p.get("resourceArn"):
        base = p["resourceArn"]
    if op in ("PutLogEvents", "GetLogEvents", "CreateLogStream") and p.get("logStreamName"):
        base += p["logStreamName"]
    out = [(f"logs:{op}", base)]
    if op == "CreateLogGroup" and p.get("tags"):
        out.append(("logs:TagResource", base))
    if op == "PutSubscriptionFilter" and p.get("roleArn"):
        out.append(("iam:PassRole", p["roleArn"]))
    return out


def iam_needed(req, part):
    p, account = req.params, req.account
    for param, kind in (("PolicySourceArn", None), ("PolicyArn", None), ("RoleName", "role"), ("UserName", "user"),
                        ("GroupName", "group"), ("PolicyName", "policy")):
        if param in p and not (param == "PolicyArn" and "RoleName" in p):
            path = p.get("Path", "/")
            arn = p[param] if kind is None else f"arn:{part}:iam::{account}:{kind}{path}{p[param]}"
            out = [(f"iam:{req.op}", arn)]
            break
    else:
        out = [(f"iam:{req.op}", "*")]
    if req.op in ("CreateRole", "CreatePolicy", "CreateUser") and "Tags.member.1.Key" in p:
        out.append((f"iam:Tag{req.op[6:]}", out[0][1]))
    return out


def apigateway_needed(req, part):
    """API Gateway's control plane is authorised by HTTP method and path, not by operation."""
    path = req.path[3:] if req.path.startswith("/v2/") else req.path
    out = [(f"apigateway:{req.method}", f"arn:{part}:apigateway:{req.region}::{unquote(path)}")]
    if req.service == "apigateway" and req.op == "UpdateAccount":
        for change in req.params.get("patchOperations") or []:
            if change.get("path", "").lower() == "/cloudwatchrolearn" and change.get("value"):
                out.append(("iam:PassRole", change["value"]))
    if (req.service == "apigatewayv2" and req.op in ("UpdateStage", "CreateStage") and
            (req.params.get("accessLogSettings") or {}).get("destinationArn")):
        # "Customize HTTP API access logs": permissions to enable logging
        every = f"arn:{part}:logs:{req.region}:{req.account}:log-group:*"
        out += [(f"logs:{a}", every) for a in
                ("CreateLogDelivery", "UpdateLogDelivery", "GetLogDelivery", "ListLogDeliveries",
                 "PutResourcePolicy", "DescribeResourcePolicies", "DescribeLogGroups")]
    return out
