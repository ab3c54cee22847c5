"""Loopback stand-ins of what alerts are sent to: one HTTP server for Slack, PagerDuty, Teams and webhooks, one mail server."""

from __future__ import annotations

import json
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class HttpDouble:
    """Takes every POST; `status` is what it answers until it is changed (0: nothing, ever), `says` more headers of that. `got`: (path,
    headers, body) of what it took, in order; `refused` the paths of the others. `port`: that of one that was closed."""

    def __init__(self, port: int = 0) -> None:
        self.got: list[tuple[str, dict[str, str], Any]] = []
        self.raw: list[bytes] = []
        self.refused: list[str] = []
        self.status = 200
        self.says: dict[str, str] = {}
        self.silent = False  # takes what comes, and never says so
        self._closed = threading.Event()
        double = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                if double.status != 200:
                    double.refused.append(self.path)
                else:
                    headers = {name.lower(): value for name, value in self.headers.items()}
                    double.raw.append(raw)
                    double.got.append((self.path, headers, json.loads(raw)))
                if double.silent or not double.status:
                    double._closed.wait(60.0)
                    return
                answer = json.dumps({"ok": True, "ts": f"{len(double.got)}.0001"}).encode()
                self.send_response(double.status)
                if 300 <= double.status < 400:
                    self.send_header("Location", "/elsewhere")
                for name, value in double.says.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = int(self._server.server_port)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def to(self, path: str) -> list[Any]:
        return [body for at, _, body in self.got if at == path]

    def close(self) -> None:
        self._closed.set()
        self._server.shutdown()
        self._server.server_close()


class MailDouble:
    """The smallest SMTP server that takes a message. `got`: the messages as they came. `busy`: it says so, and takes none."""

    busy = False

    def __init__(self, port: int = 0) -> None:
        self.got: list[str] = []
        double = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                if double.busy:
                    self.wfile.write(b"421 try again later\r\n")
                    return
                self.wfile.write(b"220 double\r\n")
                while line := self.rfile.readline():
                    word = line.split()[0].upper() if line.split() else b""
                    if word == b"DATA":
                        self.wfile.write(b"354 go on\r\n")
                        message = b""
                        while (part := self.rfile.readline()) not in (b".\r\n", b""):
                            message += part
                        double.got.append(message.decode())
                    elif word == b"QUIT":
                        self.wfile.write(b"221 bye\r\n")
                        return
                    self.wfile.write(b"250 ok\r\n")

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self._server = Server(("127.0.0.1", port), Handler)
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
