"""Times on the terminal: in the zone of whoever reads them. What is stored is of no zone but UTC."""

from __future__ import annotations

import re
import time
from datetime import datetime

_STORED = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?Z| \d\d:\d\d UTC)")


def local(words: str) -> str:
    """The same with the store's times as `clock` writes them: one line has one zone. For our own sentences; what a tool said stays."""
    return _STORED.sub(lambda found: _local(found[0]), words)


def _local(stored: str) -> str:
    try:
        return clock(datetime.fromisoformat(stored.replace(" UTC", "+00:00")).timestamp())
    except (ValueError, OverflowError):  # 0000-00-00T00:00:00Z, a name with digits: no time of ours
        return stored


def clock(at: float) -> str:
    """A local time; with the date when it is not today."""
    moment = time.localtime(at)
    today = time.localtime()
    same = moment[:3] == today[:3]
    return time.strftime("%H:%M:%S" if same else "%Y-%m-%d %H:%M", moment)
