"""The list of runs, newest first, narrowed by what they touched, when they were made, and by whom or what they were begun."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from penstock.assets import AssetKey
from penstock.errors import UsageError
from penstock.store import Begun, Narrowed, RunRecord, RunState, RunStore

__all__ = ["Narrowed", "begun_in_browser", "counted_runs", "found_runs", "narrowed"]

_IN_BROWSER = ("started by ", " in the browser")
_BY_ITSELF = Begun(keys=("schedule:", "event:"))
_BROWSER = Begun(command=_IN_BROWSER, but=(_BY_ITSELF,))
_TERMINAL = Begun(said=True, but=(_BY_ITSELF, Begun(command=_IN_BROWSER)))
_BY = {"automation": _BY_ITSELF, "terminal": _TERMINAL}
_TRIGGERS = {**_BY, "browser": _BROWSER, "retry": Begun(retry=True)}
_SOME = 400  # below every database's limit of bound parameters
_OPEN = tuple(state.value for state in RunState if not state.ended)


def begun_in_browser(by: str) -> str:
    """The command of such a run."""
    return by.join(_IN_BROWSER)


def narrowed(*, by: str, trigger: str, since: float | None, until: float | None) -> Narrowed:
    """`by`: a person who began runs in the browser, `automation` or `terminal`. `trigger`: one of these two, `browser`, `retry`, or
    `schedule:NAME`. Empty: whatever. Raises UsageError for another trigger."""
    begun = []
    if by:
        begun.append(_BY.get(by) or Begun(command=(begun_in_browser(by),) * 2, but=(_BY_ITSELF,)))
    if trigger:
        kind, _, name = trigger.partition(":")
        schedule = (
            Begun(keys=(f"schedule:{name}@", f"event:{name}@")) if kind == "schedule" and name else None
        )
        found = schedule or _TRIGGERS.get(trigger)
        if found is None:
            words = ", ".join((*_TRIGGERS, "schedule:NAME"))
            raise UsageError(f"no run is begun by '{trigger}'", hint=f"one of: {words}")
        begun.append(found)
    return Narrowed(since=since, until=until, begun=tuple(begun))


def found_runs(
    store: RunStore,
    environment: str,
    wanted: Narrowed,
    *,
    states: tuple[str, ...],
    before: int | None,
    limit: int,
    keys: Iterable[AssetKey] | None,
) -> Iterator[RunRecord]:
    """Those that were to make or to check one of `keys`; None: whatever."""
    left = RunState.INTERRUPTED.value in states  # read, never written
    written = (*states, RunState.RUNNING.value, RunState.STOPPING.value) if left else states

    def kept(runs: Iterable[RunRecord]) -> Iterator[RunRecord]:
        return (run for run in runs if not states or run.state.value in states)

    if keys is not None:
        for numbers in _parts(store, environment, keys, before):
            yield from kept(
                store.runs(
                    limit=None, environment=environment, states=written, wanted=wanted, numbers=numbers
                )
            )
        return
    while some := store.runs(
        limit=limit, environment=environment, states=written, before=before, wanted=wanted
    ):
        yield from kept(some)
        before = some[-1].number


def counted_runs(
    store: RunStore, environment: str, wanted: Narrowed, keys: Iterable[AssetKey] | None
) -> dict[str, int]:
    """How many of them there are, by state."""
    found: Counter[str] = Counter()
    for numbers in _parts(store, environment, keys) if keys is not None else (None,):
        found.update(store.ended_runs(environment, wanted, numbers))
        still = store.runs(limit=None, environment=environment, states=_OPEN, wanted=wanted, numbers=numbers)
        found.update(run.state.value for run in still)
    return dict(sorted(found.items()))


def _parts(
    store: RunStore, environment: str, keys: Iterable[AssetKey], before: int | None = None
) -> Iterator[Sequence[int]]:
    """The numbers of the runs that touched them, some at a time, the newest first."""
    touching = store.runs_touching(environment, keys)
    numbers = sorted((one for one in touching if before is None or one < before), reverse=True)
    return (numbers[first : first + _SOME] for first in range(0, len(numbers), _SOME))
