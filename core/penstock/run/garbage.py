"""Python's collector while a run goes on. Of interest to nobody else."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def fewer_collections() -> Iterator[None]:
    """A run makes thousands of small records that live to its end: to look through them all again and again for circles
    is a sixth of its CPU."""
    before = gc.get_threshold()
    if before[0]:  # 0: somebody wants none at all
        gc.set_threshold(max(before[0], 50_000), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
