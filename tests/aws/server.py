"""HTTP/1.1 over sockets: one thread a connection, keep-alive, TCP_NODELAY, optional TLS.

The standard library's server decodes and rewrites too much: the verifier must see the request line
and the headers as they were sent, and the faults need the socket.
"""

import os
import socket
import ssl
import struct
import sys
import threading
import time
import traceback
from http.client import responses as REASONS

from . import state
from .wire import Request

MAX_HEADER = 1 << 16


class BadRequest(Exception):
    pass


def read_line(f):
    line = f.readline(MAX_HEADER + 1)
    if len(line) > MAX_HEADER:
        raise BadRequest("line too long")
    return line


def read_chunked(f):
    out = []
    while True:
        size = int(read_line(f).split(b";")[0].strip(), 16)
        if size == 0:
            while read_line(f).strip():
                pass
            return b"".join(out)
        out.append(f.read(size))
        read_line(f)


def read_request(f, sock, tls):
    line = read_line(f)
    while line in (b"\r\n", b"\n"):
        line = read_line(f)
    if not line:
        return None
    parts = line.decode("latin-1").rstrip("\r\n").split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise BadRequest("request line")
    headers = []
    while True:
        raw = read_line(f)
        if raw in (b"\r\n", b"\n", b""):
            break
        name, sep, value = raw.decode("latin-1").rstrip("\r\n").partition(":")
        if not sep or not name or name != name.strip():
            raise BadRequest("header line")
        headers.append((name, value.strip(" \t")))
    target = parts[1]
    if target.startswith(("http://", "https://")):
        target = "/" + target.split("/", 3)[3] if target.count("/") > 2 else "/"
    req = Request(parts[0], target, headers, b"", tls)
    req.http10 = parts[2] == "HTTP/1.0"
    if (req.get("Expect") or "").lower() == "100-continue":
        sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    if "chunked" in (req.get("Transfer-Encoding") or "").lower():
        req.body = read_chunked(f)
    else:
        length = int(req.get("Content-Length") or 0)
        req.body = f.read(length) if length else b""
        if len(req.body) != length:
            return None
    req.wire_body = req.body
    return req


def reset_connection(sock):
    """RST, not FIN: what a client sees if a load balancer drops the connection."""
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        pass
    # close() would wait for the buffered reader that shares the descriptor
    os.close(sock.detach())


def head_bytes(req, resp, length):
    reason = REASONS.get(resp.status, "Unknown")
    lines = [f"HTTP/1.1 {resp.status} {reason}"]
    for name, value in resp.headers:
        if name.lower() not in ("content-length", "connection", "transfer-encoding"):
            lines.append(f"{name}: {value}")
    if resp.status not in (204, 304) and resp.status >= 200:
        lines.append(f"Content-Length: {length}")
    if req.close:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def send(sock, req, resp):
    """Sends the reply; returns True if the connection can be used again."""
    body = resp.body
    length = len(body)
    if req.method == "HEAD":
        declared = resp.get("Content-Length")
        length = int(declared) if declared is not None else length
        body = b""
    elif resp.status in (204, 304):
        body = b""
    damage = resp.damage
    if damage is None:
        sock.sendall(head_bytes(req, resp, length) + body)
        return not req.close
    return damage.send(sock, head_bytes(req, resp, length), body)


def serve_connection(sock, handler, tls_context):
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls_context:
            sock = tls_context.wrap_socket(sock, server_side=True)
        f = sock.makefile("rb", 1 << 16)
        while True:
            req = read_request(f, sock, bool(tls_context))
            if req is None:
                return
            req.close = req.http10 or (req.get("Connection") or "").lower() == "close"
            if not send(sock, req, handler(req)):
                return
    except BadRequest:
        try:
            sock.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        except OSError:
            pass
    except (OSError, ValueError):
        pass
    except Exception:
        if state.verbose:
            traceback.print_exc(file=sys.stderr)
    finally:
        try:
            sock.close()
        except OSError:
            pass


def listen(port):
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", port))
    sock.listen(256)
    return sock


def serve(listener, handler, tls=None):
    context = None
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
    while True:
        try:
            sock, _ = listener.accept()
        except OSError:
            time.sleep(0.01)
            continue
        threading.Thread(target=serve_connection, args=(sock, handler, context),
                         daemon=True).start()
