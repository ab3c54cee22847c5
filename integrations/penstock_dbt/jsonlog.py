"""dbt's own JSON log, line by line, as the records that a worker would have written. For dbt v2, and executables without Python.

Lines are skimmed by event name before they are decoded: at debug level most are of no interest.
"""

from __future__ import annotations

import contextlib
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from penstock_dbt.records import (
    BATCH_FAILED,
    Batch,
    End,
    Finish,
    HookEnd,
    Log,
    Nothing,
    Record,
    Result,
    Start,
)

_INTERESTING = re.compile(
    rb'"name":\s*"(?:NodeStart|NodeFinished|LogBatchResult|LogHookStartLine|LogHookEndLine|NothingToDo|CommandCompleted|MainEncounteredError)"'
    rb'|"level":\s*"(?:info|warn|error)"'
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
    adapter_response: dict[str, object] = {}


class _Data(msgspec.Struct, frozen=True):
    node_info: _NodeInfo = _NodeInfo()
    run_result: _RunResult = _RunResult()
    status: str = ""
    execution_time: float | None = None
    success: bool = False
    description: str = ""
    batch_index: int = 0
    exc: str = ""


class _Line(msgspec.Struct, frozen=True):
    info: _Info
    data: _Data = _Data()


class _Listed(_RunResult, frozen=True):
    unique_id: str = ""


class _RunResults(msgspec.Struct, frozen=True):
    results: tuple[_Listed, ...] = ()


_DECODER = msgspec.json.Decoder(_Line)
_RESULTS = msgspec.json.Decoder(_RunResults)


class JsonLog:
    """Reads one invocation's log. Keeps the error that ended it, which comes before the line that says that it has ended."""

    ends_with_process = True

    def __init__(self, target: Path) -> None:
        self._target = target
        self._error: str | None = None
        self._finished: set[str] = set()

    def read(self, line: bytes) -> list[Record]:
        """The records of one line; none for a line of no interest, or one that is not dbt's."""
        if not _INTERESTING.search(line):
            return []
        try:
            decoded = _DECODER.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return []
        return self._records(decoded.info, decoded.data, _epoch(decoded.info.ts))

    def _records(self, info: _Info, data: _Data, at: float) -> list[Record]:
        node = data.node_info
        match info.name:
            case "NodeStart" | "LogHookStartLine":
                return [Start(at=at, id=node.unique_id)]
            case "NodeFinished":
                self._finished.add(node.unique_id)
                return [_finish(at, node, data.run_result)]
            case "LogHookEndLine":
                return [HookEnd(at=at, id=node.unique_id, status=data.status, seconds=data.execution_time)]
            case "LogBatchResult":
                ended = Batch(
                    at=at,
                    id=node.unique_id,
                    index=data.batch_index,
                    ok=data.status.lower() not in BATCH_FAILED,
                    text=data.description,
                )
                return [ended, *self._logged(info, at)]
            case "NothingToDo":
                return [Nothing(at=at)]
            case "MainEncounteredError":
                self._error = data.exc or info.msg
            case "CommandCompleted":
                return [End(at=at, ok=data.success, text=None if data.success else self._error)]
            case _:
                return self._logged(info, at)
        return []

    @staticmethod
    def _logged(info: _Info, at: float) -> list[Record]:
        text = info.msg.strip()
        wanted = text and info.level in ("info", "warn", "error")
        return [Log(at=at, level=info.level, name=info.name, text=text)] if wanted else []

    def rest(self, at: float) -> list[Record]:
        """What dbt has a result for, but wrote no event: --fail-fast's remainder, what a failed hook took along, hooks' own texts."""
        listed: list[_Listed] = []
        for path in sorted(self._target.glob("**/run_results.json")):
            with contextlib.suppress(OSError, msgspec.DecodeError, UnicodeDecodeError):
                listed += _RESULTS.decode(path.read_bytes()).results
        return [
            Result(
                at=at,
                id=one.unique_id,
                status=one.status,
                text=one.message or None,
                seconds=one.execution_time,
            )
            for one in listed
            if one.unique_id not in self._finished
        ]


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
