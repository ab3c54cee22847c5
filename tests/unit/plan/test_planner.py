"""The planner: decisions, reasons, and what waits for what, on small graphs written down as observations."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from penstock.assets import (
    AssetKey,
    AssetKind,
    DeclaredAs,
    Hold,
    Observation,
    ObservedAsset,
    ObservedCheck,
    ObservedProducer,
    Relation,
    Role,
)
from penstock.change import Judged, Verdict
from penstock.graph import AssetGraph
from penstock.plan import Decision, LastMade, Plan, Request, make_plan
from penstock.run.gating import Gates


def relation(schema: str, name: str) -> Relation:
    return Relation("duckdb:w.duckdb", "duckdb", "w", schema, name)


def model(name: str, *upstream: str, kind: AssetKind = AssetKind.TABLE) -> ObservedAsset:
    built = kind in (AssetKind.TABLE, AssetKind.VIEW)
    return ObservedAsset(
        id=f"model.p.{name}",
        kind=kind,
        name=name,
        resource_type="model",
        relation=relation("main", name) if built else None,
        upstream=upstream,
        role=Role.PRODUCES if built else Role.DECLARES,
        producer=f"model.p.{name}" if built else None,
        fqn=("p", name),
    )


def check(name: str, *assets: str, before: bool = False) -> ObservedCheck:
    kind = "unit_test" if before else "data_test"
    return ObservedCheck(
        id=f"test.p.{name}", kind=kind, name=name, assets=assets, before=before, batch="dbt:t"
    )


def project(*assets: ObservedAsset, checks: tuple[ObservedCheck, ...] = ()) -> Observation:
    producers = tuple(
        ObservedProducer(id=a.producer, kind="model", batch="dbt:t", holds=(Hold("w"),))
        for a in assets
        if a.producer
    )
    return Observation(
        integration="dbt", instance="t", taken_at=0, assets=assets, checks=checks, producers=producers
    )


def sync(*tables: str) -> Observation:
    streams = tuple(
        ObservedAsset(id=f"shop/{t}", kind=AssetKind.STREAM, name=t, resource_type="stream") for t in tables
    )
    made = tuple(
        ObservedAsset(
            id=f"table.{t}",
            kind=AssetKind.TABLE,
            name=t,
            resource_type="table",
            relation=relation("raw", t),
            upstream=(f"shop/{t}",),
            role=Role.PRODUCES,
            producer="shop",
        )
        for t in tables
    )
    producer = ObservedProducer(id="shop", kind="sync", holds=(Hold("c"), Hold("w", "commit")))
    return Observation(
        integration="airbyte", instance="i", taken_at=0, assets=(*streams, *made), producers=(producer,)
    )


def source(name: str) -> ObservedAsset:
    return ObservedAsset(
        id=f"source.p.raw.{name}",
        kind=AssetKind.TABLE,
        name=name,
        resource_type="source",
        declared_as=DeclaredAs("source", "p", "raw", name),
        relation=relation("raw", name),
    )


def planned(graph: AssetGraph, *, history: dict[str, LastMade] | None = None, **asked: object) -> Plan:
    names = {graph.names.shown(key): key for key in graph.assets}
    request = Request(environment="dev", checks=frozenset(graph.checks), **asked)  # type: ignore[arg-type]  # test data
    return make_plan(graph, request, {names[name]: made for name, made in (history or {}).items()})


def waits(plan: Plan) -> dict[str, set[str]]:
    names = {item.key: item.name for item in plan.items}
    return {
        item.name: {names[key] for key in item.depends_on}
        for item in plan.items
        if item.decision is Decision.BUILD
    }


def reasons(plan: Plan) -> dict[str, tuple[str, str]]:
    return {item.name: (item.decision.value, item.reason) for item in plan.items}


def test_every_asset_has_a_decision_and_a_reason() -> None:
    graph = AssetGraph.of(
        [
            project(
                source("users"),
                source("other"),
                model("stg", "source.p.raw.users"),
                model("eph", "model.p.stg", kind=AssetKind.EPHEMERAL),
                model("mart", "model.p.eph", "source.p.raw.other"),
                ObservedAsset(
                    id="exposure.p.dash",
                    kind=AssetKind.EXPOSURE,
                    name="dash",
                    resource_type="exposure",
                    upstream=("model.p.mart",),
                ),
            ),
            sync("users"),
        ]
    )
    plan = planned(
        graph, history={"stg": LastMade(True, "at 14:02", "7"), "mart": LastMade(False, "at 14:03", "7")}
    )
    assert reasons(plan) == {
        "shop/users": ("skip", "a stream: read by its sync, not made here"),
        "users": ("build", "first build in dev"),
        "other": ("skip", "loaded outside penstock: nothing here makes it"),
        "stg": ("build", "asked for: everything; last made at 14:02 (run 7)"),
        "eph": ("skip", "ephemeral: part of the SQL of mart"),
        "mart": ("build", "last attempt failed at 14:03 (run 7)"),
        "dash": ("skip", "an exposure: shown, never built"),
    }
    assert waits(plan) == {"users": set(), "stg": {"users"}, "mart": {"stg"}}
    assert plan.notes == ("t: dbt starts once for 2 nodes, after i/shop",)


def test_one_table_of_a_sync_brings_the_others() -> None:
    graph = AssetGraph.of([sync("users", "orders")])
    plan = planned(graph, assets=frozenset({graph.find("raw.users").key}))
    assert reasons(plan)["orders"] == ("build", "made by the same sync as users")
    assert {item.unit for item in plan.to_build()} == {"airbyte/i:shop"}


def test_order_holds_through_what_is_not_selected() -> None:
    graph = AssetGraph.of([project(model("a"), model("b", "model.p.a"), model("c", "model.p.b"))])
    picked = frozenset({graph.find("a").key, graph.find("c").key})
    plan = planned(graph, assets=picked)
    assert waits(plan) == {"a": set(), "c": {"a"}}
    assert reasons(plan)["b"] == ("skip", "not selected")


def test_a_test_gates_what_is_made_from_all_it_tests() -> None:
    graph = AssetGraph.of(
        [
            project(
                source("users"),
                model("a", "source.p.raw.users"),
                model("b"),
                model("only_a", "model.p.a"),
                model("both", "model.p.only_a", "model.p.b"),
                model("below", "model.p.both"),
                checks=(
                    check("a_unique", "model.p.a"),
                    check("a_in_b", "model.p.a", "model.p.b"),
                    check("raw_not_null", "source.p.raw.users"),
                    check("unit", "model.p.only_a", before=True),
                ),
            ),
            sync("users"),
        ]
    )
    assert waits(planned(graph)) == {
        "users": set(),
        "a": {"users", "raw_not_null"},
        "b": set(),
        "a_unique": {"a"},
        "a_in_b": {"a", "b"},
        "raw_not_null": {"users"},
        "unit": {"a", "a_unique"},
        "only_a": {"a", "a_unique", "unit"},
        "both": {"only_a", "b", "a_in_b"},
        "below": {"both"},
    }


def test_gates_reach_through_ephemeral_models() -> None:
    graph = AssetGraph.of(
        [
            project(
                model("a"),
                model("eph", "model.p.a", kind=AssetKind.EPHEMERAL),
                model("c", "model.p.eph"),
                checks=(check("a_unique", "model.p.a"),),
            )
        ]
    )
    assert waits(planned(graph))["c"] == {"a", "a_unique"}


def test_a_test_of_an_ephemeral_model_waits_for_what_holds_that_model_back() -> None:
    """dbt skips the ephemeral model after a failed test above it, and with it each test that it is part of."""
    graph = AssetGraph.of(
        [
            project(
                model("a"),
                model("b"),
                model("eph", "model.p.a", kind=AssetKind.EPHEMERAL),
                model("deeper", "model.p.eph", kind=AssetKind.EPHEMERAL),
                checks=(
                    check("a_unique", "model.p.a"),
                    check("both", "model.p.deeper", "model.p.b"),
                    check("a_again", "model.p.a", "model.p.b"),
                ),
            )
        ]
    )
    assert waits(planned(graph))["both"] == {"a", "a_unique", "b"}
    assert waits(planned(graph))["a_again"] == {"a", "b"}


def test_what_cannot_be_run_from_here_is_skipped_with_its_reason() -> None:
    observation = Observation(
        integration="dbt",
        instance="t",
        taken_at=0,
        assets=(model("a"),),
        producers=(
            ObservedProducer(id="model.p.a", kind="model", batch="dbt:t", unrunnable="artefacts only"),
        ),
        checks=(check("a_unique", "model.p.a"),),
    )
    plan = planned(AssetGraph.of([observation]))
    assert reasons(plan) == {"a": ("skip", "artefacts only"), "a_unique": ("skip", "artefacts only")}
    assert AssetKey("dbt:t", "test.p.a_unique") in {item.key for item in plan.items}


def apart(plan: Plan) -> dict[str, set[str]]:
    names = {item.key: item.name for item in plan.items}
    return {item.name: {names[key] for key in item.apart} for item in plan.items if item.apart}


def test_what_is_read_by_another_name_than_it_is_made_by_is_a_step_before() -> None:
    """A seed that is also a source, as in jaffle-shop: dbt itself sees no order between the two."""
    seed = msgspec.structs.replace(model("users"), relation=relation("raw", "users"))
    graph = AssetGraph.of(
        [
            project(
                seed,
                source("users"),
                model("eph", "source.p.raw.users", kind=AssetKind.EPHEMERAL),
                model("stg", "source.p.raw.users"),
                model("through", "model.p.eph"),
                model("known", "model.p.users"),
                model("mart", "model.p.stg"),
                checks=(
                    check("of_seed", "model.p.users"),
                    check("of_source", "source.p.raw.users"),
                    check("of_mart", "model.p.mart"),
                    check("unit", "model.p.stg", before=True),
                ),
            )
        ]
    )
    plan = planned(graph)
    assert apart(plan) == {
        "stg": {"users", "of_seed"},
        "through": {"users", "of_seed"},
        "known": {"of_source"},
        "of_source": {"users"},
        "unit": {"users", "of_seed"},
    }
    assert "would not keep their order" in plan.notes[0]
    gates = Gates(plan)
    steps = []
    while ready := gates.ready_in("dbt:t"):
        group = gates.with_followers(ready)
        gates.take(group)
        items = [item for unit in group for item in unit.items]
        steps.append({item.name for item in items})
        for item in items:
            gates.ended(item.key, well=True)
    assert steps[0] == {"users", "of_seed"}
    assert "of_source" in steps[1] and {"stg", "mart", "of_mart"} <= steps[1] | steps[2]
    assert gates.open == 0


def test_a_unit_test_without_its_model_waits_for_all_it_needs() -> None:
    graph = AssetGraph.of(
        [project(model("a"), model("b", "model.p.a"), checks=(check("unit", "model.p.b", before=True),))]
    )
    assert apart(planned(graph)) == {}
    alone = planned(graph, assets=frozenset({graph.find("a").key}))
    assert apart(alone) == {"unit": {"a"}}


def test_what_was_made_in_part_is_told_where_a_new_run_may_leave_a_gap() -> None:
    graph = AssetGraph.of([project(model("by_day"))])
    partly = {"by_day": LastMade(False, "at 14:02", "7", partly=True)}
    (_, note) = planned(graph, history=partly).notes
    assert note.startswith("by_day: run 7 made a part of it; penstock retry 7 makes exactly the rest")
    assert len(planned(graph, history=partly, full_refresh=True).notes) == 1
    assert len(planned(graph, history=partly, retry_of="7").notes) == 1


def test_what_reads_an_audited_table_does_not_wait_for_it() -> None:
    graph = AssetGraph.of([project(model("a"), model("b", "model.p.a"), model("c", "model.p.b"))])
    made_before = {key: LastMade(True, "today", "7") for key in graph.assets}
    waited: dict[str, set[str]] = {}

    def judge(key: AssetKey, pending: Collection[AssetKey]) -> Judged:
        waited[key.name] = {one.name for one in pending}
        code = "audit" if key.name.endswith("a") else "code"
        return Judged(reuse=False, code=code, reason=code)

    plan = make_plan(graph, Request(environment="dev"), made_before, judge=judge)
    assert [sorted(found) for _, found in sorted(waited.items())] == [[], [], ["w.main.b"]]
    items = {item.name: item for item in plan.items}
    assert items["a"].decision is Decision.BUILD
    assert [key.name for key in items["b"].depends_on] == ["w.main.a"]


def test_a_check_is_reused_with_its_verdict_and_a_failure_holds_back() -> None:
    seen = project(
        model("a"),
        model("b", "model.p.a"),
        checks=(check("good", "model.p.a"), check("bad", "model.p.a"), check("new", "model.p.a")),
    )
    graph = AssetGraph.of([seen])

    def judge(key: AssetKey, pending: Collection[AssetKey]) -> Judged | None:
        if key not in graph.checks:
            return Judged(reuse=graph.assets[key].name == "a", code="told", reason="told")
        outcome = {"good": "success", "bad": "fail"}.get(graph.checks[key].name)
        if outcome is None:
            return None
        return Judged(reuse=True, code="same", reason=f"was {outcome}", verdict=Verdict(outcome))

    made = dict.fromkeys(graph.order, LastMade(True, "at 14:02", "7"))
    request = Request(environment="dev", checks=frozenset(graph.checks))
    plan = make_plan(graph, request, made, judge=judge)
    assert reasons(plan) == {
        "a": ("reuse", "told"),
        "b": ("build", "told"),
        "good": ("reuse", "was success"),
        "bad": ("reuse", "was fail"),
        "new": ("build", "checks a"),
    }
    assert {item.name for item in plan.to_end()} == {"b", "bad", "new"}
    assert waits(plan)["b"] == {"bad", "new"}
