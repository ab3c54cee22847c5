"""Follows a file that another process appends to, line by line, until that process is gone or the reader has seen enough."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

_PAUSE = 0.02
_LONGEST_PAUSE = 0.2


async def lines(path: Path, living: Callable[[], bool]) -> AsyncGenerator[bytes, None]:
    """Whole lines as they are written. Ends when `living` says no and nothing more has been written since it was asked."""
    rest = b""
    offset = 0
    pause = _PAUSE
    while True:
        alive = living()  # asked before reading: what was written before the end is then read
        chunk = _read_from(path, offset)
        offset += len(chunk)
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line
        if chunk:
            pause = _PAUSE
        elif not alive:
            return
        else:
            await asyncio.sleep(pause)
            pause = min(pause * 1.3, _LONGEST_PAUSE)


def _read_from(path: Path, offset: int) -> bytes:
    try:
        with path.open("rb") as opened:
            opened.seek(offset)
            return opened.read()
    except FileNotFoundError:
        return b""
