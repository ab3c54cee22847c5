"""Plans through the coordinator with a scripted tool: order, gating, groups, outcomes, what is recorded."""

from __future__ import annotations

import asyncio
import itertools
import random

import msgspec
from click.testing import CliRunner

from penstock.assets import DataVersion, DataVersionKind, Hold, Severity
from penstock.cli.executing import print_summary
from penstock.errors import ToolError, UsageError
from penstock.integration import Beside, Made, Outcome, Step
from penstock.plan import Decision
from penstock.run import RunEventKind, RunPolicy, StepPolicy, create_run
from penstock.store import ItemState, RunState
from tests.tools.engine import QUICK, Engine, states
from tests.tools.scripted import Script, World, asset, check, inner_depends, key, plan


def test_a_step_starts_when_what_it_needs_is_done(engine: Engine) -> None:
    world = World(scripts={"users": Script(seconds=0.02), "orders": Script(seconds=0.02)})
    result = engine.run(
        plan(asset("users"), asset("orders", "users"), asset("mart", "orders", "users")), world
    )
    assert result.state is RunState.SUCCEEDED
    assert result.exit_code == 0
    assert world.ended["users"] <= world.begun["orders"]
    assert world.ended["orders"] <= world.begun["mart"]
    assert world.closed == 1


def test_items_of_one_unit_are_one_step(engine: Engine) -> None:
    world = World()
    engine.run(plan(asset("users", unit="sync"), asset("orders", unit="sync")), world)
    assert [[item.id for item in step.items] for step in world.steps] == [["users", "orders"]]


def test_ready_items_of_a_batch_and_what_waits_only_for_them_are_one_step(engine: Engine) -> None:
    items = [
        asset("stg", batch="dbt"),
        asset("mart", "stg", batch="dbt"),
        check("unique_mart", "mart", batch="dbt"),
        asset("late", "mart", "slow", batch="dbt"),
        asset("slow"),
    ]
    world = World(scripts={"slow": Script(seconds=0.1)}, depends=inner_depends(items))
    engine.run(plan(*items), world)
    made = [[item.id for item in step.items] for step in world.steps]
    assert made[0] == ["stg", "mart", "unique_mart"]
    assert made[-1] == ["late"]
    assert sorted(step.id for step in world.steps) == ["dbt/1", "dbt/2", "fake/one/slow"]


def test_one_step_of_a_batch_at_a_time_unless_more_are_allowed(engine: Engine) -> None:
    items = [asset("a", batch="dbt"), asset("b", "gate", batch="dbt"), asset("gate")]
    for limit, ends_after, order in ((1, "gate", ["gate", "a", "b"]), (2, "b", ["gate", "b", "a"])):
        world = ends_last("a", ends_after)
        engine.run(plan(*items), world, policy=RunPolicy(poll_seconds=0.02, max_per_batch=limit))
        assert list(world.ended) == order


def ends_last(item: str, after: str) -> World:
    """A world in which the one ends only when the other has."""
    gate = asyncio.Event()
    world = World(gates={item: gate})
    world.on_end = lambda ended: gate.set() if ended == after else None
    return world


def test_a_dependent_in_another_batch_starts_while_the_step_still_runs(engine: Engine) -> None:
    items = [asset("quick", batch="x"), asset("slow", batch="x"), asset("next", "quick", batch="y")]
    world = ends_last("slow", "next")
    engine.run(plan(*items), world)
    assert list(world.ended) == ["quick", "next", "slow"]


def test_what_stands_below_a_failure_is_skipped_by_the_name_of_the_first_cause(engine: Engine) -> None:
    items = [
        asset("stg_orders"),
        asset("orders", "stg_orders"),
        asset("weekly", "orders"),
        asset("users"),
    ]
    world = World(scripts={"stg_orders": Script((Outcome.ERROR,), message="no such column")})
    result = engine.run(plan(*items), world)
    assert result.state is RunState.FAILED
    assert result.exit_code == 1
    assert states(result) == {
        "stg_orders": ItemState.ERROR,
        "orders": ItemState.SKIPPED,
        "weekly": ItemState.SKIPPED,
        "users": ItemState.SUCCESS,
    }
    assert [(bad.item.name, bad.message, bad.cause) for bad in result.failures] == [
        ("stg_orders", "no such column", None),
        ("orders", "upstream stg_orders failed", "stg_orders"),
        ("weekly", "upstream stg_orders failed", "stg_orders"),
    ]


def test_a_runner_that_skips_without_a_word_gets_our_words(engine: Engine) -> None:
    items = [
        asset("a", batch="dbt"),
        check("unique_a", "a", batch="dbt"),
        asset("b", "a", "unique_a", batch="dbt"),
        asset("c", "b", batch="dbt"),
    ]
    world = World(scripts={"unique_a": Script((Outcome.FAIL,))}, depends=inner_depends(items))
    result = engine.run(plan(*items), world)
    assert [(item.item.name, item.state, item.message) for item in result.items] == [
        ("a", ItemState.SUCCESS, None),
        ("unique_a", ItemState.FAIL, None),
        ("b", ItemState.SKIPPED, "upstream unique_a failed"),
        ("c", ItemState.SKIPPED, "upstream unique_a failed"),
    ]


def test_a_failed_check_that_only_warns_lets_the_rest_go_on(engine: Engine) -> None:
    items = [asset("a"), check("rows_a", "a", severity=Severity.WARN), asset("b", "rows_a")]
    result = engine.run(plan(*items), World(scripts={"rows_a": Script((Outcome.FAIL,))}))
    assert states(result)["b"] is ItemState.SUCCESS
    assert result.state is RunState.SUCCEEDED
    assert result.failures == ()


def test_an_item_that_nothing_was_said_about_is_a_failure_by_name(engine: Engine) -> None:
    items = [asset("a", batch="dbt"), asset("b", batch="dbt"), asset("c", "b")]
    result = engine.run(plan(*items), World(scripts={"b": Script(silent=True)}))
    assert states(result) == {"a": ItemState.SUCCESS, "b": ItemState.ERROR, "c": ItemState.SKIPPED}
    assert result.failures[0].message == "fake ended well but reported nothing about it"


def test_a_tool_that_cannot_start_fails_its_step_with_its_words(engine: Engine) -> None:
    world = World(start_error=ToolError("no route to host", where="ingest"))
    result = engine.run(plan(asset("a"), asset("b", "a")), world)
    assert result.failures[0].message == "ingest: no route to host"
    assert result.failures[1].message == "upstream a failed"


def test_a_defect_of_a_runner_fails_its_step_and_not_the_run(engine: Engine) -> None:
    world = World(start_error=KeyError("oops"))
    result = engine.run(plan(asset("a")), world)
    assert result.failures[0].message == "internal error in fake: KeyError: 'oops'"
    assert result.steps[0].log is not None
    assert "Traceback" in (engine.folder / result.steps[0].log).read_text()


def test_a_retried_step_tries_only_what_has_not_ended_well(engine: Engine) -> None:
    items = [asset("a", batch="dbt"), asset("b", batch="dbt"), asset("c", "b", batch="dbt")]
    world = World(
        scripts={"b": Script((Outcome.ERROR, Outcome.SUCCESS), message="deadlock")},
        depends=inner_depends(items),
    )
    policy = RunPolicy(poll_seconds=0.02, step=StepPolicy(attempts=3, delay=0.01))
    result = engine.run(plan(*items), world, policy=policy)
    assert result.state is RunState.SUCCEEDED
    assert [[item.id for item in step.items] for step in world.steps] == [["b", "a", "c"], ["b", "c"]]
    detail = engine.store.detail(result.run)
    assert [(attempt.attempt, attempt.state.value) for attempt in detail.attempts] == [
        (1, "failed"),
        (2, "succeeded"),
    ]
    assert [made.asset.name for made in engine.store.materializations_in(result.run)] == ["a", "b", "c"]


def test_what_is_left_of_an_item_is_given_to_its_next_try_and_kept(engine: Engine) -> None:
    world = World(
        scripts={
            "a": Script((Outcome.PARTIAL, Outcome.ERROR), remaining="2022"),
            "b": Script((Outcome.ERROR, Outcome.SUCCESS)),
        }
    )
    policy = RunPolicy(poll_seconds=0.02, step=StepPolicy(attempts=2, delay=0.01))
    items = [asset("a", batch="dbt"), asset("b", batch="dbt")]
    result = engine.run(plan(*items), world, policy=policy)
    assert [{item.id: item.remaining for item in step.items} for step in world.steps] == [
        {"a": "", "b": ""},
        {"a": "2022", "b": ""},
    ]
    assert engine.store.remaining(result.run) == {key("a"): "2022"}
    again = World()
    engine.run(plan(msgspec.structs.replace(items[0], remaining="2022")), again)
    assert again.steps[0].items[0].remaining == "2022", "a retry's plan brings it"


def test_retries_end_and_hopeless_errors_are_not_tried_again(engine: Engine) -> None:
    policy = RunPolicy(poll_seconds=0.02, step=StepPolicy(attempts=3, delay=0.01))
    world = World(scripts={"a": Script((Outcome.ERROR,))})
    assert engine.run(plan(asset("a")), world, policy=policy).exit_code == 1
    assert len(world.triggers) == 3
    hopeless = World(scripts={"a": Script((Outcome.ERROR,))}, retryable=False)
    assert engine.run(plan(asset("a")), hopeless, policy=policy).exit_code == 1
    assert len(hopeless.triggers) == 1
    misused = World(start_error=UsageError("bad config"))
    assert engine.run(plan(asset("a")), misused, policy=policy).failures[0].message == "bad config"


def test_a_step_that_fails_beside_its_items_fails_the_run_and_is_not_tried_again(engine: Engine) -> None:
    world = World(fails_beside="a hook failed")
    result = engine.run(
        plan(asset("a")), world, policy=RunPolicy(step=StepPolicy(attempts=3, delay=0.001), poll_seconds=0.02)
    )
    assert states(result) == {"a": ItemState.SUCCESS}, "what was made is made"
    assert result.state is RunState.FAILED and result.exit_code == 1
    assert [(step.id, step.message) for step in result.failed_steps] == [("fake/one/a", "a hook failed")]
    assert len(world.triggers) == 1, "there is nothing that another try could make"


def test_what_failed_beside_the_items_is_told_with_them(engine: Engine) -> None:
    hooks = (Beside("hook", "last", Outcome.ERROR, "no table"), Beside("hook", "after", Outcome.SKIPPED))
    world = World(fails_beside="a hook failed", beside=hooks)
    result = engine.run(plan(asset("a")), world)
    assert (result.beside, result.failed_steps) == (hooks, ()), "told by name, and once"
    runner = CliRunner()
    with runner.isolation() as (out, *_):
        print_summary(result, plan(asset("a")), unchecked=False)
        told = out.getvalue().decode()
    assert "ERROR hook last\n  no table\n" in told and "skipped hook after\n" in told
    assert "1 success, 1 hook error, 1 hook skipped" in told


def test_fail_fast_holds_back_and_names_what_it_held_back(engine: Engine) -> None:
    items = [asset("bad"), asset("slow"), asset("after", "slow")]
    world = World(scripts={"bad": Script((Outcome.ERROR,)), "slow": Script(seconds=0.1)})
    result = engine.run(plan(*items, fail_fast=True), world)
    assert states(result) == {"bad": ItemState.ERROR, "slow": ItemState.SUCCESS, "after": ItemState.SKIPPED}
    assert result.failures[1].message == "not started: bad failed (fail-fast)"


def test_steps_wait_for_the_slots_of_a_resource_and_say_for_whom(engine: Engine) -> None:
    hold = (Hold("duckdb:shop.duckdb"),)
    world = World(scripts={name: Script(seconds=0.05) for name in "abc"})
    result = engine.run(
        plan(*(asset(name, holds=hold) for name in "abc")), world, pools={"duckdb:shop.duckdb": 1}
    )
    spans = sorted((world.begun[name], world.ended[name]) for name in "abc")
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(spans))
    waits = [event for event in engine.events if event.kind is RunEventKind.WAIT]
    assert waits[0].message == "duckdb:shop.duckdb (held by fake/one/a)"
    assert engine.store.detail(result.run).steps[-1].waited["duckdb:shop.duckdb"] > 0.05


def test_a_step_that_holds_only_while_it_commits_blocks_nobody_before(engine: Engine) -> None:
    held = Hold("duckdb:shop.duckdb", "commit")
    items = [asset("sync", holds=(held,)), asset("model", holds=(Hold("duckdb:shop.duckdb"),))]
    world = ends_last("sync", "model")
    world.commit_phase = "commit"
    result = engine.run(plan(*items), world, pools={"duckdb:shop.duckdb": 1})
    assert result.exit_code == 0
    assert list(world.ended) == ["model", "sync"]


def test_what_the_plan_reuses_or_leaves_out_is_recorded_and_not_run(engine: Engine) -> None:
    items = [asset("a", decision=Decision.REUSE), asset("b", decision=Decision.SKIP), asset("c", "a")]
    world = World()
    result = engine.run(plan(*items), world)
    assert states(result) == {"a": ItemState.REUSED, "b": ItemState.LEFT, "c": ItemState.SUCCESS}
    assert [step.items[0].id for step in world.steps] == ["c"]


def test_an_empty_plan_is_a_run_that_succeeded(engine: Engine) -> None:
    result = engine.run(plan(), World())
    assert result.state is RunState.SUCCEEDED
    assert engine.store.find_run().state is RunState.SUCCEEDED


def test_a_materialization_has_what_the_plan_and_the_runner_say(engine: Engine) -> None:
    told = {
        "made": Made(columns=(("id", "INTEGER"),), mode="full"),
        "data_version": DataVersion(DataVersionKind.JOB, "17"),
        "facts": {"run_id": "forged", "adapter": "duckdb"},
    }
    engine.run(plan(asset("a")), World(scripts={"a": Script(rows=7, told=told)}))
    made = engine.store.latest_materializations("dev")[key("a")]
    assert (made.rows, made.columns, made.mode, made.code_version) == (7, (("id", "INTEGER"),), "full", "v-a")
    assert made.data_version is not None
    assert (made.data_version.kind, made.data_version.value) == ("job", "17")
    assert made.relation is not None
    assert str(made.relation) == "shop.main.a"
    assert made.run != "forged"
    assert made.facts == {"run_id": "forged", "adapter": "duckdb"}


def test_log_lines_are_redacted_and_the_last_are_kept(engine: Engine) -> None:
    world = World(start_error=ToolError("password hunter2 refused"))
    run = create_run(engine.store, plan(asset("a"))).id
    coordinator = engine.coordinator(
        plan(asset("a")), world, run=run, redact=lambda text: text.replace("hunter2", "***")
    )
    result = asyncio.run(coordinator.run())
    assert result.steps[0].tail == ("password *** refused",)
    assert result.failures[0].message == "password *** refused"
    stored = engine.store.detail(run)
    assert "hunter2" not in repr(stored) + repr(engine.store.events(run)) + repr(engine.events)
    assert stored.attempts[0].tail == ("password *** refused",)


def test_timeouts_stop_a_step_and_may_be_retried(engine: Engine) -> None:
    world = World(scripts={"a": Script(seconds=5)})
    policy = RunPolicy(poll_seconds=0.02, step=StepPolicy(attempts=2, delay=0.01, total_timeout=0.05))
    result = engine.run(plan(asset("a")), world, policy=policy)
    assert result.failures[0].message == "timed out after 0.05 s"
    assert result.failures[0].state is ItemState.ERROR
    assert [attempt.attempt for attempt in world.cancelled] == [1, 2]
    quiet = RunPolicy(poll_seconds=0.02, step=StepPolicy(heartbeat_timeout=0.05))
    assert engine.run(plan(asset("a")), World(scripts={"a": Script(seconds=5)}), policy=quiet).failures[
        0
    ].message == ("timed out: nothing heard for 0.05 s")


def test_policies_are_refined_from_the_kind_to_the_step() -> None:
    step = Step(id="s", integration="fake", instance="one", kind="model", items=())
    few, more, most = StepPolicy(attempts=2), StepPolicy(attempts=3), StepPolicy(attempts=4)
    assert RunPolicy().of(step).attempts == 1
    assert RunPolicy(steps={"model": few, "fake": more}).of(step) is more
    assert RunPolicy(steps={"s": most, "fake/one": more}).of(step) is most
    assert QUICK.step.pause(3, random.Random(1)) <= 2.0 * 4 * 1.25
