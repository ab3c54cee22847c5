"""How often a job is asked for, in seconds. Data; tests and slow services set their own."""

from __future__ import annotations

import random
from collections.abc import Mapping

import msgspec


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Polls grow from `first` to `slowest`. `limited`: the pause after "too many calls". `recancel`: when a cancel is repeated.
    `doubt`: so long a trigger whose answer was lost may still be on its way."""

    first: float = 2.0
    slowest: float = 30.0
    limited: float = 30.0
    recancel: float = 30.0
    doubt: float = 60.0

    def pause(self, asked: int) -> float:
        """The pause after so many polls, with jitter."""
        return min(self.first * 1.5 ** min(asked, 20), self.slowest) * random.uniform(0.8, 1.2)

    @classmethod
    def of(cls, environ: Mapping[str, str], name: str, usual: Pace | None = None) -> Pace:
        """The usual pace, or the one that the variable `name` gives as JSON (`{"first": 0.1}`)."""
        told = environ.get(name)
        return msgspec.json.decode(told, type=cls) if told else usual or cls()
