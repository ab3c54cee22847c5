"""Units, groups and circles, without a store or a clock."""

from __future__ import annotations

import time

import pytest

from penstock.errors import PenstockError
from penstock.plan import PlanItem
from penstock.run.forming import StepForms, slug, step_folder, without
from penstock.run.gating import Gates, Unit
from tests.tools.scripted import asset, key, plan


def names(units: list[Unit]) -> list[str]:
    return [item.name for unit in units for item in unit.items]


def test_circles_are_named() -> None:
    with pytest.raises(PenstockError, match="wait for each other in a circle: a, b"):
        Gates(plan(asset("a", "b"), asset("b", "a"), asset("c")))


def test_a_unit_of_two_waits_for_what_either_needs() -> None:
    gates = Gates(
        plan(asset("x"), asset("y"), asset("p", "x", unit="sync"), asset("q", "y", "p", unit="sync"))
    )
    gates.ended(key("x"), well=True)
    assert {item.name for item in gates.items.values()} == {"x", "y", "p", "q"}
    assert gates.most_urgent() is not None
    gates.ended(key("y"), well=True)
    unit = gates.most_urgent()
    assert unit is not None
    assert names([unit]) == ["p", "q"]


def test_needs_that_are_not_built_here_are_no_obstacle() -> None:
    gates = Gates(plan(asset("a", "elsewhere")))
    assert names([unit for unit in [gates.most_urgent()] if unit]) == ["a"]


def test_the_longest_chain_of_work_goes_first() -> None:
    items = (asset("short"), asset("long"), asset("after", "long"))
    assert names([unit for unit in [Gates(plan(*items)).most_urgent()] if unit]) == ["long"]
    seconds = {key("short"): 60.0, key("long"): 1.0, key("after"): 1.0}
    assert names([unit for unit in [Gates(plan(*items), seconds).most_urgent()] if unit]) == ["short"]


def test_a_group_takes_along_what_waits_only_for_it() -> None:
    items = (
        asset("a", batch="m"),
        asset("b", "a", batch="m"),
        asset("c", "b", "other", batch="m"),
        asset("d", "b", batch="n"),
        asset("other"),
    )
    gates = Gates(plan(*items))
    group = gates.with_followers(gates.ready_in("m"))
    assert names(group) == ["a", "b"]
    assert names(without(group, {str(key("a"))})) == []
    assert names(without(group, {str(key("b"))})) == ["a"]


def test_doom_goes_down_every_path_once() -> None:
    items = (asset("a"), asset("b", "a"), asset("c", "a", "b"), asset("d", "c"), asset("free"))
    gates = Gates(plan(*items))
    gates.ended(key("a"), well=False)
    assert [item.name for item in gates.doomed(key("a"))] == ["b", "c", "d"]


def test_ten_thousand_units_take_little() -> None:
    items: list[PlanItem] = [asset("i0")]
    items += [asset(f"i{n}", f"i{n // 2}", batch="m" if n % 2 else None) for n in range(1, 10_000)]
    begun = time.process_time()
    gates = Gates(plan(*items))
    for item in items:
        gates.ended(item.key, well=True)
    assert time.process_time() - begun < 2
    assert gates.open == 0


def test_step_ids_can_be_typed_and_never_clash() -> None:
    assert slug("airbyte/ingest:shop") == "airbyte/ingest/shop"
    assert slug("../../etc") == "etc"
    assert step_folder("a/b") != step_folder("a-b")
    assert "/" not in step_folder(slug("../../etc:x"))
    assert len(slug("x" * 300)) == 80
    assert slug("x" * 300) != slug("x" * 301)
    whole = plan(asset("a", unit="u/1"), asset("b", unit="u:1"), asset("c", batch="m"))
    gates, forms = Gates(whole), StepForms(whole)
    ids = [forms.make([gates.unit_of[key(name)]], None).id for name in "ab"]
    assert ids == ["u/1", "u/1/2"]
    assert forms.make([gates.unit_of[key("c")]], "m").id == "m/1"
    forms.take("m/1")
    assert forms.make([gates.unit_of[key("c")]], "m").id == "m/2"
