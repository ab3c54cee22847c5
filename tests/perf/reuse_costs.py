"""What reuse costs: planning 10,000 assets of which all facts are recorded, and hashing rows beside making them."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Collection

import duckdb

from penstock.assets import (
    AssetKey,
    AssetKind,
    Observation,
    ObservedAsset,
    ObservedProducer,
    Recipe,
    Relation,
)
from penstock.change import Judged, MadeFrom, Now, Want, judge, output_version, version, wants
from penstock.graph import AssetGraph
from penstock.integration import Content
from penstock.plan.planner import LastMade, Request, make_plan
from penstock_duckdb.contents import content_of

ASSETS, ROWS, _ROUNDS = 10_000, 1_000_000, 3  # what else the machine does only ever adds
_RECIPE = Recipe(form="table", settings="s", template="t")
_BUDGET = 8.0  # per cent of a build
_SOURCE = """
    create table source as
    select i as id, i % 97 as kind, i % 100000 as customer, (i * 7919) % 1000003 as amount, (i % 1000)::decimal(12, 2) as price,
        date '2020-01-01' + (i % 2000)::int as day, timestamp '2020-01-01' + to_seconds(i) as made_at, 'name ' || i as name,
        case when i % 3 = 0 then null else 'city ' || (i % 500) end as city, i % 2 = 0 as active
    from range({rows}) as t(i)
"""
_BUILDS = {
    "copy": "select * from source",
    "casts and filter": "select id, kind::varchar as kind, customer, amount * 2 as amount, price, day, made_at::date as on_day, upper(name) as name, city,"
    " active from source where kind <> 5",
    "join and window": "select one.*, two.price as before, row_number() over (partition by one.customer order by one.id) as position from source as one"
    " join source as two on one.id = two.id + 1",
    "group by": "select customer, kind % 2 as half, count(*) as orders, sum(amount) as amount, max(made_at) as last from source group by all",
}


def _graph(assets: int) -> AssetGraph:
    """A table each, made of two that come before it."""
    observed, producers = [], []
    for at in range(assets):
        place = Relation("duckdb:x", "duckdb", "", "main", f"m{at}")
        above = tuple(f"m{one}" for one in (at // 2, at - 1) if 0 <= one < at)
        observed.append(
            ObservedAsset(
                id=f"m{at}",
                kind=AssetKind.TABLE,
                name=f"m{at}",
                resource_type="model",
                upstream=tuple(dict.fromkeys(above)),
                relation=place,
                producer=f"m{at}",
            )
        )
        producers.append(ObservedProducer(id=f"m{at}", kind="model", recipe=_RECIPE, code_version="1"))
    seen = Observation(
        integration="dbt", instance="t", taken_at=0.0, assets=tuple(observed), producers=tuple(producers)
    )
    return AssetGraph.of([seen])


def _judging(graph: AssetGraph) -> Callable[[AssetKey, Collection[AssetKey]], Judged | None]:
    """Of tables that hold what was recorded of them."""
    content = Content(kind="table", columns=(("id", "BIGINT"),), rows=1, hashes={None: "1"})
    seen = version(content, Want(True), None)
    assert seen is not None
    made = {
        key: MadeFrom(
            recipe=_RECIPE,
            reads=dict.fromkeys(graph.upstream.get(key, ())),
            inputs=dict.fromkeys(graph.upstream.get(key, ()), seen),
            output=output_version(content) or "",
            run=1,
            at=0.0,
        )
        for key in graph.assets
    }

    def judged(key: AssetKey, _pending: Collection[AssetKey]) -> Judged:
        one = made[key]
        needed = wants(graph, _RECIPE.form, one.reads, made)
        inputs = {other: version(content, want, made.get(other)) for other, want in needed.items()}
        names = {other: graph.names.shown(other) for other in needed}
        now = Now(recipe=_RECIPE, output=output_version(content), inputs=inputs, names=names)
        return judge(graph.names.shown(key), now, one)

    return judged


def planner(assets: int = ASSETS) -> None:
    """From the graph and recorded facts to a plan: nothing is read, and nothing compiled."""
    graph = _graph(assets)
    judging = _judging(graph)
    last = LastMade(good=True, when="02:10", run="1")
    history = dict.fromkeys(graph.assets, last)
    request = Request(environment="dev")
    took = []
    for one in (judging, None):
        began = time.process_time()
        plan = make_plan(graph, request, history, judge=one) if one else make_plan(graph, request, history)
        took.append(time.process_time() - began)
        assert len(plan.to_build()) == (0 if one else assets)
    print(
        f"planning {assets:,} assets: {took[0]:.2f} s CPU when all are judged and reused, {took[1]:.2f} s when all are built",
        flush=True,
    )


def _once(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[float, float]:
    began = time.process_time()
    connection.execute(f"create or replace table made as {sql}")
    connection.execute("checkpoint")  # as a step does at its end, when it closes the file
    made = time.process_time()
    content_of(connection, "bench", "main", "made", [None])
    return made - began, time.process_time() - made


def hashing(rows: int = ROWS) -> None:
    """CPU of the hash that is taken of each table beside that of making it, in one process."""
    parts, made_all, hashed_all = [], 0.0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        connection = duckdb.connect(f"{folder}/bench.duckdb")
        connection.execute("set threads = 2; set enable_progress_bar = false")
        connection.execute(_SOURCE.format(rows=rows))
        for name, sql in _BUILDS.items():
            rounds = [_once(connection, sql) for _ in range(_ROUNDS)]
            made, hashed = (min(one[at] for one in rounds) for at in (0, 1))
            made_all, hashed_all = made_all + made, hashed_all + hashed
            parts.append(f"{name} {hashed / made:.1%}")
        connection.close()
    print(
        f"hashing tables of {rows:,} rows costs {hashed_all / made_all:.1%} of making them (budget {_BUDGET:.0f} %), by CPU, in a file:"
        f" {', '.join(parts)}",
        flush=True,
    )
