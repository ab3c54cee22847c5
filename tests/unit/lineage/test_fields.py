"""A field below a column: only what reads that field, or the whole column, is downstream of it."""

from __future__ import annotations

import pytest

from penstock.assets import (
    AssetKey,
    AssetKind,
    Column,
    ColumnEdge,
    ColumnRef,
    EdgeSubtype,
    Observation,
    ObservedAsset,
    Relation,
)
from penstock.graph import AssetGraph
from penstock.lineage import column_lineage
from penstock.lineage.project.column_graph import ColumnGraph
from penstock.service.columnrecords import Columns, Coverage
from penstock.service.follow import UnknownField, find_place
from tests.unit.lineage.edges import said


def table(name: str, *columns: Column) -> ObservedAsset:
    relation = Relation("duckdb:shop", "duckdb", "shop", "main", name)
    return ObservedAsset(
        id=name, kind=AssetKind.TABLE, name=name, resource_type="table", relation=relation, columns=columns
    )


GRAPH = AssetGraph.of(
    [
        Observation(
            integration="dbt",
            instance="main",
            taken_at=1.0,
            assets=(
                table(
                    "users", Column("address", "STRUCT(city VARCHAR, zip VARCHAR)"), Column("tags", "JSON")
                ),
                table("towns", Column("city"), Column("code"), Column("whole")),
            ),
        )
    ]
)
USERS, TOWNS = GRAPH.find("users").key, GRAPH.find("towns").key


def edge(path: str, target: str, asset: AssetKey = TOWNS) -> ColumnEdge:
    return ColumnEdge(
        source=ColumnRef(USERS, "address", path),
        target=ColumnRef(asset, target),
        subtype=EdgeSubtype.IDENTITY,
    )


EDGES = ColumnGraph.of([edge("city", "city"), edge("zip.code", "code"), edge("", "whole")])
COLUMNS = Columns(edges=EDGES, findings=(), coverage=Coverage())


@pytest.mark.parametrize(
    ("text", "reached"),
    [
        ("users.address", ["city", "code", "whole"]),
        ("users.address.city", ["city", "whole"]),
        ("users.address.CITY", ["city", "whole"]),
        ("users.address.zip", ["code", "whole"]),
        ("users.address.zip.code", ["code", "whole"]),
    ],
)
def test_a_field_is_followed(text: str, reached: list[str]) -> None:
    place = find_place(GRAPH, COLUMNS, text)
    start = ColumnRef(place.asset, str(place.column), place.path)
    assert sorted(hop.edge.target.column for hop in EDGES.walk(start, upstream=False)) == reached


@pytest.mark.parametrize("text", ["users.address.town", "users.address.city.code", "users.tags.colour"])
def test_a_field_that_nobody_knows_is_an_error(text: str) -> None:
    with pytest.raises(UnknownField, match=text.rpartition("address.")[2].rpartition("tags.")[2]):
        find_place(GRAPH, COLUMNS, text)


_KEYS_BY_CASE = (
    ("postgres", "select jsonb_build_object('x', a, 'X', b) ->> 'x' as q from t", ["q <- t.a"]),
    ("postgres", "select json_build_object('x', a, 'X', b) -> 'X' as q from t", ["q <- t.b"]),
    ("postgres", "select o ->> 'X' as q from (select jsonb_build_object('X', a, 'x', b) as o from t) s", ["q <- t.a"]),
    ("mysql", "select json_value(json_object('x', a, 'X', b), '$.x') as q from t", ["q <- t.a"]),
    ("snowflake", "select object_construct('x', a, 'X', b):x as q from t", ["Q <- T.A"]),
    ("snowflake", "select o['X'] as q from (select {'x': a, 'X': b} as o from t)", ["Q <- T.B"]),
    ("snowflake", "select array_agg(object_construct('x', a, 'X', b))[0]:x as q from t", ["Q <- T.A"]),
    ("snowflake", "select [object_construct('x', a, 'y', b), object_construct('y', c, 'x', d)][0]:x as q from t", ["Q <- T.A", "Q <- T.D"]),
    ("snowflake", "select iff(true, object_construct('x', a, 'X', b), object_construct('X', c, 'x', d)):x as q from t", ["Q <- T.A", "Q <- T.D"]),
    ("duckdb", "select {'x': a, 'y': b}.X as q from t", ["q <- t.a"]),
    ("duckdb", "select struct_insert(a, q := b).q as x, struct_insert(a, q := b).r as y from t", ["x <- t.b", "y <- t.a"]),
    ("duckdb", "select s.q as x, s.p as y from (select struct_insert({'p': a}, q := b) as s from t)", ["x <- t.b", "y <- t.a"]),
    ("clickhouse", "select groupArray((b, c))[1].1 as x, argMax((b, c), d).2 as y from t", ["x <- t.b", "y <- t.c", "y <- t.d"]),
)  # fmt: skip


@pytest.mark.parametrize(("dialect", "sql", "edges"), _KEYS_BY_CASE)
def test_a_field_of_a_value_that_is_put_together_is_what_was_put_there(
    dialect: str, sql: str, edges: list[str]
) -> None:
    assert sorted(said(edge) for edge in column_lineage(sql, dialect=dialect).edges) == edges
