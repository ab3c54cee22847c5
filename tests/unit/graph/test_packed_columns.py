"""Columns of large catalogs stay packed from the warehouse to the file, and mean the same as records."""

from __future__ import annotations

from io import BytesIO

import msgspec

from penstock.assets import AssetKind, Column, Observation, ObservedAsset, Relation, pack_columns
from penstock.graph import AssetGraph
from penstock.integration import CatalogTable, cataloged

PLACE = Relation("postgres://shop", "postgres", "shop", "public", "users")
TABLE = CatalogTable(
    relation=PLACE,
    kind="table",
    columns=(("id", "bigint"), ("name", "text")),
    column_comments={"name": "in full"},
)
COLUMNS = (Column("id", "bigint", cataloged=True), Column("name", "text", "in full", cataloged=True))


def observed(asset: ObservedAsset) -> Observation:
    return Observation(integration="postgres", instance="main", taken_at=1.0, assets=(asset,))


def graph(asset: ObservedAsset) -> AssetGraph:
    return AssetGraph.of([observed(asset)])


def test_a_catalogs_columns_are_packed_without_a_record_for_each() -> None:
    seen = cataloged(TABLE, kind=AssetKind.TABLE)
    assert seen.columns == ()
    assert seen.packed == pack_columns(COLUMNS)
    assert seen.all_columns == COLUMNS


def test_packed_or_not_the_graph_is_the_same() -> None:
    packed = cataloged(TABLE, kind=AssetKind.TABLE)
    plain = msgspec.structs.replace(packed, columns=COLUMNS, packed=b"")
    assert graph(packed).hash == graph(plain).hash
    assert graph(packed).columns(PLACE.key) == graph(plain).columns(PLACE.key) == COLUMNS


def test_a_stored_graph_gives_the_columns_again() -> None:
    file = BytesIO()
    merged = AssetGraph.of([observed(cataloged(TABLE, kind=AssetKind.TABLE))], file)
    stored = AssetGraph.stored(file.getvalue())
    assert stored.hash == merged.hash
    assert stored.columns(PLACE.key) == stored.columns(PLACE.key) == COLUMNS


def test_what_is_written_in_pieces_is_one_array() -> None:
    ids = [f"{number:03}" for number in range(270)]
    assets = tuple(
        ObservedAsset(id=id, kind=AssetKind.TABLE, name=id, resource_type="table", columns=COLUMNS)
        for id in ids
    )
    file = BytesIO()
    merged = AssetGraph.of([Observation(integration="t", instance="t", taken_at=1.0, assets=assets)], file)
    encoded = msgspec.msgpack.encode(tuple(merged.assets.values()))
    assert file.getvalue().startswith(encoded), "equal graphs have one hash, however they are written"
    stored = AssetGraph.stored(file.getvalue())
    assert list(stored.assets) == list(merged.assets)
    assert {stored.columns(key) for key in stored.assets} == {COLUMNS}
