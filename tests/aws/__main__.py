"""The launcher: see README, or `tests/aws/run --help`."""

import argparse
import json
import os
import signal
import sys
import threading


def arguments():
    p = argparse.ArgumentParser(prog="tests/aws/run", description="A local AWS for the tests.")
    p.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (a free one)")
    p.add_argument("--port-file", metavar="FILE", help="write the port there when ready")
    p.add_argument("--state", metavar="JSON", action="append", default=[],
                   help="settings to start with, a JSON object or @FILE")
    p.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"), help="serve https")
    p.add_argument("--die-with-stdin", action="store_true",
                   help="stop when standard input ends: no left-over when the parent is killed")
    p.add_argument("--verbose", action="store_true", help="log each request to standard error")
    return p.parse_args()


def write_port(path, port):
    tmp = f"{path}.{os.getpid()}"
    with open(tmp, "w") as f:
        f.write(f"{port}\n")
    os.rename(tmp, path)


def watch_stdin():
    while os.read(0, 4096):
        pass
    os._exit(0)


def warm_up():
    """moto is imported in the background; the first request waits for the same locks."""
    import logging
    import warnings
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    from . import app
    app.load()


def main():
    args = arguments()
    os.environ["TZ"] = "UTC"
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        os.environ.pop(name, None)
    for sig in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sig, lambda *_: os._exit(0))
    from . import server, state
    state.verbose = args.verbose
    listener = server.listen(args.port)
    port = listener.getsockname()[1]
    warm_up()
    from . import front
    state.reset()
    for text in args.state:
        state.update(json.load(open(text[1:])) if text.startswith("@") else json.loads(text))
    scheme = "https" if args.tls else "http"
    print(f"export AWS_ENDPOINT_URL={scheme}://127.0.0.1:{port}")
    print(f"export AWS_ACCESS_KEY_ID={state.ADMIN_KEY} AWS_SECRET_ACCESS_KEY={state.ADMIN_SECRET} "
          "AWS_REGION=us-east-1", flush=True)
    if args.die_with_stdin:
        threading.Thread(target=watch_stdin, daemon=True).start()
    if args.port_file:
        write_port(args.port_file, port)
    server.serve(listener, front.handle, args.tls)


if __name__ == "__main__":
    sys.exit(main())
