"""What a name or a clock of somebody else does to one line of output: nothing."""

from __future__ import annotations

import time

import pytest

from penstock.cli.eventlines import plain_line
from penstock.cli.output import ago
from penstock.run import RunEvent, RunEventKind
from tests.tools.scripted import asset, plan


@pytest.mark.parametrize("state", ["running", "success"])
def test_a_name_with_a_line_break_stays_on_its_line(state: str) -> None:
    (item,) = plan(asset("new\nline\u202e")).items
    event = RunEvent(kind=RunEventKind.ITEM, at=time.time(), items=(item,), state=state)
    line = plain_line(event)
    assert line is not None and "new\\nline\\u202e" in line and "\n" not in line


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (12, "12 s ago"),
        (90, "1 min ago"),
        (2 * 86400, "2 d ago"),
        (-3, "0 s ago"),
        (-90, "1 min ahead"),
        (-3 * 86400, "3 d ahead"),
    ],
)
def test_a_time_that_lies_ahead_is_not_fresh(seconds: float, words: str) -> None:
    assert ago(seconds) == words
