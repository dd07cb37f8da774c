"""S3: checksums, bucket configuration, regions, owners, conditional writes, listing."""

import base64
import hashlib
import json

import pytest
from aws.rawhttp import send, signed
from botocore.exceptions import ClientError


def refused(call, **kw):
    with pytest.raises(ClientError) as e:
        call(**kw)
    error = e.value.response
    return error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]


@pytest.fixture
def s3(aws):
    client = aws.client("s3")
    client.create_bucket(Bucket="bucket")
    return client


def md5(body):
    return base64.b64encode(hashlib.md5(body).digest()).decode()


def test_content_md5(aws, s3):
    def put(value):
        return send(aws, signed(aws, "s3", "PUT", "/bucket/k", b"hello", {"Content-MD5": value}))
    assert put(md5(b"hello")).status == 200
    assert "<Code>BadDigest</Code>" in put(md5(b"other")).text
    assert "<Code>InvalidDigest</Code>" in put("nonsense").text


@pytest.mark.parametrize("name,value", [
    ("crc32", "NhCmhg=="), ("crc32c", "mnG7TA=="), ("crc64nvme", "M3eFcAZSQlc="),
    ("sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00="),
    ("sha256", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=")])
def test_checksums(aws, s3, name, value):
    def put(value):
        return send(aws, signed(aws, "s3", "PUT", "/bucket/k", b"hello",
                                {f"x-amz-checksum-{name}": value}))
    assert put(value).status == 200
    other = base64.b64encode(bytes(len(base64.b64decode(value)))).decode()
    assert "<Code>BadDigest</Code>" in put(other).text
    assert "<Code>InvalidRequest</Code>" in put("AA==").text


def test_configuration_needs_a_checksum(aws, s3):
    body = b"<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>"
    call = signed(aws, "s3", "PUT", "/bucket?tagging", body)
    resp = send(aws, call)
    assert resp.status == 400 and "Missing required header for this request" in resp.text
    resp = send(aws, signed(aws, "s3", "PUT", "/bucket?tagging", body, {"Content-MD5": md5(body)}))
    assert resp.status == 204
    assert s3.get_bucket_tagging(Bucket="bucket")["TagSet"] == [{"Key": "k", "Value": "v"}]


def test_new_bucket_and_absent_configuration(s3):
    b = {"Bucket": "bucket"}
    assert s3.get_public_access_block(**b)["PublicAccessBlockConfiguration"] == dict.fromkeys(
        ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    rule = s3.get_bucket_ownership_controls(**b)["OwnershipControls"]["Rules"][0]
    assert rule["ObjectOwnership"] == "BucketOwnerEnforced"
    sse = s3.get_bucket_encryption(**b)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert sse["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    for call, code in ((s3.get_bucket_policy, "NoSuchBucketPolicy"),
                       (s3.get_bucket_lifecycle_configuration, "NoSuchLifecycleConfiguration"),
                       (s3.get_bucket_tagging, "NoSuchTagSet"),
                       (s3.get_object_lock_configuration, "ObjectLockConfigurationNotFoundError")):
        assert refused(call, **b) == (code, 404)
    s3.delete_public_access_block(**b)
    assert refused(s3.get_public_access_block, **b) == ("NoSuchPublicAccessBlockConfiguration", 404)
    s3.delete_bucket_ownership_controls(**b)
    assert refused(s3.get_bucket_ownership_controls, **b) == ("OwnershipControlsNotFoundError", 404)


def test_configuration_round_trip(s3):
    b = {"Bucket": "bucket"}
    s3.put_bucket_versioning(**b, VersioningConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_versioning(**b)["Status"] == "Enabled"
    s3.put_bucket_ownership_controls(**b, OwnershipControls={
        "Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]})
    s3.put_public_access_block(**b, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    got = s3.get_public_access_block(**b)["PublicAccessBlockConfiguration"]
    assert got["BlockPublicAcls"] is True and got["BlockPublicPolicy"] is False
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID":
            "arn:aws:kms:us-east-1:123456789012:key/x"}, "BucketKeyEnabled": True}
    s3.put_bucket_encryption(**b, ServerSideEncryptionConfiguration={"Rules": [rule]})
    got = s3.get_bucket_encryption(**b)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert {k: got[k] for k in rule} == rule
    s3.put_object(**b, Key="k", Body=b"")
    assert s3.head_object(**b, Key="k")["ServerSideEncryption"] == "aws:kms"


def test_lifecycle(s3):
    rule = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "p/"},
            "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"},
                            {"Days": 90, "StorageClass": "DEEP_ARCHIVE"}],
            "Expiration": {"Days": 400}, "NoncurrentVersionExpiration": {"NoncurrentDays": 7},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3}}

    def put(**changes):
        return {"Bucket": "bucket", "LifecycleConfiguration": {"Rules": [{**rule, **changes}]}}
    s3.put_bucket_lifecycle_configuration(**put())
    assert s3.get_bucket_lifecycle_configuration(Bucket="bucket")["Rules"] == [rule]
    for changes in ({"Transitions": [{"Days": 29, "StorageClass": "STANDARD_IA"}]},
                    {"Expiration": {"Days": 90}}, {"Expiration": {"Days": 0}}):
        assert refused(s3.put_bucket_lifecycle_configuration, **put(**changes))[0] == \
            "InvalidArgument"
    assert refused(s3.put_bucket_lifecycle_configuration, **put(Status="On"))[0] == "MalformedXML"
    s3.delete_bucket_lifecycle(Bucket="bucket")
    assert refused(s3.get_bucket_lifecycle_configuration, Bucket="bucket")[1] == 404


def statement(**changes):
    st = {"Sid": "s", "Effect": "Allow", "Principal": {"Service": "logs.us-east-1.amazonaws.com"},
          "Action": "s3:PutObject", "Resource": "arn:aws:s3:::bucket/*", **changes}
    return json.dumps({"Version": "2012-10-17",
                       "Statement": [{k: v for k, v in st.items() if v is not None}]})


def test_bucket_policy(s3):
    s3.put_bucket_policy(Bucket="bucket", Policy=statement())
    assert json.loads(s3.get_bucket_policy(Bucket="bucket")["Policy"]) == json.loads(statement())
    for bad in ("{", "[]", statement(Principal=None), statement(Principal={"Service": "nonsense"}),
                statement(Principal={"AWS": "12"}), statement(Resource="arn:aws:s3:::other/*"),
                statement(Action="logs:Put"), statement(Effect="Maybe"),
                statement(Resource="arn:aws:s3:::bucket"), statement(Action="s3:GetBucketAcl")):
        assert refused(s3.put_bucket_policy, Bucket="bucket", Policy=bad) == ("MalformedPolicy", 400)
    public = statement(Principal="*", Action="s3:GetObject")
    assert refused(s3.put_bucket_policy, Bucket="bucket", Policy=public) == ("AccessDenied", 403)
    s3.delete_public_access_block(Bucket="bucket")
    s3.put_bucket_policy(Bucket="bucket", Policy=public)
    s3.delete_bucket_policy(Bucket="bucket")
    assert refused(s3.get_bucket_policy, Bucket="bucket")[0] == "NoSuchBucketPolicy"


def test_deny_without_tls(aws, s3):
    s3.put_bucket_policy(Bucket="bucket", Policy=statement(
        Effect="Deny", Principal="*", Action="s3:*",
        Resource=["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"],
        Condition={"Bool": {"aws:SecureTransport": "false"}}))
    s3.list_objects_v2(Bucket="bucket")
    aws.settings(enforce_bucket_policy=True)
    assert refused(s3.list_objects_v2, Bucket="bucket") == ("AccessDenied", 403)


def test_conditional_writes(s3):
    b = {"Bucket": "bucket", "Key": "k"}
    etag = s3.put_object(**b, Body=b"1", IfNoneMatch="*")["ETag"]
    assert refused(s3.put_object, **b, Body=b"2", IfNoneMatch="*") == ("PreconditionFailed", 412)
    s3.put_object(**b, Body=b"3", IfMatch=etag)
    assert refused(s3.put_object, **b, Body=b"4", IfMatch=etag) == ("PreconditionFailed", 412)
    assert s3.get_object(**b)["Body"].read() == b"3"
    assert refused(s3.get_object, **b, IfMatch=etag)[1] == 412


def test_conditional_deletes(s3):
    b = {"Bucket": "bucket", "Key": "k"}
    old = s3.put_object(**b, Body=b"1")["ETag"]
    etag = s3.put_object(**b, Body=b"2")["ETag"]
    assert refused(s3.delete_object, **b, IfMatch=old) == ("PreconditionFailed", 412)
    s3.delete_object(**b, IfMatch=etag)
    assert refused(s3.delete_object, **b, IfMatch=etag) == ("NoSuchKey", 404)
    assert refused(s3.put_object, **b, Body=b"3", IfMatch=etag) == ("NoSuchKey", 404)
    s3.put_object(**b, Body=b"3")
    s3.delete_object(**b, IfMatch="*")
    assert s3.list_objects_v2(Bucket="bucket")["KeyCount"] == 0


def test_conflict(aws, s3):
    aws.faults({"action": "s3:PutObject", "kind": "error", "status": 409,
                "code": "ConditionalRequestConflict"})
    b = {"Bucket": "bucket", "Key": "k", "Body": b"1", "IfNoneMatch": "*"}
    assert refused(s3.put_object, **b) == ("ConditionalRequestConflict", 409)
    s3.put_object(**b)


def test_stored_checksum(aws, s3):
    send(aws, signed(aws, "s3", "PUT", "/bucket/bare", b"hello"))
    send(aws, signed(aws, "s3", "PUT", "/bucket/own", b"hello",
                     {"x-amz-checksum-sha256": "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="}))

    def sums(key, call=s3.get_object, **kw):
        got = call(Bucket="bucket", Key=key, **kw)
        return {n: v for n, v in got.items() if n.startswith("Checksum") and n != "ChecksumType"}
    assert sums("bare") == {} == sums("own")
    for call in (s3.get_object, s3.head_object):
        assert sums("bare", call, ChecksumMode="ENABLED") == {"ChecksumCRC64NVME": "M3eFcAZSQlc="}
        assert "ChecksumSHA256" in sums("own", call, ChecksumMode="ENABLED")
    assert sums("bare", ChecksumMode="ENABLED", Range="bytes=0-1") == {}


def test_expected_owner(aws, s3):
    """On every operation; without a body for HEAD."""
    s3.put_object(Bucket="bucket", Key="k", Body=b"")
    mine, b = aws.account, {"Bucket": "bucket"}
    calls = [(s3.head_bucket, {}), (s3.list_objects_v2, {}), (s3.get_bucket_location, {}),
             (s3.get_object, {"Key": "k"}), (s3.head_object, {"Key": "k"}),
             (s3.put_object, {"Key": "k"}), (s3.get_bucket_encryption, {}),
             (s3.get_bucket_versioning, {}), (s3.delete_object, {"Key": "k"}),
             (s3.delete_bucket, {})]
    for call, more in calls:
        code, status = refused(call, **b, **more, ExpectedBucketOwner="999999999999")
        assert (code, status) in (("AccessDenied", 403), ("403", 403)), call
        assert refused(call, **b, **more, ExpectedBucketOwner="me")[1] == 400
    for call, more in calls:
        call(**b, **more, ExpectedBucketOwner=mine)


def test_regions(aws, s3):
    there = aws.client("s3", region="eu-west-1")
    assert refused(there.create_bucket, Bucket="far")[0] == "IllegalLocationConstraintException"
    config = {"LocationConstraint": "eu-west-1"}
    there.create_bucket(Bucket="far", CreateBucketConfiguration=config)
    assert s3.get_bucket_location(Bucket="far")["LocationConstraint"] == "eu-west-1"
    assert s3.get_bucket_location(Bucket="bucket")["LocationConstraint"] is None
    assert refused(there.create_bucket, Bucket="far", CreateBucketConfiguration=config) == \
        ("BucketAlreadyOwnedByYou", 409)
    s3.create_bucket(Bucket="bucket")
    resp = send(aws, signed(aws, "s3", "GET", "/far?list-type=2"))
    assert resp.status == 400 and "<Region>eu-west-1</Region>" in resp.text
    resp = send(aws, signed(aws, "s3", "HEAD", "/far"))
    assert (resp.status, resp.headers["x-amz-bucket-region"], resp.text) == (400, "eu-west-1", "")
    resp = send(aws, signed(aws, "s3", "GET", "/bucket/k", region="eu-west-1"))
    assert resp.status == 301 and "<Code>PermanentRedirect</Code>" in resp.text
    assert resp.headers["x-amz-bucket-region"] == "us-east-1"
    assert refused(s3.create_bucket, Bucket="Bad_Name")[0] == "InvalidBucketName"
    assert refused(s3.create_bucket, Bucket="1.2.3.4")[0] == "InvalidBucketName"


def test_owners(aws, s3):
    key = aws.credentials("AKIASTRANGER00000000", account="999999999999")
    other = aws.client("s3", key=key)
    assert refused(other.create_bucket, Bucket="bucket") == ("BucketAlreadyExists", 409)
    assert refused(other.list_objects_v2, Bucket="bucket") == ("AccessDenied", 403)
    resp = send(aws, signed(aws, "s3", "HEAD", "/bucket", key=key))
    assert (resp.status, resp.text) == (403, "")
    other.create_bucket(Bucket="theirs")
    assert [b["Name"] for b in other.list_buckets()["Buckets"]] == ["theirs"]
    assert refused(s3.head_bucket, Bucket="absent")[1] == 404
    assert refused(s3.list_objects_v2, Bucket="bucket", ExpectedBucketOwner="999999999999")[1] == 403
    # the owner's own policy lets the other account in
    s3.put_bucket_policy(Bucket="bucket", Policy=statement(Principal={"AWS": "999999999999"}))
    other.put_object(Bucket="bucket", Key="k", Body=b"x", ACL="bucket-owner-full-control")
    assert s3.get_object(Bucket="bucket", Key="k")["Body"].read() == b"x"
    assert refused(s3.put_object, Bucket="bucket", Key="k", ACL="public-read")[0] == \
        "AccessControlListNotSupported"


def test_list_objects_v2(s3):
    keys = ["a/1", "a/2", "b", "c/d/e", "c/d/f", "é & <x>", "z\n"]
    for key in keys:
        s3.put_object(Bucket="bucket", Key=key, Body=b"12")
    for size in (1, 2, 3, 1000):
        found, token = [], {}
        while True:
            page = s3.list_objects_v2(Bucket="bucket", Delimiter="/", MaxKeys=size, **token)
            found += [c["Prefix"] for c in page.get("CommonPrefixes", [])]
            found += [c["Key"] for c in page.get("Contents", [])]
            if not page["IsTruncated"]:
                break
            token = {"ContinuationToken": page["NextContinuationToken"]}
        assert sorted(found) == sorted(["a/", "b", "c/", "é & <x>", "z\n"])
    page = s3.list_objects_v2(Bucket="bucket", Prefix="c/d/", StartAfter="c/d/e")
    assert [c["Key"] for c in page["Contents"]] == ["c/d/f"] and page["KeyCount"] == 1
    assert page["Contents"][0]["Size"] == 2
    assert refused(s3.list_objects_v2, Bucket="bucket", ContinuationToken="!")[0] == \
        "InvalidArgument"


def test_objects(aws, s3):
    s3.put_object(Bucket="bucket", Key="k", Body=b"0123456789", Metadata={"m": "v"},
                  ContentType="text/x")
    got = s3.get_object(Bucket="bucket", Key="k", Range="bytes=2-4")
    assert got["Body"].read() == b"234" and got["ContentRange"] == "bytes 2-4/10"
    assert s3.get_object(Bucket="bucket", Key="k", Range="bytes=-3")["Body"].read() == b"789"
    assert refused(s3.get_object, Bucket="bucket", Key="k", Range="bytes=99-")[1] == 416
    head = s3.head_object(Bucket="bucket", Key="k")
    assert (head["ContentLength"], head["Metadata"]) == (10, {"m": "v"})
    assert refused(s3.get_object, Bucket="bucket", Key="no") == ("NoSuchKey", 404)
    assert refused(s3.head_object, Bucket="bucket", Key="no")[1] == 404
    s3.copy_object(Bucket="bucket", Key="copy", CopySource="bucket/k")
    gone = s3.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": "k"}, {"Key": "copy"}]})
    assert len(gone["Deleted"]) == 2
    upload = s3.create_multipart_upload(Bucket="bucket", Key="big")["UploadId"]
    part = s3.upload_part(Bucket="bucket", Key="big", UploadId=upload, PartNumber=1, Body=b"x" * 99)
    s3.complete_multipart_upload(Bucket="bucket", Key="big", UploadId=upload, MultipartUpload={
        "Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert s3.head_object(Bucket="bucket", Key="big")["ContentLength"] == 99


def test_virtual_host_style(aws, s3):
    s3.put_object(Bucket="bucket", Key="a/b c", Body=b"x")
    for host in (f"bucket.localhost:{aws.port}", "bucket.s3.us-east-1.amazonaws.com"):
        resp = send(aws, signed(aws, "s3", "GET", "/a/b%20c", headers={"Host": host}))
        assert (resp.status, resp.text) == (200, "x")
        resp = send(aws, signed(aws, "s3", "GET", "/?list-type=2", headers={"Host": host}))
        assert "<Key>a/b c</Key>" in resp.text
