"""verify --report, --sign and --against: what an auditor keeps, and what it shows later."""

import gzip
import hashlib
import html.parser
import json

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from archive_helpers import BUCKET, D0, DAY, get
from schema import validate
from verify_helpers import (  # noqa: F401  (archive and exported are fixtures)
    G, RANGE, archive, exported, forge, problems, replace, rewrite)


def report(archive, path, *args, **more):
    archive("--report", path, *args, **more)
    return validate(json.loads(path.read_text()), "verify_report")


def pem(key, private=True):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption()) if private else key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture
def keys(tmp_path):
    key = ed25519.Ed25519PrivateKey.generate()
    (tmp_path / "key").write_bytes(pem(key))
    (tmp_path / "public").write_bytes(pem(key, private=False))
    return tmp_path / "key", tmp_path / "public", key


def test_report(aws, archive, tmp_path):
    d = report(archive, tmp_path / "r.json", check=0)
    assert (d["whole"], d["quick"], d["account"]) == (True, False, aws.account)
    assert [(w["state"], w["from_ms"]) for w in d["windows"]] == [("whole", D0), ("whole", D0 + DAY)]
    listed = [o for w in d["windows"] for o in w["object_list"]]
    assert [o["key"] for o in listed] == archive.objects
    for o in listed:
        body = get(aws, o["key"])
        assert o["sha256"] == hashlib.sha256(body).hexdigest() and o["size"] == len(body) and o["read"]
        assert gzip.decompress(body).count(b"\n") - o["events"] in (0, 1)     # the last may be the next day's
    assert [p.name for p in tmp_path.glob("r*")] == ["r.json"]
    # the result on standard output is as without
    assert "all whole" in archive("--report", tmp_path / "r.json", check=0).stdout


def test_report_of_damage_and_without_reading(aws, archive, tmp_path):
    replace(aws, archive.objects[0], b"x")
    aws.client("s3").delete_object(Bucket=BUCKET, Key=archive.objects[1])
    d = report(archive, tmp_path / "r.json", "--quick", "--output", "ndjson", check=1)
    assert [(p["problem"], p["key"]) for p in d["problems"]] == [
        ("changed", archive.objects[0]), ("missing", archive.objects[1])]
    first = {o["key"]: o for o in d["windows"][0]["object_list"]}
    assert archive.objects[1] not in first and first[archive.objects[0]]["size"] == 1
    assert d["quick"] is True and not any(o["read"] for o in first.values())


@pytest.mark.parametrize("kind", ["ed25519", "p256", "p384"])
def test_signature(archive, tmp_path, kind):
    """What any tool can check: the file FILE.sig is over the bytes of FILE."""
    key = (ed25519.Ed25519PrivateKey.generate() if kind == "ed25519" else
           ec.generate_private_key(ec.SECP256R1() if kind == "p256" else ec.SECP384R1()))
    (tmp_path / "key").write_bytes(pem(key))
    (tmp_path / "public").write_bytes(pem(key, private=False))
    report(archive, tmp_path / "r.json", "--sign", tmp_path / "key", check=0)
    signature, text = (tmp_path / "r.json.sig").read_bytes(), (tmp_path / "r.json").read_bytes()
    more = () if kind == "ed25519" else (ec.ECDSA(hashes.SHA256()),)
    key.public_key().verify(signature, text, *more)
    with pytest.raises(InvalidSignature):
        key.public_key().verify(signature, text + b" ", *more)
    against = ("--against", tmp_path / "r.json", "--public-key")
    archive(*against, tmp_path / "public", check=0)
    archive(*against, tmp_path / "key", check=0)


def test_signature_by_kms(aws, archive, tmp_path):
    kms = aws.client("kms")
    arn = kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")["KeyMetadata"]["Arn"]
    report(archive, tmp_path / "r.json", "--sign", arn, check=0)
    public = serialization.load_der_public_key(kms.get_public_key(KeyId=arn)["PublicKey"])
    public.verify((tmp_path / "r.json.sig").read_bytes(), (tmp_path / "r.json").read_bytes(), ec.ECDSA(hashes.SHA256()))
    (tmp_path / "public").write_bytes(public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
    archive("--against", tmp_path / "r.json", "--public-key", tmp_path / "public", check=0)

    other = kms.create_key()["KeyMetadata"]["Arn"]
    archive("--report", tmp_path / "o.json", "--sign", other).refused(3, "not signed", "key usage")
    assert (tmp_path / "o.json").exists() and not (tmp_path / "o.json.sig").exists()


def test_signature_that_does_not_match(archive, keys, tmp_path):
    key, public, _ = keys
    r = tmp_path / "r.json"
    report(archive, r, "--sign", key, check=0)
    against = ("--against", r, "--public-key", public)
    good = r.read_bytes()
    r.write_bytes(good.replace(b'"events": 32', b'"events": 33'))
    assert r.read_bytes() != good
    archive(*against).refused(1, "signature does not match")
    r.write_bytes(good)
    archive(*against, check=0)
    assert "--public-key" in archive("--against", r, check=0).stderr
    other = tmp_path / "other"
    other.write_bytes(pem(ed25519.Ed25519PrivateKey.generate(), private=False))
    archive("--against", r, "--public-key", other).refused(1, "another key")
    (tmp_path / "r.json.sig").write_bytes(b"")
    archive(*against).refused(1, "does not match")
    (tmp_path / "r.json.sig").unlink()
    archive(*against).refused(1, "not signed")


def test_both_rewritten(aws, archive, tmp_path):
    """Object and entry agree with each other, so nothing in the bucket tells."""
    r = tmp_path / "r.json"
    report(archive, r, check=0)
    archive("--against", r, check=0)
    key = archive.objects[0]
    lines = gzip.decompress(archive.exported[key]).splitlines(True)
    body = gzip.compress(b"".join(lines[1:]))
    forge(aws, archive, key, body, events=len(lines) - 1, bytes=len(b"".join(lines[1:])))
    archive(check=0)
    for how in (), ("--quick",):
        d = archive("--against", r, "--output", "json", *how)
        assert problems(d) == [("report_differs", key)]
        told = d.json["problems"][0]["message"]
        assert hashlib.sha256(body).hexdigest() in told and "since the report of" in told
        assert [w["state"] for w in d.json["windows"]] == ["wrong", "whole"]
        assert "hint" not in d.error        # exporting again would not tell what was there


def test_removed_and_added(aws, archive, run, tmp_path):
    r = tmp_path / "r.json"
    report(archive, r, check=0)
    first, last = json.loads(archive.exported[archive.entries[0]]), archive.objects[3]
    gone = [o for o in first["objects"] if o["key"] == last]

    def change(e):
        e["objects"] = [o for o in e["objects"] if o["key"] != last]
        for n in ("events", "size", "bytes"):
            e[n] = sum(o[n] for o in e["objects"])
    assert gone
    aws.client("s3").delete_object(Bucket=BUCKET, Key=last)
    rewrite(aws, archive.entries[0], change)
    assert problems(archive("--against", r, "--output", "json")) == [("report_differs", last)]
    report(archive, tmp_path / "fewer.json", check=0)
    replace(aws, last, archive.exported[last])
    replace(aws, archive.entries[0], archive.exported[archive.entries[0]])
    d = archive("--against", tmp_path / "fewer.json", "--output", "json")
    assert problems(d) == [("report_differs", last)] and "added" in d.json["problems"][0]["message"]

    # a whole window, with --all, so that it is no gap
    for k in (archive.entries[1], *[k for k in archive.objects if k not in [o["key"] for o in first["objects"]]]):
        aws.client("s3").delete_object(Bucket=BUCKET, Key=k)
    archive("--all", span=(), check=0)
    d = archive("--all", "--against", r, "--output", "json", span=())
    assert problems(d) == [("report_differs", None)] and d.json["problems"][0]["from_ms"] == D0 + DAY
    archive("--against", r, span=RANGE[:2] + ("--to", RANGE[1] + "T23:00"), check=0)

    # and one that came since is told, and is no problem
    report(archive, tmp_path / "one.json", "--all", span=(), check=0)
    for k in archive.exported:
        replace(aws, k, archive.exported[k])
    d = archive("--against", tmp_path / "one.json", "--output", "json", check=0)
    assert d.json["windows_added"] == 1


def test_what_cannot_be_looked_at_is_not_gone(aws, archive, tmp_path):
    r = tmp_path / "r.json"
    report(archive, r, check=0)
    aws.faults({"action": "s3:GetObject", "kind": "error", "code": "AccessDenied", "status": 403,
                "message": "Access Denied", "count": 99, "key": archive.entries[1][-30:]})
    d = archive("--against", r, "--output", "json")
    assert d.status == 3 and d.json["problems"] == []


@pytest.mark.parametrize("args,words", [
    (("--sign", "key"), "--report"), (("--public-key", "key"), "--against"),
    (("--report", "r", "--sign", "absent"), "absent"), (("--report", "r", "--sign", "public"), "private key"),
    (("--report", "r", "--sign", "text"), "PEM"), (("--against", "absent"), "absent"),
    (("--against", "text"), "text"), (("--against", "good", "--public-key", "text"), "public key")])
def test_files_that_are_wrong(archive, keys, run, args, words):
    """Before anything is asked of AWS."""
    (run.home / "text").write_text("{}")
    (run.home / "good").write_text("{}")
    for name, source in zip(("key", "public"), keys):
        (run.home / name).write_bytes(source.read_bytes())
    archive(*args).refused(2, words)


@pytest.mark.parametrize("change", [
    lambda d: d.pop("windows"), lambda d: d.pop("report"), lambda d: d.update(command="export"),
    lambda d: d.update(schema_version=2), lambda d: d["windows"][0].update(from_ms=-1),
    lambda d: d["windows"].append(d["windows"][0]), lambda d: d["windows"][0]["object_list"][0].pop("key"), lambda d: d.update(bucket="another")])
def test_reports_that_are_wrong(archive, tmp_path, change):
    d = report(archive, tmp_path / "r.json", check=0)
    change(d)
    (tmp_path / "r.json").write_text(json.dumps(d))
    archive("--against", tmp_path / "r.json").refused(2, "report")


def test_report_cannot_be_written(archive, tmp_path):
    r = archive("--report", tmp_path / "no" / "r.json")
    assert r.status not in (0, 1) and "cannot write" in r.stderr
    (tmp_path / "r.json").mkdir()
    assert archive("--report", tmp_path / "r.json").status not in (0, 1)
    assert [p.name for p in tmp_path.glob("r*")] == ["r.json"]


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def test_html(aws, archive, tmp_path):
    """Self-contained, escaped, and about the report beside it."""
    odd = archive.objects[0].rsplit("/", 1)[0] + "/<b>&\"x\033[1m"
    replace(aws, odd, b"x")
    replace(aws, archive.objects[0], b"x")
    archive("--report", tmp_path / "r.json", "--report-html", tmp_path / "r.html", check=1)
    page = Page((tmp_path / "r.html").read_text())
    assert hashlib.sha256((tmp_path / "r.json").read_bytes()).hexdigest() in page.text
    for words in ("2 problems found", archive.objects[0], aws.account, "<b>&\"x\\x1B[1m", "unrecorded", G):
        assert words in page.text, words
    assert {t for t, _ in page.tags}.isdisjoint({"script", "link", "img", "iframe", "b"})
    assert not [a for _, a in page.tags if {"src", "href", "onload"} & a.keys()]
    archive("--report-html", tmp_path / "only.html", check=1)
    assert not (tmp_path / "only.html.sig").exists()
