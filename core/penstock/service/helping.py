"""Plans, and SQL with its marks, made in a process of its own that stays while it is asked, and ends when it is not.

For a server: the drivers of warehouses and the parser that they load are that process's. What fails there is done here, and tells why.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

import msgspec

from penstock.assets import AssetKey
from penstock.errors import PenstockError
from penstock.plan import Plan
from penstock.service.launching import Wanted, planned
from penstock.service.observe import look
from penstock.service.sqlpage import SqlDocument, sql_document
from penstock.service.workspace import Workspace, open_workspace
from penstock.system.own import own_program

IDLE = 60.0  # seconds without a question until a helper ends
_LENGTH = 8


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One of `plan` and `sql`."""

    root: str
    environment: str
    plan: Wanted | None = None
    sql: AssetKey | None = None


class Helpers:
    """As many as are asked at a time; each answers one question after the other. Safe to use from several threads."""

    def __init__(self, idle: float = IDLE) -> None:
        self._idle = idle
        self._lock = threading.Lock()
        self._free: list[subprocess.Popen[bytes]] = []
        self._of: Workspace | None = None
        self._closed = False

    def plan(self, workspace: Workspace, wanted: Wanted) -> Plan | None:
        """None: it came to nothing there."""
        told = self._answered(workspace, plan=wanted)
        return msgspec.msgpack.decode(told, type=Plan) if told else None

    def sql(self, workspace: Workspace, key: AssetKey) -> SqlDocument | None:
        """None: it came to nothing there."""
        told = self._answered(workspace, sql=key)
        return msgspec.msgpack.decode(told, type=SqlDocument) if told else None

    def _answered(
        self, workspace: Workspace, *, plan: Wanted | None = None, sql: AssetKey | None = None
    ) -> bytes | None:
        project = workspace.project
        question = msgspec.msgpack.encode(
            Question(root=str(project.root), environment=project.environment, plan=plan, sql=sql)
        )
        for helper in (self._known(workspace), None):  # one that was free may have ended just now
            try:
                asked = helper or self._begun(workspace)
            except OSError:
                return None
            told = _ask(asked, question)
            if told is not None:
                self._give_back(workspace, asked)
                return told
            _end(asked)
        return None

    def _known(self, workspace: Workspace) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._of is not workspace:  # penstock.yml was edited: other variables, other tools
                old, self._free, self._of = self._free, [], workspace
            else:
                old = []
            found = self._free.pop() if self._free else None
        for one in old:
            _end(one)
        return found

    def _begun(self, workspace: Workspace) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            own_program("penstock.service.helping", str(self._idle)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(workspace.environ),
            start_new_session=True,  # Ctrl-C is for the server, which then ends it
        )

    def _give_back(self, workspace: Workspace, helper: subprocess.Popen[bytes]) -> None:
        with self._lock:
            if self._of is workspace and not self._closed:
                self._free.append(helper)
                return
        _end(helper)

    def close(self) -> None:
        """A question that is still being answered ends its helper itself."""
        with self._lock:
            self._closed = True
            old, self._free, self._of = self._free, [], None
        for one in old:
            _end(one)


def _ask(helper: subprocess.Popen[bytes], question: bytes) -> bytes | None:
    assert helper.stdin is not None and helper.stdout is not None
    try:
        helper.stdin.write(len(question).to_bytes(_LENGTH, "big") + question)
        helper.stdin.flush()
    except OSError:
        return None
    return _read(helper.stdout)


def _end(helper: subprocess.Popen[bytes]) -> None:
    """Its input closes: it ends by itself, and is waited for."""
    for stream in (helper.stdin, helper.stdout):
        with contextlib.suppress(OSError):
            assert stream is not None
            stream.close()
    helper.kill()
    helper.wait()


def _read(stream: IO[bytes]) -> bytes | None:
    head = stream.read(_LENGTH)
    if len(head) < _LENGTH:
        return None
    size = int.from_bytes(head, "big")
    body = stream.read(size)
    return body if len(body) == size else None


def _answer(question: Question) -> bytes:
    """Empty where it came to nothing: whoever asked does it again, and tells why."""
    try:
        workspace = open_workspace(Path(question.root), environment=question.environment)
        if question.sql is not None:
            return msgspec.msgpack.encode(sql_document(workspace, look(workspace).graph, question.sql))
        return msgspec.msgpack.encode(planned(workspace, question.plan or Wanted())[2])
    except (PenstockError, KeyError):
        return b""


def main() -> None:
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a tool prints is no answer
    source = os.fdopen(0, "rb")  # never holds more than one question: the next one comes after the answer
    patience = None  # the first question is on its way
    while select.select([source], [], [], patience)[0]:
        asked = _read(source)
        if asked is None:
            return
        told = _answer(msgspec.msgpack.decode(asked, type=Question))
        out.write(len(told).to_bytes(_LENGTH, "big") + told)
        out.flush()
        patience = float(sys.argv[1])


if __name__ == "__main__":
    main()
