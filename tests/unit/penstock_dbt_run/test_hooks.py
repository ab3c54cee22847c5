"""on-run-start and on-run-end are seen, and a failed one fails by name; --fail-fast names what it held back."""

from __future__ import annotations

import pytest

from penstock.integration import LogLine, Outcome, StepEvent
from tests.unit.penstock_dbt_run.bench import Bench
from tests.unit.penstock_dbt_run.shop import PROJECT, write_shop

pytestmark = pytest.mark.slow

ITEMS = ("seed.shop.people", "model.shop.stg_people")
START, END = "operation.shop.shop-on-run-start-0", "operation.shop.shop-on-run-end-0"
BROKEN = 'on-run-start: ["select no_such_column"]\non-run-end: ["select 1"]\n'


def with_hooks(bench: Bench, lines: str) -> Bench:
    write_shop(bench.root, {"dbt_project.yml": PROJECT + lines})
    return bench


def hooks(bench_events: list[StepEvent]) -> dict[str, str]:
    return {
        str(event.item): str(event.facts["outcome"])
        for event in bench_events
        if isinstance(event, LogLine) and "hook" in event.facts
    }


def test_hooks_are_told_by_their_unique_id(shop: Bench) -> None:
    ran = with_hooks(
        shop,
        'on-run-start: ["create table if not exists seen (n int)"]\non-run-end: ["insert into seen values (1)"]\n',
    ).run(*ITEMS)
    assert ran.outcomes == dict.fromkeys(ITEMS, Outcome.SUCCESS) and ran.outcome is Outcome.SUCCESS
    assert hooks(list(ran.events)) == {START: "success", END: "success"}


def test_a_failed_start_hook_that_dbt_builds_in_spite_of(shop: Bench) -> None:
    ran = with_hooks(shop, BROKEN).run(*ITEMS)
    assert ran.outcomes == dict.fromkeys(ITEMS, Outcome.SUCCESS), "what dbt made is made"
    assert ran.outcome is Outcome.ERROR and START in (ran.finished.message or "")
    assert "no_such_column" in (ran.finished.message or "")
    assert hooks(list(ran.events)) == {START: "error", END: "success"}


def test_a_failed_start_hook_that_takes_its_nodes_along(mostly: Bench) -> None:
    ran = with_hooks(mostly, BROKEN + "flags: {skip_nodes_if_on_run_start_fails: true}\n").run(*ITEMS)
    assert ran.outcomes == dict.fromkeys(ITEMS, Outcome.ERROR)
    for item in ITEMS:
        assert START in (ran.end_of(item).message or "") and "no_such_column" in (
            ran.end_of(item).message or ""
        )


def test_a_failed_end_hook(shop: Bench) -> None:
    ran = with_hooks(shop, 'on-run-end: ["select no_such_column"]\n').run(*ITEMS)
    assert ran.outcomes == dict.fromkeys(ITEMS, Outcome.SUCCESS)
    assert ran.outcome is Outcome.ERROR and END in (ran.finished.message or "")


def test_what_fail_fast_held_back_is_skipped_by_name(mostly: Bench) -> None:
    write_shop(
        mostly.root,
        {
            "models/a_broken.sql": "select no_such_column\n",
            "models/b.sql": "select 1 as x\n",
            "models/c.sql": "select * from {{ ref('b') }}\n",
            "models/d.sql": "select * from {{ ref('c') }}\n",
        },
    )
    items = [f"model.shop.{name}" for name in ("a_broken", "b", "c", "d")]
    ran = mostly.run(*items, fail_fast=True, threads=1)
    assert ran.outcomes["model.shop.a_broken"] is Outcome.ERROR
    assert ran.outcomes["model.shop.d"] is Outcome.SKIPPED
    assert "fail_fast" in (ran.end_of("model.shop.d").message or "")
    assert set(ran.outcomes) == set(items)
