"""Following a connector's output while it grows: rows counted per stream, everything else understood. Writes nothing."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import msgspec

from penstock_airbyte.mend import Unreadable, is_state, readable, record_in, why_no_json
from penstock_airbyte.roster import Heads, Names, any_name
from penstock_manifests.airbyte import Message, State, StreamDescriptor, TraceError, decode_message
from penstock_manifests.errors import ManifestError

_CHUNK = 4 << 20
_PIECE = (
    64 << 10
)  # read at once: larger memory is given back to the system each time, and asked for anew page by page
_BLOCK = 64 << 10
_LEVELS = {"FATAL": "error", "ERROR": "error", "WARN": "warn", "INFO": "info"}
_TEXT, _LAST_WORDS = 1 << 20, 64 << 10
_SHOWN = 2000  # so much of a line that is no message is told


class LogLine(msgspec.Struct, frozen=True):
    level: str
    text: str


class Mark(msgspec.Struct, frozen=True):
    """A state message, and the byte after its line."""

    state: State
    end: int


class Tail:
    """What a connector has said so far. `logs` are handed out once, by `take_logs`.

    `names` says under which name a stream's rows are counted. `until`: nothing after that byte is read. A line longer than
    `longest` bytes is not read.
    """

    def __init__(
        self, path: Path, names: Names = any_name, *, until: int | None = None, longest: int = 1 << 30
    ) -> None:
        self._path = path
        self._names = names
        self._until = until
        self._longest = longest
        self._offset = 0
        self._rest: list[bytes] = []
        self._held = 0  # bytes in `_rest`
        self._heads = Heads(names)
        self._logs: list[LogLine] = []
        self.rows: dict[str, int] = defaultdict(int)
        self._rows_marked: dict[str, int] = {}
        self._rows_complete: dict[str, int] = {}
        self.started: set[str] = set()
        self.complete: set[str] = set()
        self.incomplete: set[str] = set()
        self.stream_marks: dict[str, Mark] = {}
        self._kind: str | None = None  # of its states
        self.whole_mark: Mark | None = None  # GLOBAL or LEGACY: for all streams at once
        self.error: TraceError | None = None
        self.bad: str | None = (
            None  # why what was said cannot be trusted from here on: no state counts any more
        )
        self.config_update: dict[str, object] | None = None

    def advance(self) -> bool:
        """Read what is new, at most a few megabytes; whether there may be more at once."""
        left = _CHUNK
        with self._path.open("rb", buffering=0) as file:
            file.seek(self._offset + self._held)
            while left > 0 and self.bad is None and (piece := file.read(self._room(min(left, _PIECE)))):
                left -= len(piece)
                self._piece(piece)
        return left <= 0 and self.bad is None

    def _piece(self, piece: bytes) -> None:
        whole = piece.rfind(b"\n") + 1
        if not whole:
            self._keep(piece)
            return
        text = b"".join((*self._rest, piece[:whole]))
        self._rest, self._held = [], 0
        self._blocks(text)
        self._keep(piece[whole:])

    def finish(self, *, whole: bool) -> None:
        """The connector has ended: a last line without its newline counts too. One that is torn is bad only when the
        connector says that all went well (`whole`); else it is where it was stopped."""
        line = b"".join(self._rest)
        self._rest, self._held = [], 0
        if not line or self.bad is not None:
            return
        self._offset += len(line)
        before = self.bad
        self._line(line)
        if not whole:
            self.bad = before

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

    def all_complete(self, name: str) -> bool:
        """Whether the source has said that the stream is complete, and sent no row of it since."""
        return name in self.complete - self.incomplete and self._rows_complete.get(name) == self.rows.get(
            name, 0
        )

    def _room(self, wanted: int) -> int:
        if self._until is None:
            return wanted
        return max(0, min(wanted, self._until - self._offset - self._held))

    def _keep(self, text: bytes) -> None:
        if text:
            self._rest.append(text)
            self._held += len(text)
        if self._held > self._longest:
            self._rest, self._held = [], 0
            self.bad = self._too_long()

    def _too_long(self) -> str:
        return f"a line is longer than {self._longest >> 20} MB; max_record_mb of the airbyte instance allows more"

    def _blocks(self, text: bytes) -> None:
        start = 0
        while start < len(text) and self.bad is None:
            end = text.find(b"\n", min(start + _BLOCK, len(text) - 1)) + 1
            self._block(text[start:end])
            start = end

    def _block(self, block: bytes) -> None:
        """Whole lines. Where all of them begin as rows of streams seen just now, they are only counted."""
        counts = self._heads.counts(block)
        if counts is not None and len(block) <= self._longest:
            for name, count in counts:
                self.rows[name] += count
            self._offset += len(block)
            return
        for line in block.split(b"\n")[:-1]:
            if self.bad is not None:
                return
            self._offset += len(line) + 1
            self._line(line)

    def _line(self, line: bytes) -> None:
        if len(line) > self._longest:
            self.bad = self._too_long()
            return
        name = self._heads.of(line)
        if name is not None:
            self.rows[name] += 1
        elif line.strip():
            self._other(line)

    def _other(self, line: bytes) -> None:
        try:
            found = record_in(line)
            if found is not None:
                self._row(found.stream, found.namespace)
                return
            message = decode_message(readable(line))
        except Unreadable as error:
            self.bad = str(error)
            return
        except ManifestError as error:
            if is_state(line):
                self.bad = f"a state cannot be read: {error}"
            self._logs.append(LogLine("warn", f"a message that cannot be read: {error}"))
            return
        if message is None and is_state(line):
            self.bad = f"a state cannot be read: {why_no_json(line)}"
        elif message is None:
            self._logs.append(LogLine("info", line[:_SHOWN].decode(errors="replace")))
        elif message.state is not None:
            self._state(message.state)
        elif message.log is not None:
            self._logs.append(LogLine(_LEVELS.get(message.log.level.upper(), "debug"), message.log.message))
        else:
            self._report(message)

    def _row(self, stream: str, namespace: str | None) -> None:
        name = self._names(stream, namespace)
        if name is None:
            self.bad = f"a record is of the stream '{stream}', which was not asked for"
        else:
            self.rows[name] += 1

    def _named(self, stream: StreamDescriptor) -> str:
        return self._names(stream.name, stream.namespace) or stream.name

    def _state(self, state: State) -> None:
        if self._kind not in (None, state.type):
            self.bad = f"the source sends states of two kinds, {self._kind} and {state.type}: it cannot go on from both"
            return
        self._kind = state.type
        names = list(self.rows)
        if state.type == "STREAM" and state.stream is not None:
            names = [self._named(state.stream.stream_descriptor)]
        self._compare(state, names)
        if self.bad is not None:
            return
        mark = Mark(state, self._offset)
        if state.type == "STREAM" and state.stream is not None:
            self.stream_marks[names[0]] = mark
        else:
            self.whole_mark = mark
        for name in names:
            self._rows_marked[name] = self.rows.get(name, 0)

    def _compare(self, state: State, names: list[str]) -> None:
        """What the source has counted since its last state, with what has arrived."""
        stats = state.source_stats
        if stats is None or stats.record_count is None:
            return
        arrived = sum(self.rows.get(name, 0) - self._rows_marked.get(name, 0) for name in names)
        if arrived != stats.record_count:
            self.complete.difference_update(names)  # one of them lacks rows, whatever was said of it before
            about = f" of '{state.stream.stream_descriptor.name}'" if state.stream is not None else ""
            self.bad = (
                f"the source says that it emitted {stats.record_count:.0f} records{about} before its state,"
                f" {arrived} arrived"
            )

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
            name = self._named(trace.stream_status.stream_descriptor)
            reached = {"COMPLETE": self.complete, "INCOMPLETE": self.incomplete}
            reached.get(trace.stream_status.status, self.started).add(name)
            if trace.stream_status.status == "COMPLETE":
                self._rows_complete[name] = self.rows.get(name, 0)


class TextTail:
    """New lines of a text file that grows (the connector's stderr)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self.last = ""
        self.more = False  # whether there may be more at once

    def size(self) -> int:
        """How many bytes there are now."""
        return self._path.stat().st_size

    def take(self, until: int, *, ended: bool, skip: bool = False) -> list[str]:
        """Some whole lines before the byte `until`, at most a megabyte of them; with `ended` the unfinished last one too. `skip`: only
        the last few."""
        with self._path.open("rb") as file:
            if skip:
                self._offset = max(self._offset, until - _LAST_WORDS)
            file.seek(self._offset)
            text = file.read(max(0, min(_TEXT, until - self._offset)))
        end = text.rfind(b"\n") + 1
        full = len(text) == _TEXT
        if (full and not end) or (ended and not full):
            end = len(text)
        self._offset += end
        lines = [line for line in text[:end].decode(errors="replace").splitlines() if line.strip()]
        if lines:
            self.last = lines[-1][:_SHOWN]
        self.more = full
        return lines
