"""Look whether the system can serve where it is asked to: exit 0 yes, 1 it already runs there, 2 the port is taken.

Takes the arguments of `hwrisk up`, so that a port given there is the one looked at. Asked before the demo is loaded,
because a second start must not work on the database of the first.
"""

import argparse
import socket
import sys
import urllib.error
import urllib.request

NAME = "危险废物"
READ_AT_MOST = 100_000


def is_free(host: str, port: int) -> bool:
    """Tell whether a server could listen on `host` and `port`."""
    with socket.socket() as server:
        # As web servers do it: a connection of the last run that is still closing does not count.
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind((host, port))
            server.listen()
        except OSError:
            return False
    return True


def is_ours(address: str) -> bool:
    """Tell whether the first page at `address`, mostly the sign-in, is that of this system."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(address, timeout=5) as page:
            return NAME in page.read(READ_AT_MOST).decode("utf-8", "replace")
    except urllib.error.HTTPError as refused:
        return NAME in refused.read(READ_AT_MOST).decode("utf-8", "replace")
    except (OSError, ValueError):
        return False


def main() -> int:
    """Say in one sentence why nothing is started, if so, and return the exit code."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--no-serve", action="store_true")
    asked, _ = parser.parse_known_args()
    if asked.no_serve or is_free(asked.host, asked.port):
        return 0
    address = f"http://{asked.host}:{asked.port}"
    if is_ours(address):
        print(f"系统已在运行：{address} ，无需再次启动。")
        return 1
    print(f"端口 {asked.port} 已被其他程序占用，请停止该程序，或改用其他端口：sh tools/run --port {asked.port + 1}")
    return 2


if __name__ == "__main__":
    sys.exit(main())
