"""Random plans, random outcomes, random stops: whatever happens, order holds, every item ends, and the store is sound."""

from __future__ import annotations

import asyncio
import tempfile
from collections import defaultdict
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penstock.assets import Hold, Severity
from penstock.integration import ItemKind, Outcome
from penstock.plan import Plan, PlanItem
from penstock.run import RunPolicy, RunResult, StepPolicy, StopMode
from penstock.run.states import TRANSITIONS
from penstock.store import EventRecord, ItemState, RunState, RunStore, open_store
from penstock.store.payloads import AttemptIntended, StepFormed
from tests.tools.engine import Engine
from tests.tools.scripted import Script, World, asset, check, inner_depends, plan

WELL = (ItemState.SUCCESS, ItemState.WARN, ItemState.NO_OP)
OUTCOMES = [Outcome.SUCCESS] * 6 + [Outcome.WARN, Outcome.NO_OP, Outcome.ERROR, Outcome.FAIL, Outcome.PARTIAL]


@st.composite
def plans(draw: st.DrawFn) -> tuple[Plan, World]:
    items: list[PlanItem] = []
    scripts = {}
    for number in range(draw(st.integers(1, 14))):
        name = f"i{number}"
        needs = (
            draw(st.lists(st.sampled_from([item.name for item in items]), max_size=3, unique=True))
            if items
            else []
        )
        batch = draw(st.sampled_from([None, "x", "y"]))
        if draw(st.integers(0, 4)) == 0:
            severity = draw(st.sampled_from(list(Severity)))
            items.append(check(name, *needs, batch=batch, severity=severity))
        else:
            holds = draw(
                st.lists(
                    st.sampled_from([Hold("r"), Hold("q"), Hold("r", "commit")]), max_size=2, unique=True
                )
            )
            items.append(asset(name, *needs, batch=batch, holds=tuple(holds)))
        outcomes = draw(st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=2))
        slow = draw(st.sampled_from([0.0, 0.0, 0.001, 0.004]))
        scripts[name] = Script(outcomes, seconds=slow, silent=draw(st.integers(0, 6)) == 0)
    world = World(scripts=scripts, depends=inner_depends(items), remote=draw(st.booleans()))
    world.retryable = draw(st.booleans())
    world.commit_phase = "commit"
    return plan(*items, fail_fast=draw(st.integers(0, 5)) == 0), world


@st.composite
def policies(draw: st.DrawFn) -> RunPolicy:
    step = StepPolicy(attempts=draw(st.integers(1, 2)), delay=0.001)
    return RunPolicy(
        step=step,
        poll_seconds=0.05,
        max_per_batch=draw(st.integers(1, 2)),
        max_steps=draw(st.sampled_from([None, 1, 3])),
    )


stops = st.one_of(st.none(), st.tuples(st.sampled_from(list(StopMode)), st.floats(0, 0.03)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(made=plans(), policy=policies(), stop=stops)
def test_whatever_happens_the_run_ends_in_order_and_the_store_is_sound(
    made: tuple[Plan, World], policy: RunPolicy, stop: tuple[StopMode, float] | None
) -> None:
    whole, world = made
    with tempfile.TemporaryDirectory(dir=_quick_folder()) as folder:
        store = open_store("sqlite:///store.db", root=Path(folder))
        try:
            result = asyncio.run(_run(Engine(store, Path(folder)), whole, world, policy, stop))
            _judge(store, whole, world, result)
        finally:
            store.close()


def _quick_folder() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


async def _run(
    engine: Engine, whole: Plan, world: World, policy: RunPolicy, stop: tuple[StopMode, float] | None
) -> RunResult:
    coordinator = engine.coordinator(whole, world, policy=policy, pools={"r": 1, "q": 2})
    running = asyncio.ensure_future(coordinator.run())
    if stop is not None:
        await asyncio.sleep(stop[1])
        coordinator.request_stop(stop[0])
    result = await asyncio.wait_for(running, 60)
    if result.state is RunState.DETACHED:
        again = engine.coordinator(whole, world, run=result.run, policy=policy, pools={"r": 1, "q": 2})
        result = await asyncio.wait_for(again.run(), 60)
    return result


def _judge(store: RunStore, whole: Plan, world: World, result: RunResult) -> None:
    assert result.state.ended
    assert all(item.state.ended for item in result.items)
    assert store.check() == []
    stored = {item.key: item.state for item in store.detail(result.run).items}
    assert stored == {item.item.key: item.state for item in result.items}
    events = store.events(result.run)
    _legal(events)
    _gated(whole, events)
    _triggered_once(world)
    with store._database.read() as connection:
        left = connection.exec_driver_sql("SELECT name FROM leases WHERE name NOT LIKE 'run:%'").all()
    assert left == []


def _legal(events: list[EventRecord]) -> None:
    """The written history alone obeys the table."""
    now: dict[tuple[object, ...], str] = defaultdict(lambda: "queued")
    for event in events:
        subject = event.kind.partition(".")[0]
        name = {
            "run": ("run",),
            "step": ("step", event.step),
            "attempt": ("attempt", event.step, event.attempt),
            "item": ("item", event.item),
        }[subject]
        if event.kind in TRANSITIONS and event.kind != "attempt.intent":
            before, after = TRANSITIONS[event.kind]
            state = now.get(name, "pending" if subject == "item" else "queued")
            assert state in [s.value for s in before], event
            assert event.state in [s.value for s in after], event
        if event.state is not None:
            now[name] = event.state
        if event.kind == "attempt.intent":
            assert now["step", event.step] in ("waiting", "running", "retrying")
            now["step", event.step] = "running"


def _gated(whole: Plan, events: list[EventRecord]) -> None:
    """What an attempt was given had all its needs ended well before, or together with it in the same attempt."""
    good: set[str] = set()
    warn = {str(i.key) for i in whole.items if i.kind is ItemKind.CHECK and i.severity is Severity.WARN}
    steps: dict[str, list[str]] = {}
    needs = {str(item.key): {str(need) for need in item.depends_on} for item in whole.items}
    for event in events:
        if isinstance(event.data, StepFormed) and event.step is not None:
            steps[event.step] = list(event.data.items)
        if isinstance(event.data, AttemptIntended) and event.step is not None:
            mine = list(event.data.items or ()) or steps[event.step]
            for item in mine:
                assert needs[item] <= good | set(mine), (item, event)
        if event.kind == "item.finished" and event.item is not None:
            if event.state in WELL or (event.state == "fail" and event.item in warn):
                good.add(event.item)
            else:
                assert event.item not in good


def _triggered_once(world: World) -> None:
    assert len(set(world.triggers)) == len(world.triggers)
