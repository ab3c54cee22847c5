"""Lengths of time as people write them: `90s`, `10m`, `2h`, `1d`."""

from __future__ import annotations

import re

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
EXAMPLES = "90s, 10m, 2h or 1d"


def seconds_of(text: str) -> float | None:
    """In seconds; None when it is no length of time."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smhd])\s*", text)
    return float(match[1]) * _UNITS[match[2]] if match else None
