"""The HTTP side of the stand-in: one threading server on loopback. Which answers it gives is in `routes`."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.doubles.airbyte.faults import Fault, Faults
from tests.doubles.databricks.estate import Estate
from tests.doubles.databricks.routes import Answer, Request, refused, respond, sql
from tests.doubles.databricks.statements import SqlWarehouse


class DatabricksDouble:
    """`with DatabricksDouble(estate) as double:` serves until the block ends.

    `triggers` counts runs that run-now made, `posts` all that it accepted, `cancels` the cancels, per job's name.
    """

    def __init__(
        self,
        estate: Estate,
        *,
        port: int = 0,
        token: str = "dapi-hidden-token",
        credentials: tuple[str, str] = ("id", "hidden-secret"),
        token_seconds: float = 3600.0,
    ) -> None:
        self.estate = estate
        self.token = token
        self.credentials = credentials
        self.token_seconds = token_seconds
        self.issued: dict[str, float] = {}
        self.faults = Faults()
        self.triggers: Counter[str] = Counter()
        self.posts: Counter[str] = Counter()
        self.cancels: Counter[str] = Counter()
        self.seen: list[tuple[str, str, int]] = []
        self.lock = threading.RLock()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @cached_property
    def sql(self) -> SqlWarehouse:
        return SqlWarehouse(self.estate)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def namespace(self) -> str:
        return self.url.replace("http://", "databricks://")

    def fault(self, **words: Any) -> None:
        """Add a fault, by the fields of `Fault`."""
        self.faults.add(Fault(**words))

    def __enter__(self) -> DatabricksDouble:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(double: DatabricksDouble) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65536  # one packet per answer: unbuffered, each request waits for a delayed ACK

        def do_GET(self) -> None:
            self._serve("GET")

        def do_POST(self) -> None:
            self._serve("POST")

        def _serve(self, method: str) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            request = Request(
                method=method,
                path=parts.path,
                query={name: values[-1] for name, values in parse_qs(parts.query).items()},
                body=self.rfile.read(length) if length else b"",
                authorization=self.headers.get("Authorization"),
            )
            fault = double.faults.take(method, request.path, time.time())
            answer = _answer(double, request, fault)
            with double.lock:
                double.seen.append((method, self.path, answer.status))
            if fault is not None and fault.delay:
                time.sleep(fault.delay)
            if fault is not None and fault.drop:
                self.close_connection = True
                return
            self._send(answer)

        def _send(self, answer: Answer) -> None:
            try:
                self.send_response_only(answer.status)
                self.send_header("Content-Type", answer.content_type)
                for key, value in answer.headers.items():
                    self.send_header(key, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)
                self.wfile.flush()
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the client did not wait

        def log_message(self, format: str, *arguments: Any) -> None:
            """Requests are kept in `seen`, not printed."""

    return Handler


def _answer(double: DatabricksDouble, request: Request, fault: Fault | None) -> Answer:
    if fault is None or fault.only_delay or fault.after:
        if request.path.startswith("/api/2.0/sql/statements"):
            answer = refused(double, request.authorization) or sql(double, request)
        else:
            with double.lock:
                answer = respond(double, request)
        if fault is None or fault.only_delay:
            return answer
    if isinstance(fault.body, dict | list):
        return Answer(fault.status, json.dumps(fault.body).encode(), headers=fault.headers)
    body = "" if fault.body is None else str(fault.body)
    return Answer(fault.status, body.encode(), fault.content_type or "text/html", fault.headers)
