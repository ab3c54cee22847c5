"""What one attempt remembers between processes: the mark before its trigger and the job that came of it. Files, no network."""

from __future__ import annotations

from pathlib import Path

import msgspec

from penstock.system.files import write_private

_MARK = "trigger.json"


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """Written before a POST: from then on a job may exist. `at` is epoch seconds by our clock, `baseline` the highest job id
    before it. `job` is known once the server has answered."""

    at: float
    baseline: int
    job: int | None = None


def read_mark(folder: Path) -> Mark | None:
    """None when no POST of this attempt can have been sent from this folder."""
    path = folder / _MARK
    try:
        return msgspec.json.decode(path.read_bytes(), type=Mark)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError:
        # The POST follows only after a whole file, but a damaged one does not say which: look the job up.
        return Mark(at=path.stat().st_mtime, baseline=0)


def write_mark(folder: Path, mark: Mark) -> None:
    """Replace the mark as a whole; it is on disk when this returns."""
    write_private(folder / _MARK, msgspec.json.encode(mark))
