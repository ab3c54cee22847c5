"""The HTTP side of the stand-in: one threading server on loopback. Which answers it gives is in `routes`."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.doubles.airbyte.estate import Estate, JobRecord
from tests.doubles.airbyte.faults import Fault, Faults
from tests.doubles.airbyte.routes import Answer, Request, Routes


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it came."""

    at: float
    method: str
    path: str
    query: dict[str, list[str]]
    authorization: str | None
    content_type: str | None
    status: int
    sent: int  # bytes of the answer's body


class AirbyteDouble:
    """`with AirbyteDouble(estate) as double:` serves until the block ends. `url` ends with the API's base path.

    `triggers` counts accepted POSTs of jobs, `cancels` accepted DELETEs, per connection id. `skew` shifts the server's clock.
    `land` is called once when a job has succeeded, with the estate's lock held.
    """

    def __init__(
        self,
        estate: Estate,
        *,
        port: int = 0,
        base: str = "/api/public/v1",
        credentials: tuple[str, str] | None = ("id", "secret"),
        bearer: str | None = None,
        basic: tuple[str, str] | None = None,
        token_seconds: float = 900.0,
        strict_token: bool = False,
        skew: float = 0.0,
        clock: Callable[[], float] = time.time,
        land: Callable[[Estate, JobRecord], None] | None = None,
    ) -> None:
        self.estate = estate
        self.faults = Faults()
        self.seen: list[Seen] = []
        self.lock = threading.RLock()
        self.clock = clock
        self.routes = Routes(self, credentials, bearer, basic, token_seconds, strict_token, skew, land)
        self._base = base.rstrip("/")
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self, self._base))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self._base}"

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def triggers(self) -> dict[str, int]:
        return self.routes.triggers

    @property
    def cancels(self) -> dict[str, int]:
        return self.routes.cancels

    def fault(self, **words: Any) -> None:
        """Add a fault, by the fields of `Fault`."""
        self.faults.add(Fault(**words))

    def start(self) -> AirbyteDouble:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> AirbyteDouble:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def note(self, request: Request, answer: Answer) -> None:
        with self.lock:
            self.seen.append(
                Seen(
                    self.clock(),
                    request.method,
                    request.path,
                    request.query,
                    request.authorization,
                    request.content_type,
                    answer.status,
                    len(answer.body),
                )
            )


def _handler(double: AirbyteDouble, base: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._serve("GET")

        def do_POST(self) -> None:
            self._serve("POST")

        def do_DELETE(self) -> None:
            self._serve("DELETE")

        def _serve(self, method: str) -> None:
            request = self._request(method)
            fault = double.faults.take(method, request.path, double.clock())
            answer = _answer(double, request, fault, base)
            double.note(request, answer)
            if fault is not None and fault.delay:
                time.sleep(fault.delay)
            if fault is not None and fault.drop:
                self.close_connection = True
                return
            self._send(answer)

        def _request(self, method: str) -> Request:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            return Request(
                method=method,
                path=parts.path,
                query=parse_qs(parts.query),
                body=self.rfile.read(length) if length else b"",
                authorization=self.headers.get("Authorization"),
                content_type=self.headers.get("Content-Type"),
            )

        def _send(self, answer: Answer) -> None:
            try:
                self.send_response_only(answer.status)
                self.send_header("Date", formatdate(double.clock() + double.routes.skew, usegmt=True))
                self.send_header("Content-Type", answer.content_type)
                for key, value in answer.headers.items():
                    self.send_header(key, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the client did not wait

        def log_message(self, format: str, *arguments: Any) -> None:
            """Requests are kept in `seen`, not printed."""

    return Handler


def _answer(double: AirbyteDouble, request: Request, fault: Fault | None, base: str) -> Answer:
    if fault is None or fault.only_delay:
        return double.routes.answer(request, base)
    if fault.after:
        double.routes.answer(request, base)
    if isinstance(fault.body, dict | list):
        return Answer(fault.status, json.dumps(fault.body).encode(), headers=fault.headers)
    body = "" if fault.body is None else str(fault.body)
    return Answer(
        fault.status, body.encode(), content_type=fault.content_type or "text/html", headers=fault.headers
    )
