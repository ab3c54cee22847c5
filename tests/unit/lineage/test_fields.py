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
from penstock.lineage.project.column_graph import ColumnGraph
from penstock.service.columnrecords import Columns, Coverage
from penstock.service.follow import UnknownField, find_place


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
