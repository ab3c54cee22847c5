"""Following a connector's output while it grows: rows counted per stream, everything else understood. Writes nothing."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import msgspec

from penstock_manifests.airbyte import Message, State, StreamDescriptor, TraceError, decode_message
from penstock_manifests.errors import ManifestError

_CHUNK = 4 << 20
# What connectors print for a row, up to the stream's name: a line that begins so is counted without being decoded.
_ROW = re.compile(
    rb'\{\s*"type"\s*:\s*"RECORD"\s*,\s*"record"\s*:\s*\{\s*'
    rb'(?:"namespace"\s*:\s*(?:null|"(?P<namespace>[^"\\]*)")\s*,\s*)?"stream"\s*:\s*"(?P<stream>[^"\\]*)"'
)
_BLOCK = 64 << 10
_RECENT = 4
_LEVELS = {"FATAL": "error", "ERROR": "error", "WARN": "warn", "INFO": "info"}


class LogLine(msgspec.Struct, frozen=True):
    level: str
    text: str


class Mark(msgspec.Struct, frozen=True):
    """A state message, and the byte after its line."""

    state: State
    end: int


class Tail:
    """What a connector has said so far. `logs` are handed out once, by `take_logs`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._rest = b""
        self._heads: dict[bytes, str] = {}  # how rows of the streams seen last begin
        self._logs: list[LogLine] = []
        self.rows: dict[str, int] = defaultdict(int)  # by stream name
        self.started: set[str] = set()
        self.complete: set[str] = set()
        self.incomplete: set[str] = set()
        self.stream_marks: dict[StreamDescriptor, Mark] = {}
        self._rows_marked: dict[str, int] = {}
        self.whole_mark: Mark | None = None  # GLOBAL or LEGACY: for all streams at once
        self.error: TraceError | None = None
        self.config_update: dict[str, object] | None = None

    def advance(self) -> bool:
        """Read what is new, at most a few megabytes; whether there may be more at once."""
        with self._path.open("rb") as file:
            file.seek(self._offset + len(self._rest))
            chunk = file.read(_CHUNK)
        if not chunk:
            return False
        text = self._rest + chunk
        whole = text.rfind(b"\n") + 1
        start = 0
        while start < whole:
            end = min(whole, text.find(b"\n", min(start + _BLOCK, whole - 1)) + 1)
            self._block(text[start:end])
            start = end
        self._rest = text[whole:]
        return len(chunk) == _CHUNK

    @property
    def end(self) -> int:
        """Where the last whole line ends."""
        return self._offset

    def take_logs(self) -> list[LogLine]:
        logs, self._logs = self._logs, []
        return logs

    def all_marked(self, name: str) -> bool:
        """Whether a state followed the last row of that stream."""
        return name in self._rows_marked and self._rows_marked[name] == self.rows.get(name, 0)

    def _block(self, block: bytes) -> None:
        """Whole lines. Where all of them begin as rows of streams seen just now, they are only counted."""
        counts = [
            (name, block.count(b"\n" + head) + block.startswith(head)) for head, name in self._heads.items()
        ]
        if sum(count for _, count in counts) == block.count(b"\n"):
            for name, count in counts:
                self.rows[name] += count
            self._offset += len(block)
            return
        for line in block.split(b"\n")[:-1]:
            self._offset += len(line) + 1
            self._line(line)

    def _line(self, line: bytes) -> None:
        row = _ROW.match(line)
        if row is None:
            if line.strip():
                self._other(line)
            return
        name = row["stream"].decode(errors="replace")
        self.rows[name] += 1
        head = row[0] + b","
        if head not in self._heads and line.startswith(head):
            while len(self._heads) >= _RECENT:
                self._heads.pop(next(iter(self._heads)))
            self._heads[head] = name

    def _other(self, line: bytes) -> None:
        try:
            message = decode_message(line)
        except ManifestError as error:
            self._logs.append(LogLine("warn", f"a message that cannot be read: {error}"))
            return
        if message is None:
            self._logs.append(LogLine("info", line.decode(errors="replace")))
        elif message.record is not None:
            self.rows[message.record.stream] += 1
        elif message.state is not None:
            self._state(message.state)
        elif message.log is not None:
            self._logs.append(LogLine(_LEVELS.get(message.log.level.upper(), "debug"), message.log.message))
        else:
            self._report(message)

    def _state(self, state: State) -> None:
        mark = Mark(state, self._offset)
        if state.type == "STREAM" and state.stream is not None:
            name = state.stream.stream_descriptor.name
            self.stream_marks[state.stream.stream_descriptor] = mark
            self._rows_marked[name] = self.rows.get(name, 0)
        else:
            self.whole_mark = mark
            self._rows_marked = dict(self.rows)

    def _report(self, message: Message) -> None:
        if message.control is not None and message.control.connector_config is not None:
            self.config_update = message.control.connector_config.config
        trace = message.trace
        if trace is None:
            return
        if trace.error is not None:
            # The first error is the cause; a closing "some streams failed" comes last.
            self.error = self.error or trace.error
            inner = trace.error.internal_message or trace.error.stack_trace
            self._logs.append(LogLine("error", trace.error.message))
            if inner:
                self._logs.append(LogLine("debug", inner))
        if trace.stream_status is not None:
            name = trace.stream_status.stream_descriptor.name
            reached = {"COMPLETE": self.complete, "INCOMPLETE": self.incomplete}
            reached.get(trace.stream_status.status, self.started).add(name)


class TextTail:
    """New lines of a text file that grows (the connector's stderr)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self.last = ""

    def take(self, *, ended: bool) -> list[str]:
        """Whole lines; with `ended` the unfinished last one too."""
        with self._path.open("rb") as file:
            file.seek(self._offset)
            text = file.read()
        end = len(text) if ended else text.rfind(b"\n") + 1
        self._offset += end
        lines = [line for line in text[:end].decode(errors="replace").splitlines() if line.strip()]
        if lines:
            self.last = lines[-1]
        return lines
