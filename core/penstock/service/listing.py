"""The list of runs, newest first, narrowed by what they touched and by who began them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from penstock.assets import AssetKey
from penstock.store import RunRecord, RunStore

_IN_BROWSER = re.compile(r"started by (.+) in the browser")
_SOME = 500  # read at once while only some of them are kept


def begun_in_browser(by: str) -> str:
    """The command of such a run."""
    return f"started by {by} in the browser"


def begun_by(run: RunRecord) -> str:
    """The person who began it in the browser, or `automation`, or `terminal`; empty where that is hidden."""
    if (run.key or "").startswith(("schedule:", "event:")):
        return "automation"
    person = _IN_BROWSER.fullmatch(run.command)
    return person[1] if person else "terminal" if run.command else ""


def found_runs(
    store: RunStore,
    environment: str,
    *,
    states: tuple[str, ...],
    before: int | None,
    limit: int,
    keys: Iterable[AssetKey] | None,
    by: str | None,
    shown: Callable[[RunRecord], RunRecord],
) -> Iterator[RunRecord]:
    """Those that were to make or to check one of `keys`, begun `by` somebody, as they may be `shown`; None: whatever."""
    touching = None if keys is None else store.runs_touching(environment, keys)
    at_once = limit if touching is None and by is None else _SOME
    while some := store.runs(limit=at_once, environment=environment, states=states, before=before):
        before = some[-1].number
        for run in map(shown, some):
            if (touching is None or run.number in touching) and (by is None or begun_by(run) == by):
                yield run
