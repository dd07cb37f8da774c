"""Runs the program on a pseudo-terminal, and with unusual standard streams."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

from conftest import program

SECONDS = 30


class Terminal:
    """The program with a new controlling terminal. stdout may be another file.

        with Terminal(run, "doctor") as t:
            t.expect("MFA code"); t.type("123456\\n")
        t.status, t.text
    """

    def __init__(self, run, *args, env=None, stdout=None, columns=80):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.text, self.status = "", None

        def own():
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        self.process = subprocess.Popen(
            [program(), *map(str, args)], env=run.env(**{"TERM": "xterm", **(env or {})}),
            cwd=run.home, stdin=slave, stdout=slave if stdout is None else stdout, stderr=slave,
            preexec_fn=own)
        self.slave = slave

    def read(self):
        """Reads what is available now or within a tenth of a second; false if there is nothing."""
        if select.select([self.master], [], [], 0.1)[0]:
            self.text += os.read(self.master, 65536).decode(errors="surrogateescape")
            return True
        return False

    def expect(self, words):
        end = time.monotonic() + SECONDS
        while words not in self.text:
            assert time.monotonic() < end, self.text
            self.read()

    def type(self, text):
        os.write(self.master, text.encode())

    def __enter__(self):
        return self

    def __exit__(self, kind, *_rest):
        end = time.monotonic() + SECONDS
        if kind:
            self.process.kill()
        while self.process.poll() is None and time.monotonic() < end:
            self.read()
        if self.process.poll() is None:
            self.process.kill()
        self.status = self.process.wait()
        while self.read():
            pass
        os.close(self.master)
        os.close(self.slave)


def on_terminal(run, *args, **more):
    with Terminal(run, *args, **more) as t:
        pass
    return t


def plain(text):
    """Without colours and cursor movements."""
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text).replace("\r", "")


def until(what, seconds=SECONDS):
    """Waits until what() is true; returns its value."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.01)
    return found
