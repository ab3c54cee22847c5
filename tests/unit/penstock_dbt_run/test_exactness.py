"""Exactly the planned nodes run, whatever their names; what was asked for and not reported is a failure by name."""

from __future__ import annotations

import pytest

from penstock.integration import ItemStarted, Outcome
from penstock_dbt.selecting import Part, parts
from tests.unit.penstock_dbt_run.bench import Bench, pid_of, tables
from tests.unit.penstock_dbt_run.shop import UNIT_TEST

pytestmark = pytest.mark.slow

SUCCESS, NO_OP = Outcome.SUCCESS, Outcome.NO_OP


def test_a_split_build_makes_exactly_what_each_step_names(mostly: Bench) -> None:
    tests = {node["name"]: uid for uid, node in mostly.manifest()["nodes"].items() if uid.startswith("test.")}
    unique, not_null = tests["unique_stg_people_id"], tests["not_null_stg_people_id"]

    first = mostly.run("seed.shop.people", UNIT_TEST, "model.shop.stg_people", unique, not_null)
    assert first.outcomes == dict.fromkeys(
        ("seed.shop.people", UNIT_TEST, "model.shop.stg_people", unique, not_null), SUCCESS
    )
    assert first.outcome is SUCCESS
    assert first.end_of("seed.shop.people").rows == 3
    assert first.end_of("model.shop.stg_people").rows is None, "dbt-duckdb does not report a model's rows"
    started = [event.item for event in first.events if isinstance(event, ItemStarted)]
    assert sorted(map(str, started)) == sorted(first.outcomes)
    assert tables(mostly.root / "shop.duckdb") == {"people": 3, "stg_people": 3}

    # The file is free between steps (opened above), and the folder `orders/` is not the model `orders`.
    second = mostly.run("model.shop.orders", "snapshot.shop.people_snapshot")
    assert second.outcomes == {"model.shop.orders": SUCCESS, "snapshot.shop.people_snapshot": SUCCESS}
    assert set(tables(mostly.root / "shop.duckdb")) == {"people", "stg_people", "orders", "people_snapshot"}

    # Ephemeral parents are compiled into their child, in this step and in the next one.
    third = mostly.run(
        "model.shop.named", "model.shop.named_again", "model.shop.customers", "exposure.shop.weekly"
    )
    assert third.outcomes == {
        "model.shop.named": NO_OP,
        "model.shop.named_again": NO_OP,
        "model.shop.customers": SUCCESS,
        "exposure.shop.weekly": NO_OP,
    }
    relationships = next(uid for name, uid in tests.items() if name.startswith("relationships_"))
    fourth = mostly.run("model.shop.customers", relationships, tests["no_empty_names"], "model.shop.history")
    assert set(fourth.outcomes.values()) == {SUCCESS}
    assert tables(mostly.root / "shop.duckdb")["customers"] == 3


def test_one_process_serves_all_steps_of_a_run_and_none_is_left(shop: Bench) -> None:
    pids = {pid_of(shop.run("seed.shop.people")), pid_of(shop.run("model.shop.stg_people"))}
    assert len(pids) == 1
    shop.close()
    from tests.unit.penstock_dbt_run.bench import alive

    assert not alive(pids.pop())


def test_a_unit_test_without_its_model(mostly: Bench) -> None:
    """`dbt build` leaves it out; alone, or beside other nodes, it runs all the same, and its model is not built."""
    both = mostly.run(UNIT_TEST, "seed.shop.people")
    assert both.outcomes == {UNIT_TEST: SUCCESS, "seed.shop.people": SUCCESS} and both.outcome is SUCCESS
    alone = mostly.run(UNIT_TEST, full_refresh=True)
    assert alone.outcomes == {UNIT_TEST: SUCCESS} and alone.outcome is SUCCESS
    assert set(tables(mostly.root / "shop.duckdb")) == {"people"}


def test_what_dbt_does_not_know_is_a_failure_by_name(mostly: Bench) -> None:
    ran = mostly.run("model.shop.gone")
    assert ran.outcomes == {"model.shop.gone": Outcome.ERROR}
    assert "reported nothing for model.shop.gone" in (ran.end_of("model.shop.gone").message or "")
    assert ran.outcome is Outcome.ERROR
    both = mostly.run("seed.shop.people", "model.shop.gone")
    assert both.outcomes == {"seed.shop.people": SUCCESS, "model.shop.gone": Outcome.ERROR}


def test_which_unit_tests_need_an_invocation_of_their_own() -> None:
    plain, versioned = "unit_test.p.orders.adds_up", "unit_test.p.orders.adds_up_v2"
    assert parts([plain, "model.p.orders"]) == (Part("build", (plain, "model.p.orders")),)
    assert parts([versioned, "model.p.orders.v2"]) == (Part("build", (versioned, "model.p.orders.v2")),)
    assert parts([versioned, "model.p.orders.v1"]) == (
        Part("build", ("model.p.orders.v1",)),
        Part("test", (versioned,)),
    )
    assert parts([plain]) == (Part("test", (plain,)),)
    assert parts(["model.p.a", plain, "test.p.t"]) == (
        Part("build", ("model.p.a", "test.p.t")),
        Part("test", (plain,)),
    )
