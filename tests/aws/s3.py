"""S3: checks of buckets and objects that moto lacks.

S3 API Reference and User Guide; policies are in s3policy.py, life cycles in s3lifecycle.py, checksums
in s3sums.py.
"""

import base64
import re
from urllib.parse import quote
from xml.sax.saxutils import escape

from . import perms, policy, state
from .export import find_bucket
from .overlays import after, before, instead
from .s3sums import LENGTHS, check_sums, checksum
from .wire import AwsError, Response, error_response

NAME = re.compile(r"^(?!xn--|sthree-|amzn-s3-demo-)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9]"
                  r"(?!.*\.\.)[a-z0-9.-]{1,61}[a-z0-9]$")
BAD_END = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
CRC64_MAX = 64 << 10
ACLS_OFF = "The bucket does not allow ACLs"


def bucket_arn(req):
    return f"arn:aws:s3:::{req.bucket}"


@before("s3", "*")
def gate(req):
    check_sums(req)
    if req.op in ("ListBuckets", "CreateBucket"):
        return None
    backend, bucket = find_bucket(req.bucket)
    if bucket is None:
        raise AwsError("NoSuchBucket", "The specified bucket does not exist", 404,
                       {"BucketName": req.bucket})
    resp = redirect(req, bucket)
    if resp is not None:
        return resp
    expected = req.get("x-amz-expected-bucket-owner")
    if expected and not re.match(r"^\d{12}$", expected):
        raise AwsError("InvalidBucketOwnerAWSAccountID", "The value of the expected bucket owner "
                       "parameter must be an AWS account ID", 400)
    if expected and expected != bucket.account_id:
        raise AwsError("AccessDenied", "Access Denied", 403)
    check_policy(req, bucket)
    req.owner = bucket.account_id
    req.account = bucket.account_id     # moto looks the bucket up in its owner's account
    return None


def redirect(req, bucket):
    """A bucket of another region. Signed for us-east-1 S3 says which region it expects; elsewhere
    it redirects ("Redirects and routing", S3 User Guide). GetBucketLocation works from us-east-1."""
    there = bucket.region_name
    if req.region == there or (req.op == "GetBucketLocation" and req.region == "us-east-1"):
        return None
    how = state.settings["wrong_region"]
    headers = {"x-amz-bucket-region": there}
    if how == "400" or (how == "auto" and req.region == "us-east-1"):
        return error_response(req, "s3", "AuthorizationHeaderMalformed", "The authorization header "
                              f"is malformed; the region '{req.region}' is wrong; expecting "
                              f"'{there}'", 400, {"Region": there}, headers)
    if how == "307":
        headers["Location"] = f"http://{req.get('Host')}{req.target}"
        return error_response(req, "s3", "TemporaryRedirect", "Please re-send this request to the "
                              "specified temporary endpoint. Continue to use the original request "
                              "endpoint for future requests.", 307,
                              {"Endpoint": f"{req.bucket}.s3.{there}.amazonaws.com",
                               "Bucket": req.bucket}, headers)
    return error_response(req, "s3", "PermanentRedirect", "The bucket you are attempting to access "
                          "must be addressed using the specified endpoint. Please send all future "
                          "requests to this endpoint.", 301,
                          {"Endpoint": f"{req.bucket}.s3.{there}.amazonaws.com",
                           "Bucket": req.bucket}, headers)


def check_policy(req, bucket):
    """Another account needs the bucket policy; its denials apply to the owner's keys only if
    enforce_bucket_policy is set."""
    import json
    stranger = req.key is not None and req.key.account != bucket.account_id
    if req.key is None or not (stranger or state.settings["enforce_bucket_policy"]):
        return
    docs = [json.loads(bucket.policy)] if bucket.policy else []
    context = {"aws:SecureTransport": str(req.tls).lower(), "aws:PrincipalArn": req.key.arn,
               "aws:PrincipalAccount": req.key.account}
    if req.get("x-amz-server-side-encryption"):
        context["s3:x-amz-server-side-encryption"] = req.get("x-amz-server-side-encryption")
    for action, resource in req.iam:
        answer = policy.evaluate(docs, action, resource, context,
                                 ("AWS", req.key.arn, req.key.account))
        if answer == "deny":
            raise perms.denied(req, action, resource,
                               "with an explicit deny in a resource-based policy")
        if stranger and answer != "allow":
            raise AwsError("AccessDenied", "Access Denied", 403)


# ---- buckets ------------------------------------------------------------------------------------

@before("s3", "CreateBucket")
def create_bucket(req):
    name = req.bucket
    if not NAME.match(name) or name.endswith(BAD_END):
        raise AwsError("InvalidBucketName", "The specified bucket is not valid.", 400,
                       {"BucketName": name})
    m = re.search(rb"<LocationConstraint[^>]*>([^<]*)<", req.body)
    where = m[1].decode() if m else ""
    if req.region == "us-east-1" and where == "us-east-1":
        raise AwsError("InvalidLocationConstraint", "The specified location-constraint is not valid",
                       400, {"LocationConstraint": where})
    if req.region != "us-east-1" and where != req.region:
        raise AwsError("IllegalLocationConstraintException", f"The {where or 'unspecified'} location "
                       "constraint is incompatible for the region specific endpoint this request "
                       "was sent to.", 400)
    ownership = req.get("x-amz-object-ownership", "BucketOwnerEnforced")
    acl = req.get("x-amz-acl")
    if acl not in (None, "private") and ownership == "BucketOwnerEnforced":
        raise AwsError("InvalidBucketAclWithObjectOwnership", "Bucket cannot have ACLs set with "
                       "ObjectOwnership's BucketOwnerEnforced setting", 400)
    _, there = find_bucket(name)
    if there is None:
        return None
    if there.account_id != req.account:
        raise AwsError("BucketAlreadyExists", "The requested bucket name is not available. The "
                       "bucket namespace is shared by all users of the system. Please select a "
                       "different name and try again.", 409, {"BucketName": name})
    # only us-east-1 answers 200 to the owner's second CreateBucket
    if req.region == "us-east-1" and there.region_name == "us-east-1":
        return Response(200, {"Location": f"/{name}"})
    raise AwsError("BucketAlreadyOwnedByYou", "Your previous request to create the named bucket "
                   "succeeded and you already own it.", 409, {"BucketName": name})


@after("s3", "CreateBucket")
def new_bucket_defaults(req, resp):
    """Since April 2023 every new bucket blocks public access and has no ACLs; since January 2023
    all are encrypted with SSE-S3."""
    _, bucket = find_bucket(req.bucket)
    if resp.status != 200 or bucket is None or hasattr(bucket, "local_made"):
        return
    bucket.local_made = True
    from moto.s3.models import PublicAccessBlock
    bucket.public_access_block = PublicAccessBlock("true", "true", "true", "true")
    bucket.ownership_rule = req.get("x-amz-object-ownership", "BucketOwnerEnforced")
    bucket.encryption = {"Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
                                  "BucketKeyEnabled": "false"}}
    # real replies have a Location header and no useful body
    resp.set("Location", f"/{req.bucket}")


@instead("s3", "HeadBucket")
def head_bucket(req):
    _, bucket = find_bucket(req.bucket)
    return Response(200, {"x-amz-bucket-region": bucket.region_name,
                          "x-amz-access-point-alias": "false", "Content-Type": "application/xml"})


@before("s3", "PutBucketAcl", "PutObjectAcl", "PutObject", "CopyObject", "CreateMultipartUpload")
def no_acls(req):
    _, bucket = find_bucket(req.bucket)
    acl = req.get("x-amz-acl")
    config = req.op in ("PutBucketAcl", "PutObjectAcl")
    if getattr(bucket, "ownership_rule", None) == "BucketOwnerEnforced" and (
            config or acl not in (None, "bucket-owner-full-control")):
        raise AwsError("AccessControlListNotSupported", ACLS_OFF, 400)


@before("s3", "PutBucketVersioning")
def versioning(req):
    if not re.search(rb"<Status>(Enabled|Suspended)</Status>", req.body):
        raise AwsError("MalformedXML", "The XML you provided was not well-formed or did not "
                       "validate against our published schema", 400)


@before("s3", "PutBucketEncryption")
def encryption(req):
    m = re.search(rb"<SSEAlgorithm>([^<]*)</SSEAlgorithm>", req.body)
    if not m or m[1] not in (b"AES256", b"aws:kms", b"aws:kms:dsse"):
        raise AwsError("MalformedXML", "The XML you provided was not well-formed or did not "
                       "validate against our published schema", 400)


@instead("s3", "DeleteBucketEncryption")
def delete_encryption(req):
    """Resets to SSE-S3: since January 2023 every bucket is encrypted."""
    _, bucket = find_bucket(req.bucket)
    bucket.encryption = {"Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
                                  "BucketKeyEnabled": "false"}}
    return Response(204)


@after("s3", "PutBucketTagging")
def tagging_204(_req, resp):
    if resp.status == 200:
        resp.status = 204


# ---- objects ------------------------------------------------------------------------------------

@instead("s3", "ListObjectsV2")
def list_objects_v2(req):
    """In UTF-8 order; common prefixes count towards max-keys; the token is opaque."""
    args = req.args
    _, bucket = find_bucket(req.bucket)
    limit = args.get("max-keys", "1000")
    if not limit.isdigit():
        raise AwsError("InvalidArgument", "Provided max-keys not an integer or within integer range",
                       400, {"ArgumentName": "max-keys", "ArgumentValue": limit})
    limit = min(int(limit), 1000)
    prefix, delimiter = args.get("prefix", ""), args.get("delimiter", "")
    begin = args.get("start-after", "")
    if "continuation-token" in args:
        try:
            begin = base64.b64decode(args["continuation-token"], validate=True).decode()
        except ValueError:
            raise AwsError("InvalidArgument", "The continuation token provided is incorrect", 400,
                           {"ArgumentName": "continuation-token"}) from None
    if args.get("encoding-type", "url") != "url":
        raise AwsError("InvalidArgument", "Invalid Encoding Method specified in Request", 400)
    rows, last, more = [], "", False
    seen = None
    for name in sorted(bucket.keys.keys(), key=lambda k: k.encode()):
        if not name.startswith(prefix):
            continue
        group = None
        if delimiter:
            cut = name.find(delimiter, len(prefix))
            group = name[:cut + len(delimiter)] if cut >= 0 else None
        mark = group or name
        if mark.encode() <= begin.encode() or (group and group == seen):
            continue
        if is_deleted(bucket, name):
            continue
        if len(rows) == limit:
            more = limit > 0
            break
        seen, last = group, mark
        rows.append((group, name))
    encode = (lambda s: quote(s, safe="/-_.~*()!'")) if "encoding-type" in args else (lambda s: s)
    out = [f"<Name>{escape(bucket.name)}</Name><Prefix>{xml(encode(prefix))}</Prefix>",
           f"<KeyCount>{len(rows)}</KeyCount><MaxKeys>{limit}</MaxKeys>",
           f"<IsTruncated>{str(more).lower()}</IsTruncated>"]
    if delimiter:
        out.append(f"<Delimiter>{xml(encode(delimiter))}</Delimiter>")
    if "encoding-type" in args:
        out.append("<EncodingType>url</EncodingType>")
    if "continuation-token" in args:
        out.append(f"<ContinuationToken>{xml(args['continuation-token'])}</ContinuationToken>")
    if "start-after" in args:
        out.append(f"<StartAfter>{xml(encode(args['start-after']))}</StartAfter>")
    if more:
        token = base64.b64encode(last.encode()).decode()
        out.append(f"<NextContinuationToken>{token}</NextContinuationToken>")
    for group, name in rows:
        if group is None:
            out.append(contents(bucket.keys[name], encode(name)))
    for group, _ in rows:
        if group is not None:
            out.append(f"<CommonPrefixes><Prefix>{xml(encode(group))}</Prefix></CommonPrefixes>")
    return Response(200, {"Content-Type": "application/xml"},
                    '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns='
                    '"http://s3.amazonaws.com/doc/2006-03-01/">' + "".join(out) +
                    "</ListBucketResult>")


def xml(text):
    """Characters that XML 1.0 cannot carry are why encoding-type=url exists."""
    return escape(text).replace("\r", "&#13;").replace("\n", "&#10;")


def is_deleted(bucket, name):
    from moto.s3.models import FakeDeleteMarker
    return isinstance(bucket.keys[name], FakeDeleteMarker)


def contents(key, name):
    return (f"<Contents><Key>{xml(name)}</Key><LastModified>{key.last_modified_ISO8601}"
            f"</LastModified><ETag>{escape(key.etag)}</ETag><Size>{key.size}</Size>"
            f"<StorageClass>{key.storage_class}</StorageClass></Contents>")


@before("s3", "PutObject", "CompleteMultipartUpload")
def conditional_write(req):
    """If-None-Match takes "*" alone ("Conditional writes", S3 User Guide)."""
    if req.get("If-None-Match") not in (None, "*"):
        raise AwsError("NotImplemented", "A header you provided implies functionality that is not "
                       "implemented", 501, {"Header": "If-None-Match"})
    if len(req.object_key.encode()) > 1024:
        raise AwsError("KeyTooLongError", "Your key is too long", 400,
                       {"Size": len(req.object_key.encode()), "MaxSizeAllowed": 1024})
    if req.get("If-None-Match") == "*":
        _, bucket = find_bucket(req.bucket)
        if req.object_key in bucket.keys and not is_deleted(bucket, req.object_key):
            raise AwsError("PreconditionFailed", "At least one of the pre-conditions you specified "
                           "did not hold", 412, {"Condition": "If-None-Match"})


@before("s3", "PutObject", "DeleteObject")
def if_match(req):
    """"Conditional requests", S3 User Guide; "*" is any object. That a missing one is 404 for
    DeleteObject too is a guess."""
    wanted = req.get("If-Match")
    if wanted is None:
        return
    _, bucket = find_bucket(req.bucket)
    if req.object_key not in bucket.keys or is_deleted(bucket, req.object_key):
        raise AwsError("NoSuchKey", "The specified key does not exist.", 404,
                       {"Key": req.object_key})
    if wanted != "*" and wanted.strip('"') != bucket.keys[req.object_key].etag.strip('"'):
        raise AwsError("PreconditionFailed", "At least one of the pre-conditions you specified "
                       "did not hold", 412, {"Condition": "If-Match"})
    req.headers = [(n, v) for n, v in req.headers if n.lower() != "if-match"]


@after("s3", "PutObject")
def keep_checksum(req, resp):
    """moto keeps the one that x-amz-sdk-checksum-algorithm names, which only SDKs send."""
    _, bucket = find_bucket(req.bucket)
    for name in LENGTHS if resp.status == 200 else ():
        if value := req.get(f"x-amz-checksum-{name}"):
            key = bucket.keys[req.object_key]
            key.checksum_algorithm, key.checksum_value = name.upper(), value


@after("s3", "GetObject", "HeadObject")
def stored_checksum(req, resp):
    """With x-amz-checksum-mode the checksum that is stored; S3 itself stores a CRC64NVME with a new
    object that came without one ("Checking object integrity")."""
    if resp.status != 200 or (req.get("x-amz-checksum-mode") or "").upper() != "ENABLED":
        return
    _, bucket = find_bucket(req.bucket)
    key = bucket.keys[req.object_key]
    if key.checksum_algorithm or getattr(key, "local_no_checksum", False) or req.get("Range"):
        return
    # in Python, a CRC64NVME of a megabyte takes longer than most tests
    name = "crc64nvme" if key.size < CRC64_MAX else "crc32"
    if not hasattr(key, "local_checksum"):
        key.local_checksum = checksum(name, key.value)
    resp.set(f"x-amz-checksum-{name}", key.local_checksum)
    resp.set("x-amz-checksum-type", "FULL_OBJECT")


@after("s3", "GetObject", "HeadObject")
def hide_missing(req, resp):
    """Without s3:ListBucket a missing key is 403, so that its absence is not revealed."""
    if resp.status == 404 and perms.verdict(req.key, "s3:ListBucket", bucket_arn(req)):
        resp.status = 403
        resp.body = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"


@after("s3", "*")
def errors(req, resp):
    """Errors as S3 writes them: <RequestId> is the header's, HEAD has no body."""
    if req.method == "HEAD" and resp.status >= 300:
        resp.body = b""
        resp.drop("content-length")
        return
    if resp.status < 400 or not resp.body.lstrip().startswith(b"<"):
        return
    m = re.search(rb"<Error[^>]*>(.*)</Error>", resp.body, re.S)
    if not m:
        return
    pairs = re.findall(r"<(\w[\w-]*)>([^<]*)</\1>", m[1].decode())
    fields = {k: unescape(v) for k, v in pairs}
    code, message = fields.pop("Code", "InternalError"), fields.pop("Message", "")
    for name in ("RequestID", "RequestId", "HostId"):
        fields.pop(name, None)
    made = error_response(req, "s3", code, message, resp.status, fields)
    resp.body = made.body
    resp.set("Content-Type", "application/xml")
    resp.drop("content-length")


def unescape(text):
    from xml.sax.saxutils import unescape as plain
    return plain(text, {"&quot;": '"', "&apos;": "'"})
