"""Faults that a test scripts per request: what is answered instead, before or after the server has done the work."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, kw_only=True)
class Fault:
    """Answers `times` requests (None: all) that match `method` and the regular expression `path`, after letting `skip` pass.

    `after`: the work is done first and only its answer replaced (a job made, a 502 returned). `drop` closes the connection
    without an answer. `delay` seconds pass before the answer. `body` is sent as it is; a dict as JSON.
    """

    path: str
    method: str = ""
    status: int = 500
    body: Any = None
    content_type: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    times: int | None = 1
    skip: int = 0
    after: bool = False
    drop: bool = False
    delay: float = 0.0
    only_delay: bool = False
    seconds: float | None = None  # ends by itself so many seconds after it struck first
    struck: float | None = None


class Faults:
    """The faults that are waiting, in the order in which they were added."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def take(self, method: str, path: str, now: float) -> Fault | None:
        """The fault for this request, used up once."""
        with self._lock:
            for fault in list(self._waiting):
                if (
                    fault.seconds is not None
                    and fault.struck is not None
                    and now > fault.struck + fault.seconds
                ):
                    self._waiting.remove(fault)
                    continue
                if (fault.method and fault.method != method) or not re.search(fault.path, path):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.struck = now if fault.struck is None else fault.struck
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._waiting.remove(fault)
                return fault
        return None
