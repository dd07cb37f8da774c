"""Checksums of S3 bodies, by name. zlib's crc32 is quick; the others are rare here."""

import base64
import hashlib
import struct
import zlib


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
