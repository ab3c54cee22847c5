"""How a change comes down the graph."""

from __future__ import annotations

import msgspec

from penstock.assets import AssetKey, AssetKind
from penstock.change.comparing import compare
from penstock.change.revision import Level, Member, Revision
from penstock.lineage.project.column_graph import ColumnGraph

A, B = AssetKey("x", "a"), AssetKey("x", "b")


def member(key: AssetKey, sql: str, reads: tuple[AssetKey, ...]) -> Member:
    return Member(
        key=key, name=key.name, kind=AssetKind.TABLE, form="table", dialect="duckdb", columns=("n",), sql=sql, text=sql, reads=reads
    )  # fmt: skip


def version(sql: str) -> Revision:
    """b reads a by its bare name: its tool does not know, and puts it first."""
    members = {B: member(B, "select count(*) as n from a", (A,)), A: member(A, sql, ())}
    return Revision(members=members, tests={}, edges=ColumnGraph.of(()).encode())


def test_what_is_read_unknown_to_its_tool_is_looked_at_first() -> None:
    found = compare(version("select n from t"), version("select n from t where n > 1"))
    assert {one.name for one in found.assets} == {"a", "b"}


def test_a_snapshot_keeps_a_column_that_is_no_longer_given() -> None:
    def kept(*columns: str) -> Revision:
        table = member(A, f"select {', '.join(columns)} from t", ())
        snapshot = msgspec.structs.replace(table, kind=AssetKind.SNAPSHOT, columns=columns)
        return Revision(members={A: snapshot}, tests={}, edges=ColumnGraph.of(()).encode())

    (found,) = compare(kept("n", "x"), kept("n")).assets
    assert (found.level, found.columns) == (Level.DATA, ("x",))
    assert [one.what for one in found.changes if one.what == "removed"] == []
