"""Between the program and an S3: every request goes on as it was signed, and a test may meddle."""

import http.client
import http.server
import threading
import typing
import urllib.parse


class Request(typing.NamedTuple):
    method: str
    path: str       # decoded
    query: str
    headers: typing.Mapping
    status: int | None = None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args):
        pass

    def forward(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path, _, query = self.path.partition("?")
        request = Request(self.command, urllib.parse.unquote(path), query, self.headers)
        cut = self.server.before(request)
        upstream = http.client.HTTPConnection(self.server.upstream, timeout=60)
        upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() != "connection":
                upstream.putheader(name, value)
        upstream.endheaders(body)
        reply = upstream.getresponse()
        data = reply.read()
        self.server.seen.append(request._replace(status=reply.status))
        self.send_response_only(reply.status, reply.reason)
        for name, value in reply.getheaders():
            if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", reply.headers.get("Content-Length") or str(len(data)))
        self.end_headers()
        self.wfile.write(data if cut is None else data[:cut])
        upstream.close()
        if cut is not None:
            self.close_connection = True

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = forward


class Proxy(http.server.ThreadingHTTPServer):
    """seen: each Request with the status of its reply. before(request) is called ahead of each, and may
    return after how many bytes of the reply's body to hang up."""

    def __init__(self, url):
        super().__init__(("127.0.0.1", 0), Handler)
        self.upstream = urllib.parse.urlsplit(url).netloc
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.seen, self.before = [], lambda _request: None
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self):
        self.shutdown()
        self.socket.close()
