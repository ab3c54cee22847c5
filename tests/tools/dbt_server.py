"""A process that has imported dbt and parsed a project, and forks for each one that is wanted: a dbt costs its work, not 3 s before it.

Run by the interpreter that has dbt; who asks is `dbt_client`. Whatever it has forked ends with it, and with the client for which
it was forked: to all others the two are one process.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import importlib.util
import json
import os
import runpy
import select
import selectors
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.tools.dbt_first import parse_the_first
from tests.tools.ready import end_as_program, put_in_place

del sys.path[0]

_MODULES = (
    "dbt.cli.main", "dbt.parser.schema_yaml_readers",
    "dbt.task.build", "dbt.task.compile", "dbt.task.freshness", "dbt.graph.thread_pool",
    "dbt_common.clients.agate_helper", "babel.dates", "daff", "google.protobuf.descriptor_pb2", "multiprocessing.dummy",
    "multiprocessing.resource_tracker", "_strptime",
)  # fmt: skip
_ADAPTERS = {"duckdb": ("", ".environments.local"), "postgres": ("",)}
_ENDS_WITH_PARENT = 1  # PR_SET_PDEATHSIG


@dataclass(frozen=True, slots=True)
class Forked:
    """One that is at work; `watched` becomes readable when it has ended."""

    pid: int
    watched: int
    client: socket.socket


class Server:
    """`inherited` is a pipe or socket that ends with the process for which this one works."""

    def __init__(self, listener: socket.socket, inherited: int) -> None:
        self._listener = listener
        self._inherited = inherited
        self._waiting = selectors.DefaultSelector()
        self._at_work: dict[int, Forked] = {}  # by each of their two descriptors

    def serve(self) -> list[int]:
        """Until the process for which it works has ended; in one that was forked, the files that its client has sent."""
        for file in (self._listener, self._inherited):
            self._waiting.register(file, selectors.EVENT_READ)
        while True:
            ready = {key.fd for key, _ in self._waiting.select()}
            if self._inherited in ready:
                for left in set(self._at_work.values()):
                    _kill(left)
                return []
            # Whoever asks for the next knows that the one before is gone: so it is, before that one begins.
            for number in ready - {self._listener.fileno()}:
                if (one := self._at_work.get(number)) is not None:
                    self._end(one)
            if self._listener.fileno() in ready:
                asked = self._fork(self._listener.accept()[0])
                if asked:
                    return asked

    def _fork(self, client: socket.socket) -> list[int]:
        if "dbt.cli.main" not in sys.modules:
            _import_all()
        message, files, _flags, _address = socket.recv_fds(client, 16, 64)
        if not message:  # it was killed at once
            client.close()
            return []
        pid = os.fork()
        if not pid:
            self._waiting.close()
            for number in (self._listener.detach(), client.detach(), self._inherited, *self._at_work):
                os.close(number)
            return files
        for number in files:
            os.close(number)
        _tell(client, pid)
        one = Forked(pid, os.pidfd_open(pid), client)
        for number in (one.watched, client.fileno()):
            self._at_work[number] = one
            self._waiting.register(number, selectors.EVENT_READ)
        return []

    def _end(self, one: Forked) -> None:
        """It has ended, or its client was killed: then so is what it stands for."""
        if not select.select([one.watched], [], [], 0)[0]:
            _kill(one)
        _, status = os.waitpid(one.pid, 0)
        for number in (one.watched, one.client.fileno()):
            del self._at_work[number]
            self._waiting.unregister(number)
        os.close(one.watched)
        _tell(one.client, os.waitstatus_to_exitcode(status))
        one.client.close()


def _tell(client: socket.socket, number: int) -> None:
    with contextlib.suppress(ConnectionError):  # it was killed
        client.send(b"%d\n" % number)


def _kill(one: Forked) -> None:
    for kill in (os.killpg, os.kill):  # it may not lead a group yet
        with contextlib.suppress(ProcessLookupError):
            kill(one.pid, signal.SIGKILL)


def _import_all() -> None:
    for name in _MODULES:
        importlib.import_module(name)
    for name, parts in _ADAPTERS.items():
        if importlib.util.find_spec(f"dbt.adapters.{name}") is not None:
            for part in parts:
                importlib.import_module(f"dbt.adapters.{name}{part}")
            parse_the_first(name)
    gc.collect()
    gc.freeze()


def become(files: list[int]) -> None:
    """From here on this is the dbt, and a child of whoever has started the client."""
    ctypes.CDLL(None).prctl(_ENDS_WITH_PARENT, signal.SIGKILL)
    with os.fdopen(files[0]) as request:
        request.seek(0)
        asked: dict[str, Any] = json.load(request)
    os.setsid()
    put_in_place(asked, files[1:4])
    client = asked["pid"]
    os.getppid = lambda: _parent(client)
    sys.argv[:] = asked["arguments"]
    importlib.invalidate_caches()
    end_as_program(lambda: runpy.run_path(sys.argv[0], run_name="__main__"))


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def main() -> None:
    files = Server(socket.socket(fileno=int(sys.argv[1])), os.dup(0)).serve()
    if files:
        become(files)


if __name__ == "__main__":
    main()
