"""What a step's attempt has written down in its folder, so that any process can follow or finish its story. Files only."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TypeVar

import msgspec

from penstock.integration import StepItem
from penstock.system.files import open_private
from penstock_dbt.process import ProcessId

_T = TypeVar("_T")


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for. Written before anything is started. `hooks`: whether on-run-start, on-run-end belong to it. `fail_fast`:
    dbt was told to hold the rest back after a failure. `boot`: of the machine that it was asked on."""

    items: tuple[StepItem, ...]
    backend: str  # worker, executable
    dbt: str
    hooks: tuple[bool, bool] = (True, True)
    fail_fast: bool = False
    boot: str = ""


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """The process that was given the request. Written after it started and before it was told what to do. `output`: what it prints."""

    process: ProcessId
    output: str


class Folder:
    """An attempt's own folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.events = path / "events.jsonl"
        self.log = path / "dbt.log"
        self.selection = path / "selection"
        self.json_log = path / "json" / "dbt.log"
        self.target = path / "target"
        self.pid_file = path / "pid"
        self.lock = path / "lock"
        self._request = path / "request.json"
        self._started = path / "process.json"
        self._cancel = path / "cancel"
        self._known: Started | None = None

    def write_request(self, request: Request) -> None:
        _write(self._request, msgspec.json.encode(request))

    def request(self) -> Request | None:
        written = _read(self._request, dict[str, object])
        if written is None:
            return None
        if "road" in written:  # as penstock 0.1.0 wrote it
            former = written.pop("road")
            written["backend"] = "worker" if former == "driver" else former
        return msgspec.convert(written, Request)

    def asked_at(self) -> float:
        """When the request was written, by the clock of the files."""
        return self._request.stat().st_mtime

    def write_started(self, started: Started) -> None:
        _write(self._started, msgspec.json.encode(started))

    def started(self) -> Started | None:
        if self._known is None:
            self._known = _read(self._started, Started)
        return self._known

    def mark_cancelled(self) -> None:
        _write(self._cancel, repr(time.time()).encode())

    def cancelled_at(self) -> float | None:
        """When penstock itself asked it to stop."""
        try:
            return float(self._cancel.read_text())
        except FileNotFoundError:
            return None


def _write(path: Path, content: bytes) -> None:
    partial = path.with_suffix(".tmp")
    with open_private(partial) as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    partial.replace(path)


def _read(path: Path, kind: type[_T]) -> _T | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
