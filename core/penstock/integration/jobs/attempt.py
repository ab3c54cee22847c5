"""What one attempt remembers between processes: that its trigger may have been sent, and the run that came of it. Files only."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from penstock.integration.running import AttemptKey
from penstock.system.files import private_folder, write_private

_MARK, _PREPARED = "trigger.json", "prepared"


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """Written before a trigger is sent. `run` is known once the service has answered; times are epoch
    seconds, 0 where they are not known."""

    run: str | None = None
    first_at: float = 0.0
    last_at: float = 0.0


def token_of(attempt: AttemptKey, identity: str) -> str:
    """What tells this attempt's run from every other: 64 characters.

    `identity` tells two projects apart whose runs have the same number.
    """
    return hashlib.sha256(f"{identity}\0{attempt}".encode()).hexdigest()


def note_prepared(folder: Path) -> None:
    """This folder is where the attempt began. A machine of the same name with another disk has it not."""
    private_folder(folder)
    write_private(folder / _PREPARED, b"")


def was_prepared(folder: Path) -> bool:
    """Whether the attempt began in this folder: only then does a missing mark mean that nothing was sent."""
    return (folder / _PREPARED).exists()


def read_mark(folder: Path) -> Mark | None:
    """None when no trigger of this attempt can have been sent from this folder."""
    try:
        return msgspec.json.decode((folder / _MARK).read_bytes(), type=Mark)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError:
        return Mark()  # damaged: the trigger may have been sent


def write_mark(folder: Path, mark: Mark) -> None:
    """Replace the mark as a whole; it is on disk when this returns."""
    write_private(folder / _MARK, msgspec.json.encode(mark))


def remove_mark(folder: Path) -> None:
    """The service has certainly refused: nothing was started."""
    (folder / _MARK).unlink(missing_ok=True)
