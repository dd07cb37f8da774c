# SPDX-License-Identifier: MIT
"""The archives that tests/bench/verify measures with, as a folder that nginx serves as S3.

An archive is what `export --log-group` leaves: objects of gzipped lines, and a ledger entry for each
window, by the published schema. Texts are seeded. Objects are hard links to a few different ones, since
a gigabyte of them would take longer to make than to verify.

nginx lists no buckets: each page of ListObjectsV2 that somebody will ask for is a file, named for the
query. Its ETags are its own, made of a file's time and size, so those go into the ledger too.
"""

import collections
import datetime
import gzip
import hashlib
import json
import os
import pathlib
import random
import urllib.parse
import uuid

BUCKET, PREFIX, REGION = "bench", "apigw-logs", "us-east-1"
MTIME = 1_700_000_000
DAY_MS = 86_400_000
FIRST_MS = 19_500 * DAY_MS
PAGE = 1000
# A link count has its limits: ext4 takes 65,000.
DIFFERENT = 16


def iso(ms):
    t = datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone.utc)
    return t.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def text(rng, size, from_ms):
    """Access logs of so many bytes or a little more: (text, lines, first ms, last ms)."""
    lines, have, first = [], 0, from_ms + rng.randrange(1000)
    at = first
    while have < size:
        lines.append(
            f'{iso(at)} {{"requestId":"{uuid.UUID(int=rng.getrandbits(128))}",'
            f'"ip":"203.0.{rng.randrange(256)}.{rng.randrange(256)}","requestTime":"{iso(at)}","httpMethod":"GET",'
            f'"routeKey":"GET /pets/{{petId}}","resourcePath":"/pets/{{petId}}","status":"200",'
            f'"protocol":"HTTP/1.1","responseLength":"{rng.randrange(100, 9999)}",'
            f'"responseLatency":"{rng.randrange(2, 900)}"}}\n')
        have += len(lines[-1])
        last, at = at, at + rng.randrange(3)
    return "".join(lines).encode(), len(lines), first, last


def etag(path):
    return f"{MTIME:x}-{path.stat().st_size:x}"


class Corpus:
    def __init__(self, root):
        self.root, self.bucket, self.pages = root, root / "files" / BUCKET, root / "pages"
        self.listed, self.made = {}, {}
        self.pages.mkdir(parents=True)

    def put(self, key, data):
        path = self.bucket / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (MTIME, MTIME))
        return path

    def texts(self, n, size, from_ms):
        """Objects of a day: (path, what its ledger entry says of them)."""
        if (n, size, from_ms) not in self.made:
            rng, out = random.Random(f"{size} {from_ms}"), []
            for i in range(n):
                plain, events, first, last = text(rng, size, from_ms)
                path = self.put(f"../{size}-{from_ms}-{i}.gz", gzip.compress(plain, 6, mtime=0))
                out.append((path, {
                    "size": path.stat().st_size, "etag": etag(path), "bytes": len(plain),
                    "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
                    "events": events, "first_event": iso(first), "first_event_ms": first,
                    "last_event": iso(last), "last_event_ms": last}))
            self.made[n, size, from_ms] = out
        return self.made[n, size, from_ms]

    def window(self, group, from_ms, objects, texts):
        """A day of a log group with so many objects, all of its one export task."""
        place = f"{PREFIX}/region={REGION}/group={group}/dt={iso(from_ms)[:10]}"
        task = str(uuid.UUID(int=random.Random(f"{group} {from_ms}").getrandbits(128)))
        rows = []
        for i in range(objects):
            path, facts = texts[i % len(texts)]
            stream = f"stream-{i:05d}"
            key = f"{place}/{task}/{stream}/000000.gz"
            (self.bucket / key).parent.mkdir(parents=True)
            os.link(path, self.bucket / key)
            rows.append({"key": key, "stream": stream, **facts})
        self.list(f"{place}/", [(r["key"], r["size"], r["etag"]) for r in rows])
        entry = {"schema_version": 1, "account": "123456789012", "region": REGION,
                 "log_group": group, "api_id": None, "stage": None, "kind": None,
                 "from": iso(from_ms), "from_ms": from_ms, "to": iso(from_ms + DAY_MS),
                 "to_ms": from_ms + DAY_MS, "state": "exported", "task_id": task,
                 "task_name": f"apigw-logs-{task[:8]}", "destination_prefix": place,
                 **{n: sum(r[n] for r in rows) for n in ("events", "bytes", "size")},
                 "exported_at": iso(from_ms + 2 * DAY_MS), "exported_at_ms": from_ms + 2 * DAY_MS,
                 "verified_at": iso(from_ms + 2 * DAY_MS), "verified_at_ms": from_ms + 2 * DAY_MS,
                 "version": "bench", "objects": rows}
        key = f"{PREFIX}/_ledger/{REGION}/{group}/{from_ms}-{from_ms + DAY_MS}.json"
        path = self.put(key, json.dumps(entry, indent=1).encode())
        self.listed.setdefault(group, []).append((key, path.stat().st_size, etag(path)))

    def group(self, group, days, objects, size):
        """An archive of its own; size is that of an object's text."""
        for day in range(days):
            from_ms = FIRST_MS + day * DAY_MS
            texts = self.texts(min(objects, DIFFERENT), size, from_ms)
            self.window(group, from_ms, objects, texts)
        self.list(f"{PREFIX}/_ledger/{REGION}/{group}/", self.listed[group])
        place = f"{PREFIX}/region={REGION}/group={group}/"
        self.list(place, [], [f"{place}dt={iso(FIRST_MS + day * DAY_MS)[:10]}/" for day in range(days)])

    def list(self, prefix, rows, folders=()):
        """Pages of a listing, under the name that nginx.conf makes of the query. Which delimiter was
        asked for is not in it; folders are those below the prefix, where one was."""
        pages = [rows[i:i + PAGE] for i in range(0, len(rows), PAGE)] or [[]]
        for i, page in enumerate(pages):
            more = i + 1 < len(pages)
            head = [f"<Name>{BUCKET}</Name><Prefix>{prefix}</Prefix><MaxKeys>{PAGE}</MaxKeys>"
                    f"<KeyCount>{len(page)}</KeyCount><IsTruncated>{str(more).lower()}</IsTruncated>"]
            if more:
                head.append(f"<NextContinuationToken>{i + 1}</NextContinuationToken>")
            body = [f"<Contents><Key>{k}</Key><LastModified>{iso(MTIME * 1000)}</LastModified>"
                    f"<ETag>&quot;{tag}&quot;</ETag><Size>{size}</Size>"
                    "<StorageClass>STANDARD</StorageClass></Contents>" for k, size, tag in page]
            body += [f"<CommonPrefixes><Prefix>{f}</Prefix></CommonPrefixes>" for f in folders]
            name = f"{urllib.parse.quote(prefix, safe='')}.{i or ''}.xml"
            (self.pages / name).write_text(
                '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult '
                'xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' + "".join(head + body) +
                "</ListBucketResult>")

    def nginx(self, port):
        """Writes its configuration; the path of it."""
        conf = self.root / "nginx.conf"
        conf.write_text(NGINX.replace("ROOT", str(self.root)).replace("PORT", str(port))
                        .replace("BUCKET", BUCKET).replace("REGION", REGION)
                        .replace("CALLER", CALLER))
        return conf


# STS says who calls.
CALLER = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    "<Arn>arn:aws:iam::123456789012:user/bench</Arn><UserId>AIDA</UserId><Account>123456789012</Account>"
    "</GetCallerIdentityResult><ResponseMetadata><RequestId>0</RequestId></ResponseMetadata>"
    "</GetCallerIdentityResponse>")

# A variable cannot be named $arg_continuation-token, hence the map. Files that are kept open count for
# the limit of 1,024.
NGINX = """
daemon off;
worker_processes 2;
pid ROOT/nginx.pid;
error_log ROOT/nginx.log error;
events { worker_connections 4096; }
http {
	access_log off;
	sendfile on;
	tcp_nodelay on;
	keepalive_requests 1000000;
	default_type application/octet-stream;
	client_body_temp_path ROOT/tmp; proxy_temp_path ROOT/tmp; fastcgi_temp_path ROOT/tmp;
	uwsgi_temp_path ROOT/tmp; scgi_temp_path ROOT/tmp;
	open_file_cache max=400 inactive=600s;
	open_file_cache_valid 600s;
	map $args $token { default ""; ~(?:^|&)continuation-token=(?<t>[^&]*) $t; }
	server {
		listen 127.0.0.1:PORT backlog=4096;
		root ROOT/files;
		location = / {
			default_type text/xml;
			return 200 'CALLER';
		}
		location ~ ^/BUCKET/?$ {
			add_header x-amz-bucket-region REGION;
			default_type application/xml;
			if ($request_method = HEAD) { return 200; }
			root ROOT/pages;
			try_files /$arg_prefix.$token.xml =404;
		}
		location / { }
	}
}
"""


# How much is in the archives: objects of "big" and "small", days of each of GROUPS groups.
GROUPS = 25
Size = collections.namedtuple("Size", "big small days")
SOME, FULL = Size(32, 2000, 8), Size(64, 5000, 400)


def make(root, size):
    """The archives, each a log group, or GROUPS of them."""
    c = Corpus(pathlib.Path(root))
    c.group("big", 1, size.big, 16 << 20)
    c.group("small", 1, size.small, 205_000)
    for i in range(GROUPS):
        c.group(f"days-{i:02d}", size.days, 2, 2000)
    if size == FULL:
        for i in range(GROUPS):
            c.group(f"long-{i:02d}", size.days, 10, 2000)
    return c
