"""A raw socket that answers, for replies that the local AWS cannot give."""

import re
import socket
import threading

IDENTITY = (b"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/x"
            b"</Arn><UserId>x</UserId><Account>123456789012</Account></GetCallerIdentityResult>"
            b"</GetCallerIdentityResponse>")


class Raw:
    """A server on 127.0.0.1 that reads a request and lets answer(socket) write anything."""

    def __init__(self, answer):
        self.answer, self.heads = answer, []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=16)
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                s, _ = self.listener.accept()
            except OSError:
                return
            with s:
                s.settimeout(20)
                try:
                    head = b""
                    while b"\r\n\r\n" not in head and (more := s.recv(65536)):
                        head += more
                    self.heads.append(head.decode())
                    length = re.search(r"(?i)\r\ncontent-length: (\d+)", self.heads[-1])
                    body = head.partition(b"\r\n\r\n")[2]
                    while length and len(body) < int(length[1]):
                        body += s.recv(65536)
                    self.answer(s)
                except OSError:
                    pass

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(25)


def reply(body, status="200 OK", *headers):
    head = "".join(f"{h}\r\n" for h in (f"Content-Length: {len(body)}", "Connection: close", *headers))
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


def says(*args, **more):
    return lambda s: s.sendall(reply(*args, **more))
