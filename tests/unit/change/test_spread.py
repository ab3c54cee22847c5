"""How far a change of one column reaches: by real SQL, derived, and by what DIRECT edges alone would miss."""

from __future__ import annotations

import pytest

from penstock.assets import (
    AssetKey,
    AssetKind,
    ColumnEdge,
    ColumnRef,
    EdgeSubtype,
    Observation,
    ObservedAsset,
    Relation,
)
from penstock.change.spread import Effect, readers, spread
from penstock.graph import AssetGraph
from penstock.lineage import column_lineage
from penstock.lineage.project.column_graph import ColumnGraph

SPACE = "duckdb:x"
P = ("id", "g", "v", "y")


def reach(sql: str, columns: set[str] | None) -> frozenset[str] | str | None:
    """What a change of these columns of `p` does to `c`, which is made by `sql`: its columns, None for all, "" for nothing."""
    found = column_lineage(
        sql, dialect="duckdb", schema={"main.p": list(P), "main.q": ["x"]}, default_schema="main"
    )
    keys = {name: AssetKey(SPACE, f"main.{name}") for name in ("p", "q", "c")}
    edges = [
        ColumnEdge(source=ColumnRef(keys[edge.relation[-1]], edge.column), target=ColumnRef(keys["c"], edge.output or ""), subtype=edge.subtype)
        for edge in found.edges
        if edge.relation
    ]  # fmt: skip
    parents = tuple({use.parts[-1] for use in found.relations})
    graph = estate({"p": (), "q": (), "c": parents})
    changes = {key_of(graph, "p"): frozenset(columns) if columns is not None else None}
    effect = spread(graph, readers(ColumnGraph.of(edges), [key_of(graph, "c")]), changes).get(
        key_of(graph, "c")
    )
    return "" if effect is None else effect.columns


def estate(upstream: dict[str, tuple[str, ...]]) -> AssetGraph:
    assets = tuple(
        ObservedAsset(
            id=name, kind=AssetKind.TABLE, name=name, resource_type="model", upstream=parents,
            relation=Relation(SPACE, "duckdb", "", "main", name),
        )
        for name, parents in upstream.items()
    )  # fmt: skip
    seen = Observation(integration="dbt", instance="t", taken_at=0.0, assets=assets)
    return AssetGraph.of([seen])


def key_of(graph: AssetGraph, name: str) -> AssetKey:
    return next(key for key, asset in graph.assets.items() if asset.name == name)


@pytest.mark.parametrize(
    ("sql", "column", "reached"),
    [
        ("select id, g, v * 2 as w from p", "v", frozenset({"w"})),
        ("select id, g, v * 2 as w from p", "y", ""),
        ("select count(*) as n from p", "g", ""),
        ("select id from p where g = 'b'", "g", None),
        ("select p.id from p join q on p.g = q.x", "g", None),
        ("select g, count(*) as n from p group by g", "g", None),
        ("select count(*) as n from (select distinct g from p)", "g", None),
        ("select id from p order by v limit 1", "v", None),
        ("select id, row_number() over (order by v) as r from p", "v", frozenset({"r"})),
        ("select id from p qualify row_number() over (order by v) = 1", "v", None),
        ("select x from q where exists (select 1 from p where p.g = q.x)", "g", None),
        ("select x from q where x in (select g from p)", "g", None),
        ("select id, g from p union select id, v from p", "v", None),
        ("select id, g from p union all select id, v from p", "v", frozenset({"g"})),
        ("select id, case when g > 1 then v else 0 end as w from p", "g", frozenset({"w"})),
        ("select x, (select max(v) from p) as top from q", "v", frozenset({"top"})),
        ("with c as (select id, g from p where v > 1) select id from c", "v", None),
        ("with c as (select id, g from p) select id from c", "g", ""),
        ("select * from p", "g", frozenset({"g"})),
    ],
)
def test_one_column(sql: str, column: str, reached: frozenset[str] | str | None) -> None:
    assert reach(sql, {column}) == reached


def test_rows_reach_what_reads_no_column() -> None:
    assert reach("select count(*) as n from p", None) is None


def test_what_is_not_followed_reads_everything() -> None:
    graph = estate({"p": (), "c": ("p",), "d": ("c",)})
    start, middle, end = (key_of(graph, name) for name in ("p", "c", "d"))
    found = spread(graph, {}, {start: frozenset({"Id"})})
    assert found == {start: Effect(frozenset({"id"})), middle: Effect(None, start), end: Effect(None, middle)}


def test_the_way_is_told() -> None:
    graph = estate({"p": (), "c": ("p",)})
    start, end = key_of(graph, "p"), key_of(graph, "c")
    edges = ColumnGraph.of(
        [ColumnEdge(source=ColumnRef(start, "k"), target=ColumnRef(end, ""), subtype=EdgeSubtype.JOIN)]
    )
    assert spread(graph, readers(edges, [end]), {start: frozenset({"k"})})[end] == Effect(
        None, start, "k", EdgeSubtype.JOIN
    )
