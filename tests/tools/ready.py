"""A process that has imported what the commands import, and forks for each one: a command costs its work, not 0.5 s of imports.

As a program it is that process. It speaks over its standard input, one message for each command, with four files: what is
asked, where stdout and stderr go, and where the process id and the exit code are written.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NoReturn

_OURS = (
    "penstock", "penstock_manifests", "penstock_airbyte", "penstock_checks", "penstock_databricks", "penstock_dbt",
    "penstock_duckdb", "penstock_postgres", "penstock_snowflake",
)  # fmt: skip
_NO_COMMANDS = ("penstock.testing", "penstock.store.migrations.", "penstock_dbt.worker")
_OTHERS = ("duckdb", "platformdirs", "sqlite3", "sqlglot.generators.duckdb", "sqlglot.parsers.duckdb")
# What an interpreter reads while it starts: a command that differs in one of these needs an interpreter of its own.
_OF_THE_TESTS = ("PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE")
AT_START = ("PYTHON", "LC_", "LANG", "LD_", "MALLOC_")


class Ready:
    """The other end: `run` is one command in a process of its own, as `python -m penstock` would run it."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = dict(environ)
        self._pipe, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-P", str(Path(__file__).resolve())]
        self._process = subprocess.Popen(
            command,
            env=self._environ,
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        atexit.register(self.close)

    def close(self) -> None:
        """It ends when the socket does; so it does when this process is killed."""
        self._pipe.close()
        self._process.wait()

    def serves(self, environ: Mapping[str, str]) -> bool:
        return at_start(environ) == at_start(self._environ)

    def run(
        self, folder: Path, arguments: Sequence[str], environ: Mapping[str, str], timeout: float
    ) -> subprocess.CompletedProcess[str]:
        asked = {
            "folder": str(folder),
            "arguments": [*arguments],
            "environ": dict(environ),
            "umask": _umask(),
        }
        with (
            tempfile.TemporaryFile("w+") as request,
            tempfile.TemporaryFile("w+") as out,
            tempfile.TemporaryFile("w+") as err,
        ):
            json.dump(asked, request)
            request.flush()
            read, write = os.pipe()
            with os.fdopen(read, "rb") as told:
                try:
                    files = [request.fileno(), out.fileno(), err.fileno(), write]
                    socket.send_fds(self._pipe, [b"."], files)
                finally:
                    os.close(write)
                code = _ended(told, arguments, timeout)
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(arguments, code, out.read(), err.read())


def _ended(told: IO[bytes], arguments: Sequence[str], timeout: float) -> int:
    pid = int(told.readline())
    try:
        # The end of the file follows the exit code, so that what is already in the buffer is no reason to wait.
        if not select.select([told], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired(arguments, timeout)
    except BaseException:  # an interrupt, too, leaves nothing behind
        os.kill(pid, signal.SIGKILL)
        told.read()
        raise
    return int(told.readline())


@functools.cache
def _ready_of(pid: int) -> Ready:
    # Of the first that asks: commands that differ in what an interpreter reads at its start are not served.
    return Ready(own_environ())


def ready() -> Ready:
    """The one of this process, started when it is first wanted."""
    return _ready_of(os.getpid())


def own_environ() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _OF_THE_TESTS}


def at_start(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name.startswith(AT_START)}


def _umask() -> int:
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("Umask:")).split()[1], 8)


def _modules() -> Iterator[str]:
    for package in _OURS:
        yield package
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
            yield module.name
    yield from _OTHERS


def _import_all() -> None:
    for name in _modules():
        if not name.startswith(_NO_COMMANDS) and not name.endswith("__main__"):
            importlib.import_module(name)


def serve() -> None:
    _import_all()
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)
    pipe = socket.socket(fileno=os.dup(0))
    at_work: dict[int, tuple[int, int]] = {}
    with selectors.DefaultSelector() as waiting:
        waiting.register(pipe, selectors.EVENT_READ)
        while True:
            for key, _ in waiting.select():
                if key.fileobj is not pipe:
                    waiting.unregister(key.fileobj)
                    _tell_end(key.fd, *at_work.pop(key.fd))
                    continue
                message, files, _flags, _address = socket.recv_fds(pipe, 16, 4)
                if not message:
                    for pid, _told in at_work.values():
                        with contextlib.suppress(ProcessLookupError):
                            os.kill(pid, signal.SIGKILL)
                    return
                pid = os.fork()
                if not pid:
                    break
                for file in files[:3]:
                    os.close(file)
                with contextlib.suppress(BrokenPipeError):
                    os.write(files[3], b"%d\n" % pid)
                watched = os.pidfd_open(pid)
                at_work[watched] = pid, files[3]
                waiting.register(watched, selectors.EVENT_READ)
            else:
                continue
            break
    _become(files, [pipe.fileno(), *at_work, *(told for _, told in at_work.values())])


def _tell_end(watched: int, pid: int, told: int) -> None:
    _, status = os.waitpid(pid, 0)
    os.close(watched)
    with contextlib.suppress(BrokenPipeError):  # whoever asked was interrupted: others still ask
        os.write(told, b"%d\n" % os.waitstatus_to_exitcode(status))
    os.close(told)


def _become(files: list[int], others: list[int]) -> None:
    """From here on this is the command, and what it leaves behind is what a process of its own would leave behind."""
    with os.fdopen(files[0]) as request:
        request.seek(0)
        asked = json.load(request)
    for other in (*others, files[3]):
        os.close(other)
    put_in_place(asked, (os.open(os.devnull, os.O_RDONLY), files[1], files[2]))
    sys.path.insert(0, asked["folder"])
    sys.argv[1:] = asked["arguments"]
    importlib.invalidate_caches()
    atexit.unregister(gc.unfreeze)
    end_as_program(lambda: runpy.run_module("penstock", run_name="__main__", alter_sys=True))


def put_in_place(asked: Mapping[str, Any], files: Sequence[int]) -> None:
    """The folder, the environment and the first three files of whoever asked."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environ"])
    os.umask(asked["umask"])
    time.tzset()


def end_as_program(run: Callable[[], object]) -> NoReturn:
    """Ends the process as an interpreter would that has run this, but for the teardown of modules."""
    code = 1
    try:
        run()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    finally:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


if __name__ == "__main__":
    serve()
