"""The list of runs of both stores: by what began them, by when, by what they touched, by state; and how many there are."""

from __future__ import annotations

import asyncio

import pytest

from penstock.assets import AssetKey
from penstock.errors import UsageError
from penstock.run import create_run
from penstock.service.listing import begun_in_browser, counted_runs, found_runs, narrowed
from penstock.store import NewEvent, RunRecord, RunStore
from tests.contract.stores import started
from tests.tools.scripted import asset, plan

RUNS = {
    "typed": {"command": "penstock build"},
    "clicked": {"command": begun_in_browser("ada")},
    "shouted": {"command": begun_in_browser("ADA")},
    "nightly": {"command": "build", "key": "schedule:nightly@2026-11-23T06:00:00Z"},
    "other": {"command": "build", "key": "schedule:nightly-too@2026-11-23T06:00:00Z"},
    "woken": {"command": "build", "key": "event:nightly@orders:7"},
    "keyed": {"command": "penstock build", "key": "mine"},
}


def made(store: RunStore) -> dict[str, RunRecord]:
    """One run for each way of beginning one, and a retry; each makes the asset of its name."""
    runs = {
        name: create_run(store, plan(asset(name)), command=words["command"], key=words.get("key"))
        for name, words in RUNS.items()
    }
    runs["again"] = create_run(
        store, plan(asset("again"), retry_of=runs["typed"].id), command="penstock retry"
    )
    return runs


def names(store: RunStore, runs: dict[str, RunRecord], asked: dict[str, str]) -> list[str]:
    wanted = narrowed(**{"by": "", "trigger": "", "since": None, "until": None, **asked})  # type: ignore[arg-type]  # words only
    found = list(found_runs(store, "dev", wanted, states=(), before=None, limit=3, keys=None))
    assert sum(counted_runs(store, "dev", wanted, None).values()) == len(found)
    of = {run.number: name for name, run in runs.items()}
    return [of[run.number] for run in found]


ASKED: tuple[tuple[dict[str, str], list[str]], ...] = (
    ({}, ["again", "keyed", "woken", "other", "nightly", "shouted", "clicked", "typed"]),
    ({"by": "ada"}, ["clicked"]),
    ({"by": "terminal"}, ["again", "keyed", "typed"]),
    ({"by": "automation"}, ["woken", "other", "nightly"]),
    ({"trigger": "schedule:nightly"}, ["woken", "nightly"]),
    ({"trigger": "browser"}, ["shouted", "clicked"]),
    ({"trigger": "retry"}, ["again"]),
    ({"trigger": "retry", "by": "ada"}, []),
    ({"trigger": "browser", "by": "ada"}, ["clicked"]),
)


def test_runs_are_told_by_what_began_them(store: RunStore) -> None:
    runs = made(store)
    for asked, found in ASKED:
        assert names(store, runs, asked) == found, asked


def test_a_trigger_that_is_none_is_refused_with_those_that_are() -> None:
    for wrong in ("cron", "schedule:", "Browser"):
        with pytest.raises(UsageError) as told:
            narrowed(by="", trigger=wrong, since=None, until=None)
        assert "schedule:NAME" in (told.value.hint or "")


def test_runs_are_told_by_when_they_were_made(store: RunStore) -> None:
    runs = made(store)
    middle = runs["nightly"].created_at
    late = narrowed(by="", trigger="", since=middle, until=None)
    early = narrowed(by="", trigger="", since=None, until=middle)
    both = [sum(counted_runs(store, "dev", one, None).values()) for one in (late, early)]
    assert both[0] >= 1 and sum(both) == len(runs)
    found = found_runs(store, "dev", late, states=(), before=None, limit=2, keys=None)
    assert {run.number for run in found} == {run.number for run in runs.values() if run.created_at >= middle}


def test_a_run_that_was_left_is_found_as_interrupted_and_counted_so(store: RunStore) -> None:
    """It is read, never written: in the store it still runs."""
    runs = made(store)

    async def begin(name: str, *events: NewEvent) -> None:
        async with store.session(runs[name]) as session:
            await session.write([started(), *events])

    asyncio.run(begin("typed"))
    asyncio.run(begin("clicked", NewEvent("run.ended", 2.0, "failed")))
    wanted = narrowed(by="", trigger="", since=None, until=None)

    def told(*states: str, keys: frozenset[AssetKey] | None = None) -> list[int]:
        found = found_runs(store, "dev", wanted, states=states, before=None, limit=2, keys=keys)
        return [run.number for run in found]

    left, failed = runs["typed"].number, runs["clicked"].number
    assert told("interrupted") == [left] and told("running", "stopping") == []
    assert told("interrupted", "failed") == [failed, left]
    keys = frozenset({asset("typed").key, asset("nightly").key})
    assert told("interrupted", "failed", keys=keys) == [left]
    assert counted_runs(store, "dev", wanted, None) == {"failed": 1, "interrupted": 1, "queued": 6}
    assert counted_runs(store, "dev", wanted, keys) == {"interrupted": 1, "queued": 1}
    assert counted_runs(store, "prod", wanted, None) == {}
