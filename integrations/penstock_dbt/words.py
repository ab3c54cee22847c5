"""dbt's sentences made fit for one message: without its log's indentation, colours and blank lines. Text only."""

from __future__ import annotations

import re

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def clean(text: str) -> str:
    """dbt's message without what it adds for its own log."""
    lines = [line.rstrip() for line in _COLOUR.sub("", text).strip().splitlines()]
    return "\n".join(line for line in lines if line)


def one_line(text: str) -> str:
    return " ".join(clean(text).split())
