"""A loopback stand-in of what `--post` talks to: the comments of one pull request of GitHub, or of one merge request of GitLab."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "secret-token-of-the-job"


class Comments:
    """`bodies` by id, in order; `authors` of those that are not the token's own; `fail`: what the next requests answer instead
    (method, status); `headers` of such answers; `asked`: (method, path). `whose`: what the token's owner is called, None: not told."""

    def __init__(
        self, listed: str, one: str, verb: str, header: tuple[str, str], whose: str, most: int, me: int | None
    ) -> None:
        self.bodies: dict[int, str] = {}
        self.authors: dict[int, int] = {}
        self.headers: dict[str, str] = {}
        self.fail: list[tuple[str, int]] = []
        self.asked: list[tuple[str, str]] = []
        double = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self, status: int, body: Any) -> None:
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                for name, value in double.headers.items() if status >= 400 else ():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            def _refused(self) -> bool:
                double.asked.append((self.command, self.path))
                if self.headers.get(header[0]) != header[1]:
                    self._answer(401, {"message": "Bad credentials"})
                    return True
                if double.fail and double.fail[0][0] == self.command:
                    self._answer(double.fail.pop(0)[1], {"message": "no"})
                    return True
                return False

            def _given(self) -> str:
                text: str = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["body"]
                return text

            def do_GET(self) -> None:
                if self._refused():
                    return
                place = urlsplit(self.path)
                if place.path == "/user":
                    self._answer(
                        *((200, {"id": me}) if me is not None else (403, {"message": "not by integration"}))
                    )
                    return
                if place.path != listed:
                    self._answer(404, {"message": "Not Found"})
                    return
                asked = {name: int(value[0]) for name, value in parse_qs(place.query).items()}
                found = [
                    {
                        "id": id,
                        "body": body,
                        whose: {"id": double.authors.get(id, 5), "type": _kind(double, id)},
                    }
                    for id, body in double.bodies.items()
                ]
                size, page = asked.get("per_page", 30), asked.get("page", 1)
                self._answer(200, found[size * (page - 1) : size * page])

            def do_POST(self) -> None:
                body = self._given()
                if self._refused():
                    return
                if self.path != listed or len(body) > most:
                    self._answer(422, {"message": "Validation Failed"})
                    return
                id = max(double.bodies, default=0) + 1
                double.bodies[id] = body
                self._answer(201, {"id": id})

            def _change(self) -> None:
                body = self._given()
                if self._refused():
                    return
                id = int(self.path.rpartition("/")[2])
                if self.command != verb or self.path != one.format(id) or id not in double.bodies:
                    self._answer(404, {"message": "Not Found"})
                    return
                double.bodies[id] = body
                self._answer(200, {"id": id})

            do_PATCH = do_PUT = _change  # noqa: N815  # the base class asks for these names

            def log_message(self, *_: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _kind(double: Comments, id: int) -> str:
    return "User" if id in double.authors else "Bot"


def github() -> Comments:
    """Pull request 12 of the repository shop/data. A job's token is nobody's."""
    base = "/repos/shop/data/issues"
    return Comments(
        f"{base}/12/comments",
        base + "/comments/{}",
        "PATCH",
        ("Authorization", f"Bearer {TOKEN}"),
        "user",
        65_536,
        None,
    )


def gitlab() -> Comments:
    """Merge request 7 of the project 34."""
    base = "/projects/34/merge_requests/7/notes"
    return Comments(base, base + "/{}", "PUT", ("PRIVATE-TOKEN", TOKEN), "author", 1_000_000, 5)
