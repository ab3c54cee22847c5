"""Loading increments into DuckDB equals a small model: per key the newest row, deletes applied, whatever the batches."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penstock.integration import WriteMode
from tests.unit.penstock_duckdb.loading import NOON, Loading, line

FIELDS = {"a": "integer", "b": "string", "version": "integer", "v": "integer", "_ab_cdc_deleted_at": "string"}
Row = dict[str, Any]
Model = dict[tuple[Any, Any], Row]

rows = st.fixed_dictionaries(
    {
        "a": st.sampled_from([1, 2, None]),
        "b": st.sampled_from(["x", "y", None]),
        "version": st.sampled_from([None, 1, 2, 3]),
        "v": st.integers(0, 10**6),
        "_ab_cdc_deleted_at": st.sampled_from([None, None, None, "2026-01-01"]),
        "at": st.sampled_from([NOON, NOON + 1, NOON + 2]),
    }
)


def age(row: Row) -> tuple[bool, int, int]:
    """Orders rows of one key: a missing version is the oldest."""
    return (row["version"] is not None, row["version"] or 0, row["at"])


def merged(model: Model, batch: list[Row]) -> Model:
    newest: Model = {}
    for row in batch:
        key = (row["a"], row["b"])
        if key not in newest or age(row) >= age(newest[key]):
            newest[key] = row
    result = dict(model)
    for key, row in newest.items():
        if key in result and age(result[key]) > age(row):
            continue
        result.pop(key, None)
        if row["_ab_cdc_deleted_at"] is None:
            result[key] = row
    return result


def comparable(rows: Any) -> list[tuple[Any, ...]]:
    return sorted(rows, key=repr)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(batches=st.lists(st.lists(rows, max_size=12), min_size=1, max_size=4))
def test_merging_equals_the_model(batches: list[list[Row]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        loading = Loading(Path(folder))
        table = loading.table(FIELDS, WriteMode.MERGE, primary_key=("a", "b"), cursor="version")
        model: Model = {}
        for batch in batches:
            lines = [line({name: row[name] for name in FIELDS}, at=row["at"]) for row in batch]
            (done,) = loading.load(lines, table)
            model = merged(model, batch)
            assert done.rows_total == len(model)
        found = loading.ask("SELECT a, b, version, v FROM shop.raw.t")
        assert comparable(found) == comparable(
            (row["a"], row["b"], row["version"], row["v"]) for row in model.values()
        )
