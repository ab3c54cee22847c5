"""Runs are laid over hours: each counts where it worked, and fails where it ended."""

from __future__ import annotations

from penstock.service.activity import HOUR, begin, by_hour
from penstock.store import RunRecord, RunState

NOW = 1_000_000 * HOUR + 1_800.0  # half past


def run(begun: float, ended: float | None, state: RunState = RunState.SUCCEEDED) -> RunRecord:
    return RunRecord(
        id="x", number=1, environment="dev", state=state, selection="", command="", graph_hash="",
        created_at=begun, started_at=begun, ended_at=ended,
    )  # fmt: skip


def told(*runs: RunRecord) -> list[tuple[int, float, int]]:
    found = by_hour(runs, begin(NOW, 4), 4, NOW)
    return [(one.runs, one.seconds, one.failed) for one in found]


def test_a_run_over_two_hours_counts_in_both_and_fails_in_the_last() -> None:
    since = begin(NOW, 4)
    assert since == 1_000_000 * HOUR - 3 * HOUR
    failed = run(since + HOUR - 600, since + HOUR + 300, RunState.FAILED)
    assert told(failed) == [(1, 600.0, 0), (1, 300.0, 1), (0, 0.0, 0), (0, 0.0, 0)]


def test_what_began_before_and_what_goes_on() -> None:
    since = begin(NOW, 4)
    before, over = run(since - 100, since + 100), run(since - 100, since - 50)
    assert told(before, over) == [(1, 100.0, 0), (0, 0.0, 0), (0, 0.0, 0), (0, 0.0, 0)]
    assert told(run(NOW - 60, None, RunState.RUNNING))[3] == (1, 60.0, 0)
    assert told(run(NOW - 7_000, None, RunState.INTERRUPTED))[3] == (0, 0.0, 0), (
        "nobody knows how long it worked"
    )
