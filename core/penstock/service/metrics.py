"""What Prometheus reads: text in its exposition format, of a bounded number of series. Asset names only where a promise is."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from math import inf

from penstock.service.freshness import freshness
from penstock.service.observe import GraphView
from penstock.service.poolsinuse import pools_in_use
from penstock.service.scheduled import CommandOf
from penstock.service.workspace import Workspace
from penstock.store import DaemonRow, RunStore, TickState

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_RECENT = 86400.0
_BUCKETS = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)
_MOST = 1000  # series of one name


class Exposition:
    """Grows line by line; a name's HELP and TYPE come once, before its samples."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._counts: Counter[str] = Counter()

    def name(self, name: str, kind: str, about: str) -> None:
        self._lines += [f"# HELP penstock_{name} {about}", f"# TYPE penstock_{name} {kind}"]

    def sample(self, name: str, value: float, **labels: str) -> None:
        self._counts[name] += 1
        if self._counts[name] > _MOST:
            return
        shown = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        self._lines.append(
            f"penstock_{name}{{{shown}}} {_number(value)}" if shown else f"penstock_{name} {_number(value)}"
        )

    def all(self, name: str, kind: str, about: str, values: Mapping[str, float], label: str) -> None:
        self.name(name, kind, about)
        for key, value in sorted(values.items()):
            self.sample(name, value, **{label: key})

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    if value in (inf, -inf):
        return "+Inf" if value > 0 else "-Inf"
    return repr(round(value, 6)) if value != int(value) else str(int(value))


def exposition(workspace: Workspace, seen: GraphView, store: RunStore | None, command_of: CommandOf) -> str:
    """What is counted is counted in a window (a day, the newest runs), and goes down too: such numbers are gauges."""
    out = Exposition()
    out.name("build_info", "gauge", "The version that serves this.")
    out.sample("build_info", 1, version=version("penstock"))
    if store is not None:
        environment = workspace.project.environment
        _automation(out, store, environment)
        _runs(out, store, environment)
        _pools(out, workspace, store)
        _steps(out, store, environment)
        _alerts(out, store, environment)
    _ages(out, workspace, seen, command_of)
    return out.text()


def _automation(out: Exposition, store: RunStore, environment: str) -> None:
    kept = store.automation(environment)
    daemons = kept.daemons()
    newest = max((one.seen_at for one in daemons), default=None)
    _took(out, daemons)
    out.name(
        "daemon_last_loop_timestamp_seconds",
        "gauge",
        "When a daemon was last heard of; absent when there is none.",
    )
    if newest is not None:
        out.sample("daemon_last_loop_timestamp_seconds", newest)
    states = Counter(tick.state.value for tick in kept.ticks(limit=1000) if tick.at > time.time() - _RECENT)
    out.all("ticks_day", "gauge", "Ticks of the last day by what became of them.",
            {state.value: states[state.value] for state in TickState}, "state")  # fmt: skip
    held = Counter(row.code for row in store.decisions(environment).latest().values())
    out.all(
        "assets_standing", "gauge", "How automation sees the assets, by the code of its reason.", held, "code"
    )


def _took(out: Exposition, daemons: Sequence[DaemonRow]) -> None:
    """The slowest of the daemons: their names are no labels, for each start has another."""
    for name, about, values in (
        ("decision_duration_seconds", "How long the last decision took.", [d.took.decision for d in daemons]),
        (
            "store_write_seconds",
            "How long the last commit of a daemon took.",
            [d.took.write for d in daemons],
        ),
    ):
        out.name(name, "gauge", about)
        if known := [value for value in values if value is not None]:
            out.sample(name, max(known))


def _runs(out: Exposition, store: RunStore, environment: str) -> None:
    runs = store.runs(limit=1000, environment=environment)
    out.name("runs_active", "gauge", "Runs that have not ended.")
    out.sample("runs_active", sum(not run.state.ended for run in runs))
    out.name(
        "runs_total",
        "counter",
        "Runs of all environments that were ever begun; how the newest came out is in runs_recent.",
    )
    # Of all environments: they share one row of numbers, and of one alone it would jump by the runs of others.
    out.sample("runs_total", max((run.number for run in store.runs(limit=1)), default=0))
    out.name(
        "runs_recent",
        "gauge",
        "Of the newest 1000 runs those that have ended, by outcome and by what started them.",
    )
    ended = Counter(
        (
            run.state.value,
            "automation" if (run.key or "").startswith(("schedule:", "event:")) else "person",
        )
        for run in runs
        if run.state.ended
    )
    for (outcome, trigger), number in sorted(ended.items()):
        out.sample("runs_recent", number, outcome=outcome, trigger=trigger)


def _pools(out: Exposition, workspace: Workspace, store: RunStore) -> None:
    runs = store.runs(limit=100, environment=workspace.project.environment)
    found = pools_in_use(workspace, store, runs)
    out.all("steps_queued", "gauge", "Steps that wait, by each pool that they need.",
            {**dict.fromkeys(found.slots, 0), **found.queued}, "pool")  # fmt: skip
    out.name("pool_slots", "gauge", "Slots of the pools of a run: all, and those that steps at work hold.")
    for pool, slots in sorted(found.slots.items()):
        out.sample("pool_slots", slots, pool=pool, state="all")
        out.sample("pool_slots", found.used.get(pool, 0), pool=pool, state="used")


def _steps(out: Exposition, store: RunStore, environment: str) -> None:
    items, steps = store.spent_since(environment, time.time() - _RECENT)
    syncs = {(step.run, step.id): step.instance for step in steps if step.kind == "sync"}
    records: Counter[str] = Counter()
    for item in items:
        if (instance := syncs.get((item.run, item.step or ""))) is not None:
            records[f"{instance}/{item.unit.rpartition(':')[2]}"] += item.rows or 0
    about = "Records that the syncs of the last day brought, by connection: a window, without rate()."
    out.all("sync_records_day", "gauge", about, records, "connection")
    taken: dict[str, list[float]] = {}
    for step in steps:
        if step.started_at is not None and step.ended_at is not None:
            taken.setdefault(step.kind, []).append(step.ended_at - step.started_at)
    out.name(
        "step_duration_seconds",
        "histogram",
        "How long the steps of the last day took, by kind: a window, without rate().",
    )
    for kind, seconds in sorted(taken.items()):
        for bound in (*_BUCKETS, inf):
            number = sum(one <= bound for one in seconds)
            out.sample("step_duration_seconds_bucket", number, kind=kind, le=_number(bound))
        out.sample("step_duration_seconds_sum", sum(seconds), kind=kind)
        out.sample("step_duration_seconds_count", len(seconds), kind=kind)


def _alerts(out: Exposition, store: RunStore, environment: str) -> None:
    kept = store.alerts(environment)
    severities = Counter(one.told.severity for one in kept.incidents(limit=1000, open_only=True))
    out.all("incidents_open", "gauge", "Open incidents by severity.",
            {name: severities[name] for name in ("info", "warn", "page")}, "severity")  # fmt: skip
    out.all("outbox_pending", "gauge", "Messages that are not sent yet, by channel.",
            Counter(letter.channel for letter in kept.waiting()), "channel")  # fmt: skip


def _ages(out: Exposition, workspace: Workspace, seen: GraphView, command_of: CommandOf) -> None:
    """Only of assets with a promise: their number is bounded by what people wrote."""
    promised = freshness(workspace, seen, command_of)
    out.name("asset_age_seconds", "gauge", "How old the data of a promised asset is.")
    _each(out, "asset_age_seconds", ((one.name, one.age) for one in promised))
    out.name("asset_age_limit_seconds", "gauge", "How old it may be.")
    _each(out, "asset_age_limit_seconds", ((one.name, one.fresh.fail or one.fresh.warn) for one in promised))


def _each(out: Exposition, name: str, values: Iterable[tuple[str, float | None]]) -> None:
    for asset, value in values:
        if value is not None:
            out.sample(name, value, asset=asset)
