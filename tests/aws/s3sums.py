"""Checksums of S3 bodies, by name, and the requests that must have one.

zlib's crc32 is quick; the others are rare here.
"""

import base64
import binascii
import hashlib
import struct
import zlib

from .wire import AwsError

# "requestChecksumRequired" in the S3 model: Content-MD5 or an x-amz-checksum-* header.
NEED_SUM = {"PutBucketPolicy", "PutBucketLifecycleConfiguration", "PutBucketEncryption",
            "PutPublicAccessBlock", "PutBucketOwnershipControls", "PutBucketTagging",
            "PutObjectLockConfiguration", "PutBucketVersioning", "PutBucketCors",
            "PutBucketReplication", "PutBucketLogging", "PutBucketAcl", "PutBucketWebsite",
            "PutObjectTagging", "PutObjectRetention", "PutObjectLegalHold", "DeleteObjects"}


def _table(poly, bits):
    table = []
    for n in range(256):
        for _ in range(8):
            n = (n >> 1) ^ (poly if n & 1 else 0)
        table.append(n)
    return table, (1 << bits) - 1


_tables = {}


def _crc(data, name, poly, bits):
    if name not in _tables:
        _tables[name] = _table(poly, bits)
    table, mask = _tables[name]
    crc = mask
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ mask


def checksum(name, data):
    """The base64 text of the x-amz-checksum-<name> header."""
    if name == "crc32":
        raw = struct.pack(">I", zlib.crc32(data))
    elif name == "crc32c":
        raw = struct.pack(">I", _crc(data, name, 0x82F63B78, 32))
    elif name == "crc64nvme":
        raw = struct.pack(">Q", _crc(data, name, 0x9A6C9329AC4BC9B5, 64))
    else:
        raw = hashlib.new(name, data).digest()
    return base64.b64encode(raw).decode()


LENGTHS = {"crc32": 4, "crc32c": 4, "crc64nvme": 8, "sha1": 20, "sha256": 32}


def check_sums(req):
    given = False
    md5 = req.get("Content-MD5")
    if md5 is not None:
        given = True
        if decode(md5, 16) is None:
            raise AwsError("InvalidDigest", "The Content-MD5 you specified was invalid.", 400,
                           {"Content-MD5": md5})
        real = base64.b64encode(hashlib.md5(req.body).digest()).decode()
        if real != md5:
            raise AwsError("BadDigest", "The Content-MD5 you specified did not match what we "
                           "received.", 400,
                           {"ExpectedDigest": md5, "CalculatedDigest": real})
    for name, size in LENGTHS.items():
        value = req.get(f"x-amz-checksum-{name}")
        if value is None or req.op == "CompleteMultipartUpload":
            continue
        given = True
        if decode(value, size) is None:
            raise AwsError("InvalidRequest", f"Value for x-amz-checksum-{name} header is invalid.",
                           400)
        if checksum(name, req.body) != value:
            raise AwsError("BadDigest", f"The {name.upper()} you specified did not match the "
                           "calculated checksum.", 400)
    if req.op in NEED_SUM and not given and not (req.op == "PutBucketAcl" and not req.body):
        raise AwsError("InvalidRequest", "Missing required header for this request: Content-MD5 OR "
                       "x-amz-checksum-*", 400)


def decode(text, size):
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == size else None
