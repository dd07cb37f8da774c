"""Ceph's RGW, an S3 that none of us wrote: a monitor, an OSD that keeps everything in memory, and the
gateway, on 127.0.0.1 and in a folder of their own. Debian: radosgw, ceph-mon, ceph-osd.

Seen: without `tcp_nodelay=1` a GET stalls for 40 ms; with `auth ... = none` the gateway of 16.2 retries
for 45 s; without the short intervals of paxos each pool takes a second. The OSD has to be made with the
uuid that it was registered with, or it stays "booting".
"""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid

CONF = """
[global]
fsid = FSID
mon host = [v2:127.0.0.1:MON/0]
mon initial members = a
public addr = 127.0.0.1
cluster addr = 127.0.0.1
keyring = DIR/keyring
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd objectstore = memstore
memstore device bytes = 1073741824
osd max object name len = 256
osd max object namespace len = 64
mon max pg per osd = 1000
paxos propose interval = 0.02
paxos min wait = 0.01
osd data = DIR/osd
mon data = DIR/mon
run dir = DIR/run
log file = DIR/$name.log
admin socket = DIR/run/$name.$pid.asok
pid file = DIR/run/$name.$pid
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:PORT tcp_nodelay=1
rgw thread pool size = 16
rgw relaxed s3 bucket names = false
"""


def ports(n):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    found = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return found


class Cluster:
    """with Cluster(uid, access_key, secret_key) as rgw: rgw.url"""

    def __init__(self, uid, access_key, secret_key):
        self.user, self.servers = (uid, access_key, secret_key), []

    def __enter__(self):
        self.dir = tempfile.mkdtemp(prefix="ceph-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exc):
        for server in reversed(self.servers):
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
        shutil.rmtree(self.dir)

    def tool(self, *command):
        r = subprocess.run(command, env=self.env, cwd=self.dir, capture_output=True, text=True, timeout=60)
        if r.returncode:
            raise RuntimeError(f"{' '.join(command)}\n{r.stdout}{r.stderr}")

    def serve(self, *command):
        with open(f"{self.dir}/{command[0]}.out", "w") as out:
            # Its end comes with ours, even where that is a kill.
            self.servers.append(subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", *command], env=self.env, cwd=self.dir,
                stdin=subprocess.DEVNULL, stdout=out, stderr=out))

    def start(self):
        fsid, osd, (mon, port) = str(uuid.uuid4()), str(uuid.uuid4()), ports(2)
        conf = CONF
        for word, value in (("FSID", fsid), ("MON", mon), ("DIR", self.dir), ("PORT", port)):
            conf = conf.replace(word, str(value))
        for name in ("mon", "osd", "run"):
            os.mkdir(f"{self.dir}/{name}")
        with open(f"{self.dir}/ceph.conf", "w") as f:
            f.write(conf)
        self.env = {"PATH": os.environ["PATH"], "CEPH_CONF": f"{self.dir}/ceph.conf", "LC_ALL": "C"}
        self.tool("ceph-authtool", "--create-keyring", "keyring", "--gen-key", "-n", "mon.", "--cap", "mon", "allow *")
        for who in ("client.admin", "client.rgw", "osd.0"):
            self.tool("ceph-authtool", "keyring", "--gen-key", "-n", who, "--cap", "mon", "allow *",
                      "--cap", "osd", "allow *")
        self.tool("monmaptool", "--create", "--fsid", fsid, "--addv", "a", f"[v2:127.0.0.1:{mon}/0]", "monmap")
        self.tool("ceph-mon", "--mkfs", "-i", "a", "--monmap", "monmap", "--keyring", "keyring")
        self.serve("ceph-mon", "-f", "-i", "a")
        self.tool("ceph", "osd", "new", osd, "0")
        self.tool("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd)
        self.serve("ceph-osd", "-f", "-i", "0")
        self.serve("radosgw", "-f", "-n", "client.rgw")
        self.url = f"http://127.0.0.1:{port}"
        self.wait(port)
        uid, access_key, secret_key = self.user
        self.tool("radosgw-admin", "-n", "client.rgw", "user", "create", f"--uid={uid}", "--display-name=tests",
                  f"--access-key={access_key}", f"--secret-key={secret_key}")

    def wait(self, port):
        deadline = time.monotonic() + 60
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                connection.request("GET", "/")
                connection.getresponse()
                return
            except OSError as e:
                if time.monotonic() > deadline or any(s.poll() is not None for s in self.servers):
                    raise RuntimeError(f"Ceph did not start: {e}\n{self.log()}") from e
                time.sleep(0.05)

    def log(self):
        return subprocess.run("tail -n 20 *.out *.log", shell=True, cwd=self.dir, capture_output=True,
                              text=True).stdout
