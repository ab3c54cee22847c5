"""Frees trees of SQL where the process collects no garbage by itself."""

from __future__ import annotations

import gc
from collections.abc import Callable


def frees_trees() -> Callable[[int], None]:
    """Told the letters of SQL whose trees were left, frees those of each few hundred thousand: they are cycles, and where the
    process has turned garbage collection off nothing else would. Where it is on, this does nothing."""
    since = 0

    def tidy(letters: int) -> None:
        nonlocal since
        since += letters
        if since >= _LETTERS and not gc.isenabled():
            since = 0
            gc.collect(0)

    return tidy


_LETTERS = 300_000
