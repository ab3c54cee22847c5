"""What a dbt process reports, line by line, whichever backend it was called by: the worker writes these, `jsonlog.py` makes them of
dbt's own JSON log. Records and their reading; what they mean for a step is `fold.py`'s."""

from __future__ import annotations

import msgspec

BATCH_FAILED = frozenset(
    {"error", "skipped"}
)  # a batch that succeeded has the adapter's answer as its status


class _Record(msgspec.Struct, frozen=True, kw_only=True, tag_field="e", gc=False):
    at: float


class Begin(_Record, frozen=True, kw_only=True, gc=False, tag="begin"):
    """A command was taken up by the process `pid`."""

    pid: int = 0


class Parsed(_Record, frozen=True, kw_only=True, gc=False, tag="parsed"):
    """The project has been read; from here on it is the invocation itself."""


class Start(_Record, frozen=True, kw_only=True, gc=False, tag="start"):
    """A node (or hook, or one batch of a microbatch model, under the model's id) starts."""

    id: str


class Finish(_Record, frozen=True, kw_only=True, gc=False, tag="finish"):
    """A node ended. `rows` and `bytes` as the adapter says, None when it does not; `cause` is the node behind a skip, where known."""

    id: str
    status: str
    kind: str = ""
    materialized: str | None = None
    text: str | None = None
    cause: str | None = None
    seconds: float | None = None
    failures: int | None = None
    rows: int | None = None
    bytes: int | None = None


class Result(_Record, frozen=True, kw_only=True, gc=False, tag="result"):
    """A node that dbt lists in its results without having fired an event for it."""

    id: str
    status: str
    kind: str = ""
    text: str | None = None
    seconds: float | None = None


class HookEnd(_Record, frozen=True, kw_only=True, gc=False, tag="hook"):
    """An on-run-start or on-run-end operation ended."""

    id: str
    status: str
    seconds: float | None = None


class Batches(_Record, frozen=True, kw_only=True, gc=False, tag="batches"):
    """A microbatch model is about to be made in these ranges of time (ISO 8601). `anew`: the first of them replaces its table."""

    id: str
    ranges: tuple[tuple[str, str], ...]
    anew: bool = False


class Batch(_Record, frozen=True, kw_only=True, gc=False, tag="batch"):
    """One batch of a microbatch model ended; `index` counts from 1, `text` is dbt's name of it."""

    id: str
    index: int
    ok: bool
    text: str = ""


class Nothing(_Record, frozen=True, kw_only=True, gc=False, tag="nothing"):
    """dbt found nothing to do."""


class Log(_Record, frozen=True, kw_only=True, gc=False, tag="log"):
    """A line that dbt logged."""

    level: str
    text: str
    name: str = ""


class End(_Record, frozen=True, kw_only=True, gc=False, tag="end"):
    """The command is over. `text` is the exception that ended it, `name` its class."""

    ok: bool
    name: str | None = None
    text: str | None = None
    cancelled: bool = False


Record = Begin | Parsed | Start | Finish | Result | HookEnd | Batches | Batch | Nothing | Log | End

_DECODER: msgspec.json.Decoder[Record] = msgspec.json.Decoder(Record)


def read_record(line: bytes) -> Record | None:
    """One line of a worker's event file; None for a line that is not one (a torn or foreign line is not an event)."""
    try:
        return _DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
