"""Airbyte's four sync modes, from a connector's stdout to the warehouse's rows."""

from __future__ import annotations

from pathlib import Path

import duckdb

from penstock.integration import ItemFinished, ItemProgress, ItemStarted, LogLine, Outcome
from tests.unit.penstock_airbyte.sources import USERS, Shop, mode, user


def test_overwrite_replaces_the_table_and_counts_generations(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {"users": {**USERS, "rows": [user(1, 1), user(2, 2)]}})
    first = shop.bench.sync(1)
    assert first.outcome is Outcome.SUCCESS
    assert first.items["shop/users#table"].rows == 2
    assert shop.ask("SELECT DISTINCT _airbyte_generation_id FROM shop.raw.users") == [(1,)]
    shop.rows([user(3, 3)])
    shop.bench.sync(2)
    assert shop.users() == [(3, "user 3")]
    assert shop.ask("SELECT DISTINCT _airbyte_generation_id FROM shop.raw.users") == [(2,)]


def test_overwrite_with_an_empty_stream_leaves_an_empty_table(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {"users": {**USERS, "rows": []}})
    result = shop.bench.sync(1)
    assert result.outcome is Outcome.SUCCESS
    assert shop.users() == []
    kinds = [
        type(event)
        for event in result.events
        if isinstance(event, ItemStarted | ItemProgress | ItemFinished) and event.item == "shop/users#table"
    ]
    assert kinds == [ItemStarted, ItemFinished]


def test_full_refresh_append_adds_a_whole_copy_of_a_new_generation(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {"users": {**USERS, "rows": [user(1, 1)]}}, **mode("full_refresh_append"))
    shop.bench.sync(1)
    shop.bench.sync(2)
    assert shop.ask("SELECT id, _airbyte_generation_id FROM shop.raw.users ORDER BY ALL") == [(1, 1), (1, 2)]


def test_incremental_append_goes_on_from_the_state(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path, {"users": {**USERS, "rows": [user(1, 1), user(2, 2)]}}, **mode("incremental_append")
    )
    shop.bench.sync(1)
    shop.rows([user(1, 1), user(2, 2), user(1, 9, "renamed")])
    second = shop.bench.sync(2)
    assert second.items["shop/users#table"].rows == 1
    assert shop.users() == [(1, "renamed"), (1, "user 1"), (2, "user 2")]
    assert shop.ask("SELECT DISTINCT _airbyte_generation_id FROM shop.raw.users") == [(0,)]


def test_dedup_keeps_the_newest_row_of_each_key(tmp_path: Path) -> None:
    first = [user(1, 1), user(2, 2), user(2, 5, "second name")]
    shop = Shop(tmp_path, {"users": {**USERS, "rows": first}}, **mode("incremental_append_dedup"))
    shop.bench.sync(1)
    assert shop.users() == [(1, "user 1"), (2, "second name")]
    shop.rows([*first, user(1, 9, "renamed"), user(3, 9)])
    shop.bench.sync(2)
    assert shop.users() == [(1, "renamed"), (2, "second name"), (3, "user 3")]


def test_nothing_new_changes_nothing(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {"users": {**USERS, "rows": [user(1, 1)]}}, **mode("incremental_append"))
    shop.bench.sync(1)
    again = shop.bench.sync(2)
    assert again.outcome is Outcome.SUCCESS
    assert again.items["shop/users#table"].rows == 0
    assert shop.users() == [(1, "user 1")]


def test_a_deleted_row_of_a_cdc_source_is_removed(tmp_path: Path) -> None:
    schema = {**USERS["schema"], "_ab_cdc_deleted_at": {"type": ["null", "string"]}}
    table = {**USERS, "schema": schema, "rows": [user(1, 1), user(2, 2)]}
    shop = Shop(tmp_path, {"users": table}, **mode("incremental_append_dedup"))
    shop.bench.sync(1)
    shop.rows([*table["rows"], {**user(1, 9), "_ab_cdc_deleted_at": "2026-01-01T00:00:09Z"}])
    shop.bench.sync(2)
    assert shop.users() == [(2, "user 2")]


def test_one_state_for_all_streams_is_kept_whole(tmp_path: Path) -> None:
    tables = {"users": {**USERS, "rows": [user(1, 1)]}, "buyers": {**USERS, "rows": [user(7, 1)]}}
    streams = {name: {"sync_mode": "incremental_append"} for name in tables}
    shop = Shop(tmp_path, tables, streams=streams)
    shop.options = {"whole": True}
    shop.bench.sync(1)
    shop.rows([user(1, 1), user(2, 2)])
    assert shop.bench.sync(2).outcome is Outcome.SUCCESS
    assert shop.users() == [(1, "user 1"), (2, "user 2")]
    assert shop.ask("SELECT count(*) FROM shop.raw.buyers") == [(1,)]


def test_a_full_refresh_in_between_forgets_where_the_increments_were(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {"users": {**USERS, "rows": [user(1, 1)]}}, **mode("incremental_append"))
    shop.bench.sync(1)
    shop.connection |= mode("full_refresh_overwrite")
    shop.rows([user(1, 1), user(2, 2)])
    shop.bench.sync(2)
    shop.connection |= mode("incremental_append_dedup")
    third = shop.bench.sync(3)
    assert third.items["shop/users#table"].rows == 2, "it started from the beginning"
    assert shop.users() == [(1, "user 1"), (2, "user 2")]


def test_another_cursor_starts_from_the_beginning(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {"users": {**USERS, "rows": [user(1, 5), user(2, 2)]}})
    shop.connection |= mode("incremental_append_dedup")
    shop.bench.sync(1)
    shop.connection |= mode("incremental_append_dedup", cursor="id")
    assert shop.bench.sync(2).items["shop/users#table"].rows == 2


def test_a_table_that_was_dropped_is_loaded_from_the_beginning(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path, {"users": {**USERS, "rows": [user(1, 1), user(2, 2)]}}, **mode("incremental_append")
    )
    shop.bench.sync(1)
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        connection.execute("DROP TABLE shop.raw.users")
    shop.bench.sync(2)
    assert shop.users() == [(1, "user 1"), (2, "user 2")]


def test_only_the_steps_streams_are_synced(tmp_path: Path) -> None:
    tables = {"users": {**USERS, "rows": [user(1, 1)]}, "buyers": {**USERS, "rows": [user(7, 1)]}}
    shop = Shop(tmp_path, tables)
    result = shop.bench.sync(1, only=("shop/buyers#table",))
    assert list(result.items) == ["shop/buyers#table"]
    assert shop.tables() == ["buyers"]


def test_only_the_chosen_fields_become_columns(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {"users": {**USERS, "rows": [user(1, 1)]}}, prefix="X_")
    shop.connection["streams"] = {"users": {"fields": ["name"]}}
    shop.bench.sync(1)
    assert shop.tables() == ["x_users"]
    assert shop.columns("x_users") == [
        ("_airbyte_raw_id", "VARCHAR"),
        ("_airbyte_extracted_at", "TIMESTAMP WITH TIME ZONE"),
        ("_airbyte_meta", "JSON"),
        ("_airbyte_generation_id", "BIGINT"),
        ("name", "VARCHAR"),
    ]


def test_streams_of_one_name_are_told_apart_by_their_namespace(tmp_path: Path) -> None:
    tables = {
        "a": {**USERS, "name": "users", "namespace": "one", "rows": [user(1, 1)]},
        "b": {**USERS, "name": "users", "namespace": "two", "rows": [user(2, 1), user(3, 1)]},
    }
    shop = Shop(tmp_path, tables, streams={"two.users": {"sync_mode": "incremental_append"}})
    assert shop.bench.sync(1).outcome is Outcome.SUCCESS
    assert shop.users() == [(2, "user 2"), (3, "user 3")]
    shop.bench.sync(2)
    assert shop.users() == [(2, "user 2"), (3, "user 3")]


def test_new_fields_become_columns_and_wider_types_keep_every_value(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {"users": {**USERS, "rows": [user(1, 1)]}}, **mode("incremental_append"))
    shop.bench.sync(1)
    schema = {**USERS["schema"], "id": {"type": "string"}, "score": {"type": "number"}}
    shop.put({"users": {**USERS, "schema": schema, "rows": [{**user(1, 9), "id": "x1", "score": 1.5}]}})
    shop.bench.forget_catalog()
    result = shop.bench.sync(2)
    assert shop.ask("SELECT id, score FROM shop.raw.users ORDER BY ALL") == [("1", None), ("x1", 1.5)]
    told = result.texts(LogLine)
    assert "users: column id widened from BIGINT to VARCHAR" in told
    assert "users: new column score (DOUBLE)" in told


def test_a_stream_that_is_read_anew_has_one_row_for_each_key(tmp_path: Path) -> None:
    """A source may send a row twice in one read: once as it was, once as it has become meanwhile."""
    shop = Shop(tmp_path, {"users": {**USERS, "rows": [user(1, 1)]}}, **mode("incremental_append_dedup"))
    shop.bench.sync(1)
    shop.put({"users": {**USERS, "rows": [user(1, 1), user(1, 3, "new"), user(1, 2, "old"), user(2, 1)]}})
    bench = shop.bench
    bench.options = {"from_scratch": ["shop/users#table"]}
    result = bench.sync(2)
    assert result.outcome is Outcome.SUCCESS, result.message
    assert shop.users() == [(1, "new"), (2, "user 2")]
