"""Which disk is full, for an error that does not say it."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

_LITTLE = 64 << 10  # bytes: with less, the next file does not fit


def is_full(error: OSError) -> bool:
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def full_places() -> list[str]:
    """The places that commands write to, each of them whose disk has no room."""
    here = Path.cwd()
    asked: list[tuple[str, int | Path]] = [("standard output", 1), (str(here), here)]
    other = Path(tempfile.gettempdir())
    asked.append((str(other), other))
    return [name for name, place in asked if _is_full(place)]


def _is_full(place: int | Path) -> bool:
    try:
        found = os.statvfs(place)
    except OSError:
        return False
    return found.f_blocks > 0 and found.f_bavail * found.f_frsize < _LITTLE
