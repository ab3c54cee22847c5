"""dbt's own JSON log, line by line, as the records that a driver would have written. For dbt v2, and executables without Python.

Lines are skimmed by event name before they are decoded: at debug level most are of no interest.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import msgspec

from penstock_dbt.records import End, Finish, HookEnd, Log, Nothing, Record, Result, Start

_NAME = re.compile(rb'"name":\s*"(\w+)"')
_NODES = frozenset(
    {b"NodeStart", b"NodeFinished", b"LogHookStartLine", b"LogHookEndLine", b"NothingToDo", b"EndRunResult"}
)
_ENDS = frozenset({b"CommandCompleted", b"MainEncounteredError"})
_LEVEL = re.compile(rb'"level":\s*"(?:warn|error)"')
# Warnings and errors that only repeat how a node ended.
_OF_NODES = re.compile(
    rb"^(?:Log|RunResult|EndOfRun|Stats|Main|Skipping|CheckNode|FirstRun|AfterFirst|SQLCompiled|Catchable|Internal|Generic)"
)


class _Info(msgspec.Struct, frozen=True):
    name: str = ""
    level: str = "info"
    msg: str = ""
    ts: str = ""


class _NodeInfo(msgspec.Struct, frozen=True):
    unique_id: str = ""
    resource_type: str = ""
    materialized: str = ""


class _RunResult(msgspec.Struct, frozen=True):
    status: str = ""
    message: str | None = None
    execution_time: float | None = None
    num_failures: int | None = None
    adapter_response: dict[str, Any] = {}
    unique_id: str = ""


class _Data(msgspec.Struct, frozen=True):
    node_info: _NodeInfo = _NodeInfo()
    run_result: _RunResult = _RunResult()
    results: tuple[_RunResult, ...] = ()
    status: str = ""
    execution_time: float | None = None
    success: bool = False
    exc: str = ""


class _Line(msgspec.Struct, frozen=True):
    info: _Info
    data: _Data = _Data()


_DECODER = msgspec.json.Decoder(_Line)


class JsonLog:
    """Reads one invocation's log. Keeps the error that ended it, which comes before the line that says that it has ended."""

    ends_with_process = True

    def __init__(self) -> None:
        self._error: str | None = None
        self._finished: set[str] = set()

    def read(self, line: bytes) -> list[Record]:
        """The records of one line; none for a line of no interest, or one that is not dbt's."""
        match = _NAME.search(line)
        if match is None:
            return []
        name = match[1]
        if name not in _NODES and name not in _ENDS and (_OF_NODES.match(name) or not _LEVEL.search(line)):
            return []
        try:
            decoded = _DECODER.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return []
        return self._records(name, decoded.info, decoded.data, _epoch(decoded.info.ts))

    def _records(self, name: bytes, info: _Info, data: _Data, at: float) -> list[Record]:
        node = data.node_info
        match name:
            case b"NodeStart" | b"LogHookStartLine":
                return [Start(at=at, id=node.unique_id)]
            case b"NodeFinished":
                self._finished.add(node.unique_id)
                return [_finish(at, node, data.run_result)]
            case b"LogHookEndLine":
                return [HookEnd(at=at, id=node.unique_id, status=data.status, seconds=data.execution_time)]
            case b"NothingToDo":
                return [Nothing(at=at)]
            case b"EndRunResult":
                return [
                    self._result(at, result)
                    for result in data.results
                    if result.unique_id not in self._finished
                ]
            case b"MainEncounteredError":
                self._error = data.exc or info.msg
                return []
            case b"CommandCompleted":
                return [End(at=at, ok=data.success, text=None if data.success else self._error)]
            case _:
                return [Log(at=at, level=info.level, name=info.name, text=info.msg.strip())]

    @staticmethod
    def _result(at: float, result: _RunResult) -> Result:
        return Result(
            at=at,
            id=result.unique_id,
            status=result.status,
            text=result.message or None,
            seconds=result.execution_time,
        )


def _finish(at: float, node: _NodeInfo, result: _RunResult) -> Finish:
    return Finish(
        at=at,
        id=node.unique_id,
        status=result.status,
        kind=node.resource_type,
        materialized=node.materialized or None,
        text=result.message or None,
        seconds=result.execution_time,
        failures=result.num_failures or None,
        rows=_whole(result.adapter_response.get("rows_affected")),
        bytes=_whole(result.adapter_response.get("bytes_processed")),
    )


def _whole(value: Any) -> int | None:
    """A count; adapters answer -1, "-1" or nothing when they do not know."""
    try:
        number = int(float(value))
    except (TypeError, ValueError):
        return None
    return number if number >= 0 else None


def _epoch(stamp: str) -> float:
    try:
        return datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()
    except ValueError:
        return 0.0
