"""How a blocking query is stopped from another thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from penstock.errors import PenstockError


class QueryCancelled(PenstockError):
    """The query was stopped because somebody wanted it; nothing of its result is known."""

    def __init__(self) -> None:
        super().__init__("the query was cancelled")


class Cancellation:
    """Somebody's wish to stop queries. Thread-safe; once wanted, always wanted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wanted = False
        self._interrupts: list[Callable[[], object]] = []

    @property
    def wanted(self) -> bool:
        return self._wanted

    def cancel(self) -> None:
        """Stop what runs under it, and whatever begins later."""
        with self._lock:
            self._wanted = True
            interrupts = list(self._interrupts)
        for interrupt in interrupts:
            interrupt()

    @contextmanager
    def interrupting(self, interrupt: Callable[[], object]) -> Iterator[None]:
        """While inside, `cancel` calls `interrupt`, from its own thread. Raises QueryCancelled when it is wanted already."""
        with self._lock:
            if self._wanted:
                raise QueryCancelled
            self._interrupts.append(interrupt)
        try:
            yield
        finally:
            with self._lock:
                self._interrupts.remove(interrupt)
