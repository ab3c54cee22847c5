"""Which data an asset holds: its version, and the range of time that it is filled for. Records only."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class DataVersionKind(StrEnum):
    """What a data version was taken from. Versions of different kinds are never equal."""

    CONTENT = "content"  # a hash of the rows
    TOKEN = "token"  # the warehouse's own change marker
    JOB = "job"  # the job that made it: other data than before, by assumption
    FILE = "file"  # a hash, an etag, or size and time of a file
    DERIVED = "derived"  # computed from the versions of its inputs (a view)
    UNKNOWN = "unknown"  # never equal to anything


class DataVersion(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Which data an asset holds. Two are compared by kind and value; `taken_at` is epoch seconds."""

    kind: DataVersionKind
    value: str
    taken_at: float | None = None


class Window(msgspec.Struct, frozen=True, order=True, gc=False, array_like=True):
    """A half-open range of time [start, end), in epoch seconds UTC, that an asset is filled for."""

    start: float
    end: float
