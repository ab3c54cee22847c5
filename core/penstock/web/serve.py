"""Listening: where, for whom, and what is printed. Beyond loopback only with a login."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import signal
import socket
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import uvicorn

from penstock.errors import UsageError
from penstock.service import inbox
from penstock.service.accounts import has_people
from penstock.service.scheduled import CommandOf
from penstock.service.serving import Serving
from penstock.web.app import Server, application
from penstock.web.below import below
from penstock.web.gate import Cookie, LocalGate, LoopbackGate

_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_TWICE = (signal.SIGINT, signal.SIGHUP)  # from an impatient hand; from a terminal and its shell
_BASE = re.compile(r"^(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+\Z")


def serve(
    root: Path,
    environment: str | None,
    *,
    host: str,
    port: int,
    names: tuple[str, ...],
    base: str,
    https: bool,
    command_of: CommandOf,
    say: Callable[[str], None],
    over: Callable[[], None] | None = None,
) -> None:
    """Listen until a signal, or until `over` returns. Raises UsageError where it may not, or cannot, listen."""
    base = _base(base)
    serving = Serving(root, environment, command_of)
    people = has_people(serving.workspace)
    if not loopback(host) and not people:
        raise UsageError(
            f"{host} is reached from elsewhere, and nobody has to log in",
            hint="add a user first: penstock users add NAME --role admin",
        )
    listener = _listener(host, port)
    port = listener.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{port}{base}/"
    cookie = Cookie(secure=https, path=base or "/", port=port)
    server = Server(serving, base=base)
    if people:
        server.gate, url = LocalGate(cookie, server.accounts), address
    else:
        gate = LoopbackGate(cookie, lambda token: say(f"for another browser: {address}?token={token}"))
        server.gate, url = gate, f"{address}?token={gate.token}"
    app = application(server, hosts=(host, shown, "localhost", "127.0.0.1", "[::1]", *names))
    project = serving.workspace.project
    config = uvicorn.Config(
        below(app, base), log_level="warning", access_log=False, server_header=False, date_header=False, ws="none",
        proxy_headers=False, timeout_graceful_shutdown=2, limit_concurrency=1_000, root_path=base,
        h11_max_incomplete_event_size=32_768, lifespan="off",
    )  # fmt: skip
    running = Quiet(config)
    if over is not None:
        threading.Thread(target=_ended, args=(over, running), name="over", daemon=True).start()
    try:
        with running.hearing():
            say(f"{project.name} in {project.environment}: {url}")
            if (wrong := inbox.trouble(serving.workspace)) is not None:
                say(f"events cannot be taken: {wrong}")
            running.run(sockets=[listener])
    finally:
        server.close()
        listener.close()


class Quiet(uvicorn.Server):
    """Sleeps while nobody asks: uvicorn's own looks ten times a second whether it is to end."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._over = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        if not await self.on_tick(0):
            await self._over.wait()

    def end(self) -> None:
        """From any thread, and from a signal handler."""
        self.should_exit = True
        if self._loop is not None:
            with suppress(RuntimeError):  # it has ended already
                self._loop.call_soon_threadsafe(self._over.set)

    @contextmanager
    def hearing(self) -> Iterator[None]:
        """A signal is how it ends, and no failure; the process ends with it. In another thread than the main one nobody hears it."""
        ours = threading.current_thread() is threading.main_thread()
        before = {one: signal.getsignal(one) for one in _ENDS} if ours else {}
        for one, handler in before.items():
            if handler is not signal.SIG_IGN:  # nohup
                signal.signal(one, self.handle_exit)
        try:
            yield
        finally:
            for one, handler in before.items():
                # Python itself stops hearing before the process ends: a second Ctrl-C then would kill it. SIGTERM still can.
                over = self.should_exit and one in _TWICE
                signal.signal(one, signal.SIG_IGN if over else handler)

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Nothing more: uvicorn's own raises them once again at the end."""
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self.end()


def _ended(over: Callable[[], None], running: Quiet) -> None:
    over()
    running.end()


def loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _base(text: str) -> str:
    path = "/" + text.strip("/") if text.strip("/") else ""
    if path and not _BASE.match(path):
        raise UsageError(f"--base-path {text!r}: letters, digits, - and _ between slashes")
    return path


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(256)
    except OSError as error:
        listener.close()
        raise UsageError(
            f"{host}:{port} cannot be listened on: {error.strerror}", hint="choose another: --port"
        ) from None
    return listener
