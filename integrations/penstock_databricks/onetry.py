"""The clock by which Databricks' SDK tries again: of its own, so that each call is one try and nobody waits behind it."""

from __future__ import annotations

import threading

from databricks.sdk.clock import Clock


class OneTry(threading.local, Clock):
    """Per thread. It stands still until the SDK would wait for its next try: then the time for all of them is over."""

    def __init__(self) -> None:
        self._now = 0.0

    def time(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += max(seconds, 3600.0)
