"""The lines of `penstock up`: what a stranger reads."""

from __future__ import annotations

import re

import pytest

from penstock.cli.up import Shown
from penstock.store import Tick, TickState


@pytest.mark.parametrize(
    ("reason", "does", "shown"),
    [
        ("due", "", ""),
        ("event drops incoming/a b.csv 1795859175887163416 2: due", "", ": event drops incoming/a b.csv"),
        ("event orders 2026-11-28: due", "build", ": event orders 2026-11-28: build"),
        ("due; waits for the run of 09:00", "", ": due; waits for the run of 09:00"),
        ("due", "build orders, customers\n  -x", ": build orders, customers -x"),
        ("due", "build " + "a_name, " * 90, ": build " + "a_name, " * 11 + "a_nam…"),
    ],
)
def test_what_is_due_says_why_and_what_it_does_in_few_words(
    reason: str, does: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tick = Tick(schedule="clients", at=172800.0, state=TickState.WAITING, reason=reason, decided_at=0.0)
    Shown().decided(tick, does)
    found = re.search(r"clients of 1970-01-0\d \d\d:\d\d(.*)\n", capsys.readouterr().out)
    assert found is not None and found[1] == shown
