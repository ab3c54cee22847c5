"""Stands where the interpreter of a dbt stands: it is the process that was asked for, and has one that is forked do the work.

Copied into an environment of its own (`forked_dbt`) and run by a bare Python: standard library only. What it cannot hand over (other
code than a script, another locale, nobody there to fork) it becomes itself, by the interpreter it stands for.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from types import FrameType

_HOME = os.path.dirname(os.path.dirname(os.path.abspath(sys.argv[0])))  # noqa: PTH100, PTH120
_FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


def main() -> None:
    connection = _connected() if _is_script() else None
    if connection is None:
        real = os.path.realpath(os.path.join(_HOME, "real"))  # noqa: PTH118
        os.execv(real, [os.path.join(_HOME, "bin", "python"), *sys.argv[1:]])  # noqa: PTH118
    told: list[int] = []  # the process that was forked
    early: list[int] = []

    def forward(number: int, frame: FrameType | None) -> None:
        if told:
            _send(told[0], number)
        else:
            early.append(number)

    for forwarded in _FORWARDED:
        signal.signal(forwarded, forward)
    _ask(connection)
    with connection.makefile("r") as answers:
        told.append(int(answers.readline()))
        for number in early:
            _send(told[0], number)
        code = int(answers.readline())
    if code < 0:  # it was killed: so is this one
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


def _is_script() -> bool:
    """A script's path and no option before it, and nothing that an interpreter reads at its start which the one that forks has not read."""
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        return False
    with open(os.path.join(_HOME, "begun.json")) as begun:  # noqa: PTH118, PTH123
        prefixes, values = json.load(begun)
    given = {name: value for name, value in os.environ.items() if name.startswith(tuple(prefixes))}
    return bool(given.items() <= values.items())


def _connected() -> socket.socket | None:
    connection = socket.socket(socket.AF_UNIX)
    folder = os.open(_HOME, os.O_RDONLY)
    try:
        # An address may have some hundred characters, a folder's name more.
        connection.connect(f"/proc/self/fd/{folder}/socket")
    except OSError:
        return None
    finally:
        os.close(folder)
    return connection


def _ask(connection: socket.socket) -> None:
    umask = os.umask(0)
    os.umask(umask)
    asked = os.memfd_create("asked")
    files = [number for number in map(int, os.listdir("/proc/self/fd")) if _is_inherited(number)]  # noqa: PTH208
    with open(asked, "w", closefd=False) as request:
        json.dump(
            {
                "arguments": sys.argv[1:],
                "environ": dict(os.environ),
                "folder": os.getcwd(),  # noqa: PTH109
                "umask": umask,
                "pid": os.getpid(),
            },
            request,
        )
    socket.send_fds(connection, [b"."], [asked, *sorted(files)])
    for number in (asked, *files):
        os.close(number)


def _is_inherited(number: int) -> bool:
    try:
        return os.get_inheritable(number)
    except OSError:  # that of the listing itself
        return False


def _send(pid: int, number: int) -> None:
    """An interrupt for dbt alone, the harder ones for all that it started: as they came here."""
    try:
        if number == signal.SIGINT:
            os.kill(pid, number)
        else:
            os.killpg(pid, number)
    except ProcessLookupError:
        pass


if __name__ == "__main__":
    main()
