"""No number is changed in silence: what a double does not hold is a DECIMAL, or named among the row's changes."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from penstock.errors import ToolError
from penstock.integration import WriteMode
from tests.unit.penstock_duckdb.loading import NOON, OF_ONE_SPELLING, SPELLED_OTHERWISE, Loading, line

FIELDS = {"id": "integer", "v": "number"}
LONG = "1234567890123456789"


@pytest.fixture
def loading(tmp_path: Path) -> Loading:
    return Loading(tmp_path)


def written(*values: str, first: int = 1) -> list[str]:
    """Rows whose `v` is written just so."""
    return [
        f'{{"type":"RECORD","record":{{"stream":"t","data":{{"id":{number},"v":{value}}},"emitted_at":{NOON}}}}}'
        for number, value in enumerate(values, first)
    ]


def stored(loading: Loading) -> tuple[str, dict[int, Decimal | None], dict[int, list[Any]]]:
    """The column's type, its values, and what is noted."""
    ((kind,),) = loading.ask("SELECT data_type FROM duckdb_columns() WHERE column_name = 'v'")
    rows = loading.ask("SELECT id, CAST(v AS VARCHAR), _airbyte_meta->>'$.changes' FROM shop.raw.t")
    values = {number: None if text is None else Decimal(text) for number, text, _ in rows}
    changes = {
        number: [(change["field"], change["change"]) for change in json.loads(noted)]
        for number, _, noted in rows
        if noted != "[]"
    }
    return kind, values, changes


@pytest.mark.parametrize("mode", [WriteMode.REPLACE, WriteMode.APPEND])
@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (
            ["1", "0.1", "1e-10", "1e30", "1.5e300", "123456.789", "9007199254740992", "0.1234567890123456"],
            "DOUBLE",
        ),
        (["0.5", LONG], "DECIMAL(38,9)"),
        (["9007199254740993"], "DECIMAL(38,9)"),
        (['"123456789012345678.25"', "1e-12"], "DECIMAL(38,12)"),
        (["12345678901234567890123456789012345678"], "DECIMAL(38,0)"),
        (['"1234567890123456789.5"'], "DECIMAL(38,9)"),
    ],
)
def test_a_new_column_holds_every_number(
    values: list[str], kind: str, mode: WriteMode, loading: Loading
) -> None:
    loading.load(written(*values), loading.table(FIELDS, mode))
    expected = {number: Decimal(value.strip('"')) for number, value in enumerate(values, 1)}
    assert stored(loading) == (kind, expected, {})


def test_what_no_decimal_holds_together_is_noted(loading: Loading) -> None:
    lines = written(LONG, "1e300", "1e400", "2.5", '"1e-400"', '"1_0"')
    (done,) = loading.load(lines, loading.table(FIELDS))
    assert (done.rows_read, done.rows_changed) == (6, 4)
    kind, values, changes = stored(loading)
    assert kind == "DOUBLE"
    assert (values[2], values[3], values[4], values[6]) == (Decimal("1e300"), None, Decimal("2.5"), None)
    assert changes == {
        1: [("v", "TRUNCATED")],
        3: [("v", "NULLED")],
        5: [("v", "TRUNCATED")],
        6: [("v", "NULLED")],
    }


def test_an_existing_column_of_doubles_is_left_and_the_change_noted(loading: Loading) -> None:
    table = loading.table(FIELDS, WriteMode.APPEND)
    loading.load(written("0.5"), table)
    loading.load(written(LONG, "0.25", first=2), table)
    kind, values, changes = stored(loading)
    assert kind == "DOUBLE"
    assert (values[1], values[3]) == (Decimal("0.5"), Decimal("0.25"))
    assert changes == {2: [("v", "TRUNCATED")]}


def test_a_column_of_decimals_grows_as_long_as_it_can(loading: Loading) -> None:
    table = loading.table(FIELDS, WriteMode.APPEND)
    loading.load(written(LONG), table)
    loading.load(written("1e-15", first=2), table)
    assert stored(loading) == ("DECIMAL(38,15)", {1: Decimal(LONG), 2: Decimal("1e-15")}, {})
    loading.load(written("1e40", "1e-30", "7", first=3), table)
    kind, values, changes = stored(loading)
    assert kind == "DECIMAL(38,15)"
    assert [values[number] for number in (3, 4, 5)] == [None, Decimal(0), Decimal(7)]
    assert changes == {3: [("v", "NULLED")], 4: [("v", "TRUNCATED")]}


def test_keys_that_a_double_would_merge_are_two_rows(loading: Loading) -> None:
    table = loading.table(FIELDS, WriteMode.MERGE, primary_key=("v",))
    loading.load(written("1234567890123456788", LONG, "1.0", "1"), table)
    loading.load(written("1234567890123456788", "1", first=10), table)
    kind, values, changes = stored(loading)
    assert (kind, changes) == ("DECIMAL(38,9)", {})
    assert sorted(values) == [2, 10, 11]


def test_a_key_of_doubles_that_exists_refuses_what_it_would_merge(loading: Loading) -> None:
    loading.load(written("0.5"), loading.table(FIELDS, WriteMode.APPEND))
    table = loading.table(FIELDS, WriteMode.MERGE, primary_key=("v",))
    loading.load(written("0.25", first=2), table)
    with pytest.raises(ToolError, match="the key v has numbers that cannot be told apart"):
        loading.load(written(LONG, first=3), table)
    assert sorted(stored(loading)[1]) == [1, 2]


def test_large_whole_numbers_survive_that_the_source_calls_them_numbers(loading: Loading) -> None:
    loading.load(written(LONG), loading.table({"id": "integer", "v": "integer"}, WriteMode.APPEND))
    loading.load(written("0.5", first=2), loading.table(FIELDS, WriteMode.APPEND))
    assert stored(loading) == ("DECIMAL(38,1)", {1: Decimal(LONG), 2: Decimal("0.5")}, {})


def test_large_whole_numbers_into_doubles_are_noted(loading: Loading) -> None:
    loading.load(written("0.5"), loading.table(FIELDS, WriteMode.APPEND))
    loading.load(
        written(LONG, "7", first=2), loading.table({"id": "integer", "v": "integer"}, WriteMode.APPEND)
    )
    kind, values, changes = stored(loading)
    assert (kind, values[3]) == ("DOUBLE", Decimal(7))
    assert changes == {2: [("v", "TRUNCATED")]}


@pytest.mark.parametrize(
    "value", ["1.00000000000000000001", "10e-1000", '"1_0"', "9223372036854775808", "1e400"]
)
def test_what_is_no_whole_number_is_null_and_noted(value: str, loading: Loading) -> None:
    loading.load(
        written(f'"{value}"' if value[0] == "1" else value), loading.table({"id": "integer", "v": "integer"})
    )
    assert stored(loading)[1:] == ({1: None}, {1: [("v", "NULLED")]})


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("integer", ["9223372036854775808", "9223372036854775809"]),
        ("timestamp_tz", ['"2026-01-01T00:00:00.1234561Z"', '"2026-01-01T00:00:00.1234562Z"']),
        ("date", ['"2026-02-30"', '"2026-02-31"']),
        # What tells of the loss is the row that is not the newest of its key.
        ("integer", ["1.5", "null"]),
        ("date", ['"2026-02-28T10:00:00Z"', '"2026-02-28"']),
    ],
)
def test_keys_that_do_not_fit_their_type_are_refused(kind: str, keys: list[str], loading: Loading) -> None:
    table = loading.table({"id": "integer", "v": kind}, WriteMode.MERGE, primary_key=("v",))
    with pytest.raises(ToolError, match="a row's key v cannot be kept as the source has it"):
        loading.load(written(*keys), table)


def test_finer_than_microseconds_is_noted(loading: Loading) -> None:
    table = loading.table({"id": "integer", "v": "timestamp_tz"})
    texts = ["00.123456Z", "00.1234560Z", "00.1234561Z", "00.1234567+02:00"]
    loading.load(written(*(f'"2026-01-01T00:00:{text}"' for text in texts)), table)
    noted = loading.ask("SELECT id FROM shop.raw.t WHERE _airbyte_meta->>'$.changes' <> '[]' ORDER BY 1")
    assert noted == [(3,), (4,)]


def test_cursors_with_one_double_are_told_apart(loading: Loading) -> None:
    """The later of the two was kept, whichever was larger."""
    table = loading.table({"id": "integer", "v": "number"}, WriteMode.MERGE, primary_key=("id",), cursor="v")
    loading.load(written("9007199254740993") + written("9007199254740992"), table)
    assert loading.ask("SELECT CAST(v AS BIGINT) FROM shop.raw.t") == [(9007199254740993,)]


@pytest.mark.parametrize("name", ["rowid", "ROWID"])
def test_a_column_may_be_called_rowid(name: str, loading: Loading) -> None:
    """It was taken for the row's place: rows of one key stayed, and the next merge kept them all."""
    table = loading.table({"id": "integer", name: "string"}, WriteMode.MERGE, primary_key=("id",))
    loading.load([line({"id": 1, name: value}) for value in ("x", "x", None)], table)
    assert loading.ask("SELECT id, rowid FROM shop.raw.t") == [(1, None)]
    keyed = loading.table(
        {name: "integer"}, WriteMode.MERGE, name="k", primary_key=("rowid",), cursor="rowid"
    )
    loading.load([line({name: 1}, "k"), line({name: 1}, "k")], keyed)
    assert loading.ask("SELECT rowid FROM shop.raw.k") == [(1,)]


@SPELLED_OTHERWISE
def test_a_key_that_would_be_spelled_otherwise_is_refused(
    before: str, now: str, value: Any, loading: Loading
) -> None:
    """The same key came as another text, and its row stayed twice."""
    rows = [line({"id": value})]
    loading.load(rows, loading.table({"id": before}, WriteMode.MERGE, primary_key=("id",)))
    with pytest.raises(ToolError, match="rows could not be told to be of one key"):
        loading.load(rows, loading.table({"id": now}, WriteMode.MERGE, primary_key=("id",)))
    loading.load(rows, loading.table({"id": now}, primary_key=("id",)))
    loading.load(rows, loading.table({"id": now}, WriteMode.MERGE, primary_key=("id",)))


@OF_ONE_SPELLING
def test_a_key_of_one_spelling_goes_on(before: str, now: str, loading: Loading) -> None:
    for kind in (before, now):
        rows = [line({"id": "7" if kind == "string" else 7})]
        loading.load(rows, loading.table({"id": kind}, WriteMode.MERGE, primary_key=("id",)))
    assert loading.ask("SELECT count(*) FROM shop.raw.t") == [(1,)]
