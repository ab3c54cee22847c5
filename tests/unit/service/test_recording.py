"""What is kept of what a run has made."""

from __future__ import annotations

import pytest

from penstock.change import Verdict
from penstock.run import ItemResult
from penstock.service.recording import verdict_of
from penstock.store import ItemState
from tests.tools.scripted import check


@pytest.mark.parametrize(
    ("state", "message", "kept"),
    [
        (ItemState.SUCCESS, "new data: orders +2 rows", Verdict("success")),
        (ItemState.FAIL, "Got 3 results", Verdict("fail", "Got 3 results")),
        (ItemState.WARN, None, Verdict("warn")),
    ],
)
def test_why_a_check_was_run_is_no_part_of_its_verdict(
    state: ItemState, message: str | None, kept: Verdict
) -> None:
    assert verdict_of(ItemResult(item=check("unique_a"), state=state, message=message)) == kept
