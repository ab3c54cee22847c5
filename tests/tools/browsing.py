"""A browser without a window: HTTP over a real socket, with the cookie, the headers and the Host that a test wants."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.tools.command import start


class Reply:
    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def json(self) -> Any:
        return json.loads(self.body)

    def __repr__(self) -> str:
        return f"{self.status} {self.headers}\n{self.body[:2000]!r}"


class Browser:
    """Of one person. `cookie` is sent when there is one."""

    def __init__(self, port: int, cookie: str | None = None) -> None:
        self.port = port
        self.cookie = cookie

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Reply:
        said = {"Cookie": self.cookie} if self.cookie else {}
        data = raw if raw is not None else (json.dumps(body).encode() if body is not None else None)
        if data is not None:
            said["Content-Type"] = "application/json"
        if method != "GET":
            said["X-Penstock"] = "1"
        said |= headers or {}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body=data, headers={k: v for k, v in said.items() if v != ""})
            found = connection.getresponse()
            return Reply(found.status, {k.lower(): v for k, v in found.getheaders()}, found.read())
        finally:
            connection.close()

    def get(self, path: str, headers: dict[str, str] | None = None, **query: Any) -> Reply:
        return self.send("GET", path + ("?" + urlencode(query) if query else ""), headers=headers)

    def post(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Reply:
        return self.send("POST", path, {} if body is None else body, headers)

    def open(self, url: str) -> None:
        """Follow the printed URL: the cookie is kept."""
        reply = self.get("/" + url.partition("//")[2].partition("/")[2])
        assert reply.status == 303, reply
        self.cookie = reply.headers["set-cookie"].partition(";")[0]


class Site:
    """`penstock web` in a process of its own. `url` is the one that it has printed."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.process: subprocess.Popen[str] = start(folder, "web", "--port", "0", *arguments)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, line + (self.process.stderr.read() if self.process.stderr else "")
        self.url = found[0]
        self.port = int(self.url.split("/")[2].rpartition(":")[2])

    def browser(self) -> Browser:
        found = Browser(self.port)
        found.open(self.url)
        return found

    def close(self) -> tuple[str, str]:
        self.process.terminate()
        return self.process.communicate(timeout=30)
