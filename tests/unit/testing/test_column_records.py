"""Column records of a large catalog: equal ones are one, and nothing else is."""

from __future__ import annotations

import pytest

from penstock.assets import Column, Relation
from penstock.integration import CatalogTable, ColumnRecords


def table(*columns: tuple[str, str], **comments: str) -> CatalogTable:
    relation = Relation("duckdb:x", "duckdb", None, "main", "t")
    return CatalogTable(relation=relation, kind="table", columns=columns, column_comments=comments)


def test_equal_columns_of_two_tables_are_one_record() -> None:
    records = ColumnRecords()
    first, second = records.of(table(("id", "bigint"))), records.of(table(("id", "bigint"), ("at", "date")))
    assert first[0] is second[0]
    assert second == (Column("id", "bigint", cataloged=True), Column("at", "date", cataloged=True))


def test_a_comment_or_a_type_makes_another_column() -> None:
    records = ColumnRecords()
    found = [*records.of(table(("id", "bigint"))), *records.of(table(("id", "text")))]
    found += records.of(table(("id", "bigint"), id="the key"))
    assert len(set(map(id, found))) == 3
    assert found[2].description == "the key"


def test_what_is_kept_in_mind_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ColumnRecords, "_AT_MOST", 2)
    records = ColumnRecords()
    names = [str(number) for number in range(5)]
    assert [one.name for one in records.of(table(*((name, "int") for name in names)))] == names
