"""How an attempt ended, as a file of its folder; and the other records that stand there. Decides nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

from penstock.integration import StepEvent
from penstock.system.files import write_private

T = TypeVar("T")
ENDED = "ended.json"


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """How an attempt ended, as its last events; `busy` when all is ready but the warehouse was held by another process."""

    events: tuple[StepEvent, ...]
    busy: bool = False


def read_ended(folder: Path) -> Ended | None:
    """How the attempt of that folder ended; None while it has not."""
    return read_record(folder / ENDED, Ended)


def write_ended(folder: Path, ended: Ended) -> None:
    write_record(folder / ENDED, ended)


def read_record(path: Path, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None


def write_record(path: Path, value: msgspec.Struct) -> None:
    write_private(path, msgspec.json.encode(value))
