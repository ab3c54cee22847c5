"""The web server in this process on a loopback port, over a project that was observed before: no test waits for its start."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from penstock.cli.scheduled import read_command
from penstock.service.accounts import Accounts
from penstock.service.serving import Serving
from penstock.web.app import Server, application
from penstock.web.below import below
from penstock.web.gate import Cookie, LocalGate
from tests.tools.browsing import Browser

PASSWORD = "a long enough password"


class Served:
    """With people who log in. `add` makes one and gives back their browser."""

    def __init__(self, server: Server, port: int, app: ASGIApp) -> None:
        self.app = app
        self.server = server
        self.port = port

    @property
    def accounts(self) -> Accounts:
        return self.server.accounts()

    def add(
        self, name: str, role: str, select: str = "", *, where: str = "*", see_data: bool = False
    ) -> Browser:
        from penstock.service.accounts import grant

        self.accounts.add(name, PASSWORD, (grant(role, where, select, see_data=see_data),))
        return self.login(name)

    def login(self, name: str) -> Browser:
        browser = Browser(self.port)
        reply = browser.post("/api/v1/login", {"user": name, "password": PASSWORD})
        assert reply.status == 200, reply
        browser.cookie = reply.headers["set-cookie"].partition(";")[0]
        return browser


@contextlib.contextmanager
def served(folder: Path, *, base: str = "", slowest: float = 60.0) -> Iterator[Served]:
    """`slowest`: how many seconds a body may take to arrive."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        server = Server(Serving(folder, None, read_command), base=base)
        server.gate = LocalGate(Cookie(secure=False, path=base or "/", port=port), server.accounts)
        app = application(server, hosts=("127.0.0.1", "localhost"), slowest=slowest)
        running = uvicorn.Server(
            uvicorn.Config(below(app, base), log_level="critical", ws="none", root_path=base)
        )
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not running.started:
            time.sleep(0.01)
        try:
            yield Served(server, port, app)
        finally:
            running.should_exit = True
            running.force_exit = True
            thread.join(20)
            server.close()
