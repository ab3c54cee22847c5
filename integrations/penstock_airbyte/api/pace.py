"""How often the server is asked and how long doubt lasts, in seconds. Data; tests and slow servers set their own."""

from __future__ import annotations

import random
from collections.abc import Mapping

import msgspec


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Polls grow from `first` to `slowest`. `doubt`: how long lists of jobs must stay empty before a lost trigger is sent
    again (a job can appear a minute late). `limited`: the pause after 429. `recancel`: when a cancel is repeated."""

    first: float = 2.0
    slowest: float = 30.0
    doubt: float = 120.0
    limited: float = 60.0
    recancel: float = 30.0

    def pause(self, asked: int) -> float:
        """The pause after so many polls, with jitter."""
        return min(self.first * 1.5 ** min(asked, 20), self.slowest) * random.uniform(0.8, 1.2)

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Pace:
        """The usual pace, or the one that PENSTOCK_AIRBYTE_PACE names as JSON (`{"first": 0.1}`), for tests and odd servers."""
        told = environ.get("PENSTOCK_AIRBYTE_PACE")
        return msgspec.json.decode(told, type=cls) if told else cls()
