"""An answer as bytes, and the newest of them kept: a question costs its work, its encoding and its packing once. Decides no right."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections.abc import Callable, Hashable, Mapping
from enum import Enum

import msgspec

LARGEST = 8_388_608  # bytes of all that is kept
BESIDE = 4_096  # about what a question and the headers of its answer take: a small answer is not for nothing
_WORTH_PACKING = 2_000


class Stands(Enum):
    """How long an answer holds: for this request; while the project looks as it did; while nothing has happened in the store either."""

    ONCE = "once"
    SEEN = "seen"
    HAPPENED = "happened"


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """`body` is packed where the headers say so. The tag is that of the words, packed or not."""

    body: bytes
    headers: Mapping[str, str]
    status: int = 200
    session: str | None = None

    @property
    def etag(self) -> str:
        return self.headers.get("etag", "")


def tag(body: bytes) -> str:
    return f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'


def packed(body: bytes, headers: Mapping[str, str], accepted: bool) -> tuple[bytes, Mapping[str, str]]:
    """For who takes gzip, where it is worth it."""
    if not accepted or len(body) <= _WORTH_PACKING:
        return body, headers
    return gzip.compress(body, 1), {**headers, "content-encoding": "gzip"}


class Answers:
    """The newest, up to so many bytes. A question holds who may see what; of each, the answer of one moment is kept."""

    def __init__(self, largest: int = LARGEST) -> None:
        self._largest = largest
        self._lock = threading.Lock()
        self._kept: dict[Hashable, tuple[Hashable, Sent]] = {}
        self._bytes = 0

    def get(self, question: Hashable, moment: Hashable, make: Callable[[], Sent]) -> Sent:
        with self._lock:
            known = self._kept.get(question)
            if known is not None and known[0] == moment:
                self._kept[question] = self._kept.pop(question)  # the newest again
                return known[1]
        made = make()
        with self._lock:
            self._put(question, moment, made)
        return made

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()
            self._bytes = 0

    def _put(self, question: Hashable, moment: Hashable, made: Sent) -> None:
        before = self._kept.pop(question, None)
        self._bytes -= _size(before[1]) if before else 0
        if _size(made) > self._largest:  # it would drive out all others, and itself
            return
        self._bytes += _size(made)
        self._kept[question] = (moment, made)
        while self._bytes > self._largest:
            self._bytes -= _size(self._kept.pop(next(iter(self._kept)))[1])


def _size(made: Sent) -> int:
    return len(made.body) + BESIDE
