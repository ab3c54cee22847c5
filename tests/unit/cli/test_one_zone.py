"""Times that the store keeps in UTC are shown in the zone of whoever looks."""

from __future__ import annotations

import time

import pytest

from penstock.cli.times import clock, local


@pytest.mark.parametrize("zone", ["America/New_York", "UTC", "Asia/Kolkata"])
def test_a_reason_names_times_as_the_line_around_it_does(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        whole, part = 1_700_000_000.0, 1_700_000_000.25
        assert local("coalesced into 2023-11-14T22:13:20Z") == f"coalesced into {clock(whole)}"
        assert local("the run of 2023-11-14T22:13:20.250000Z still goes on") == (
            f"the run of {clock(part)} still goes on"
        )
        assert local("made 3 of 4") == "made 3 of 4"
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    "words",
    [
        "invalid timestamp 0000-00-00T00:00:00Z",
        "load 2026-02-30 25:61 UTC",
        "made on 2026-11-28",
    ],
)
def test_what_is_no_time_stays_as_it_is(words: str) -> None:
    assert local(words) == words
