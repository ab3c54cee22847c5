"""Connections as observations: before and after the source was asked, and what the config must not say."""

from __future__ import annotations

import os
import time
from pathlib import Path

import msgspec
import pytest

from penstock.assets import MEMORY, AssetKind, Column, FieldMap, Hold, Relation
from penstock.integration import Integration, Outcome
from penstock_airbyte.integration import INTEGRATION
from tests.tools.syncing import Bench
from tests.unit.penstock_airbyte.sources import USERS, Shop, misconfigured, user


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    fields = {**USERS["schema"], "Address": {"type": "object"}, "ADDRESS": {"type": "string"}}
    return Shop(tmp_path, {"users": {**USERS, "schema": fields, "rows": [user(1, 1)]}}, prefix="My_")


def test_what_was_never_discovered_is_known_by_name_and_said_to_be_unknown(shop: Shop) -> None:
    shop.connection["streams"] = {"users": None}
    seen = shop.bench.observe(may_call=False)
    assert [(asset.id, asset.columns) for asset in seen.assets] == [
        ("shop/users", ()),
        ("shop/users#table", ()),
    ]
    (finding,) = seen.findings
    assert (finding.code, finding.hint) == ("not-discovered", "penstock refresh")
    assert finding.message == "the streams of shop are not discovered yet"
    assert seen.inputs is None


def test_streams_and_their_tables(shop: Shop) -> None:
    seen = shop.bench.observe()
    stream, table = seen.assets
    assert (stream.id, stream.kind, stream.name, stream.aliases) == (
        "shop/users",
        AssetKind.STREAM,
        "users",
        ("shop/users",),
    )
    assert stream.columns[:3] == (
        Column("id", "integer"),
        Column("name", "string", "what they are called"),
        Column("updated_at", "timestamp_with_timezone"),
    )
    assert table.relation == Relation("duckdb:shop.duckdb", "duckdb", "shop", "raw", "my_users")
    assert (table.upstream, table.producer) == (("shop/users",), "shop")
    assert [column.name for column in table.columns] == [
        "_airbyte_raw_id",
        "_airbyte_extracted_at",
        "_airbyte_meta",
        "_airbyte_generation_id",
        "id",
        "name",
        "updated_at",
        "address",
        "address_1",
    ]


def test_every_field_leads_to_its_column(shop: Shop) -> None:
    fields = shop.bench.observe().fields
    assert fields[-1] == FieldMap(
        source_id="shop/users",
        source_column="ADDRESS",
        target_id="shop/users#table",
        target_column="address_1",
    )


def test_the_observed_columns_are_those_that_a_sync_makes(shop: Shop) -> None:
    table = shop.bench.observe().assets[1]
    shop.bench.sync(1)
    assert [name for name, _ in shop.columns("my_users")] == [column.name for column in table.columns]


def test_a_sync_holds_its_connection_always_and_the_warehouse_while_it_commits(shop: Shop) -> None:
    (producer,) = shop.bench.observe().producers
    assert (producer.id, producer.kind) == ("shop", "sync")
    connection, warehouse, memory = producer.holds
    assert (connection, warehouse) == (
        Hold("airbyte:ingest/shop", "all"),
        Hold("duckdb:shop.duckdb", "commit"),
    )
    assert (memory.resource, memory.phase) == (MEMORY, "all")


def test_reading_again_starts_no_connector(shop: Shop, tmp_path: Path) -> None:
    seen = shop.bench.observe()
    shop.data.unlink()  # it would fail now
    again = shop.bench.observe(may_call=False)
    assert again.assets == seen.assets
    assert again.inputs is not None and Path(again.inputs[0]).exists()


def test_a_source_that_cannot_be_reached_keeps_what_was_known(shop: Shop) -> None:
    seen = shop.bench.observe()
    file, _ = seen.inputs or ()
    yesterday = time.time() - 86_400
    os.utime(file, (yesterday, yesterday))
    shop.data.unlink()
    again = shop.bench.observe()
    assert again.assets == seen.assets
    assert [finding.code for finding in again.findings] == ["source-unreachable"]


def test_an_old_catalog_is_discovered_again(shop: Shop) -> None:
    first = shop.bench.observe()
    shop.put({"users": {**USERS, "rows": []}, "buyers": {**USERS, "rows": []}})
    kept = shop.bench.observe()
    assert (len(kept.assets), len(shop.bench.observe(max_age=0.0).assets)) == (2, 4)
    assert kept.ages and kept.taken_at == pytest.approx(first.taken_at, abs=0.5), "as old as its answers"


def test_what_is_wrong_with_one_connection_is_said_of_it_and_hides_no_other(shop: Shop) -> None:
    raw = shop.raw()["connections"]
    raw["gone"] = {"source": {"command": ["/no/such/source"]}, "destination": "main"}
    raw["odd"] = {**raw["shop"], "streams": {"usres": None}, "schema": "odd"}
    seen = Bench(shop.root, raw).observe()
    found = [(finding.code, finding.message) for finding in seen.findings]
    assert [code for code, _ in found] == ["connection-misconfigured"] * 2
    assert found[0][1] == "gone: the connector's command '/no/such/source' does not exist"
    assert "did you mean 'users'" in found[1][1]
    assert seen.stale == "gone is misconfigured; odd is misconfigured"
    made = [(asset.id, asset.resource_type, asset.producer) for asset in seen.assets if asset.producer]
    assert made == [
        ("shop/users#table", "table", "shop"),
        ("gone/*#table", "connection", "gone"),
        ("odd/usres#table", "table", "odd"),
    ]


def test_a_connection_whose_streams_are_not_known_is_synced_whole_once_they_are(shop: Shop) -> None:
    missing = shop.data.rename(shop.data.with_suffix(".away"))
    step = shop.bench.step()
    assert [item.id for item in step.items] == ["shop/*#table"]
    failed = shop.bench.sync(1, given=step)
    assert (failed.outcome, failed.items["shop/*#table"].outcome) == (Outcome.ERROR, Outcome.ERROR)
    missing.rename(shop.data)
    again = shop.bench.sync(2, given=step)
    assert (again.outcome, again.items["shop/*#table"].outcome) == (Outcome.SUCCESS, Outcome.SUCCESS)
    assert shop.tables() == ["my_users"]


def test_another_project_with_the_same_words_is_another_source(tmp_path: Path) -> None:
    """A relative path starts at the project's folder; the cache is the user's."""
    shops = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        shop = Shop(tmp_path / name, {name: {**USERS, "rows": []}})
        shop.options = {"data": "source.json"}
        shops.append(shop)
    benches = [shop.bench for shop in shops]
    for bench in benches:
        bench.cache_dir = tmp_path / "cache"
    seen = [bench.observe() for bench in benches]
    assert [observation.assets[0].id for observation in seen] == ["shop/one", "shop/two"]


def test_the_catalog_in_the_cache_holds_no_secret(shop: Shop) -> None:
    shop.options = {"token": "s3cret-token"}
    file, _ = shop.bench.observe().inputs or ()
    assert b"s3cret" not in Path(file).read_bytes()


def test_the_code_version_follows_the_configuration(shop: Shop) -> None:
    before = shop.bench.observe().producers[0].code_version
    assert shop.bench.observe().producers[0].code_version == before
    shop.options = {"state_every": 7}
    assert shop.bench.observe().producers[0].code_version != before


def test_two_streams_in_one_table_are_refused(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {"Users": {**USERS, "rows": []}, "users": {**USERS, "rows": []}})
    assert "'Users' and 'users' would both be written to the table 'users'" in misconfigured(shop.bench)


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (
            {"sync_mode": "incremental_append", "cursor": "updatd_at"},
            "no field 'updatd_at'; did you mean 'updated_at'",
        ),
        ({"primary_key": ["uid"]}, "no field 'uid'"),
        ({"fields": ["nam"]}, "no field 'nam'; did you mean 'name'"),
    ],
)
def test_fields_that_the_stream_does_not_have(stream: dict[str, object], expected: str, shop: Shop) -> None:
    shop.connection["streams"] = {"users": stream}
    assert expected in misconfigured(shop.bench)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("incremental_append", "cannot read 'notes' incrementally"),
        ("incremental_append_dedup", "cannot read 'notes' incrementally"),
    ],
)
def test_modes_that_the_source_cannot_do(mode: str, expected: str, tmp_path: Path) -> None:
    notes = {"schema": {"text": {"type": "string"}}, "rows": []}
    shop = Shop(tmp_path, {"notes": notes}, streams={"notes": {"sync_mode": mode}})
    assert expected in misconfigured(shop.bench)


def test_dedup_needs_a_key(tmp_path: Path) -> None:
    keyless = {**USERS, "key": [], "rows": []}
    shop = Shop(tmp_path, {"users": keyless}, streams={"users": {"sync_mode": "incremental_append_dedup"}})
    assert "needs a `primary_key`" in misconfigured(shop.bench)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"type": "api", "server": "cloud"}, "`server` is the API's address"),
        ({"type": "api", "token": "a", "username": "b"}, "give one of: client_id"),
        ({"type": "api", "client_id": "a"}, "belong together"),
        ({"type": "api", "sync": "sometimes"}, "`sync` is one of ask, never, always"),
        ({"type": "cloud", "connections": {}}, "Invalid value 'cloud'"),
        (
            {"type": "local", "connections": {"a": {"source": {}, "destination": "m"}}},
            "give either `connector`",
        ),
        (
            {"type": "local", "connections": {"a": {"source": {"command": []}, "destination": "m"}}},
            "`command` is empty",
        ),
        ({"type": "local", "connections": {"a": {"destination": "m"}}}, "missing required field `source`"),
    ],
)
def test_what_the_configuration_must_say(config: object, expected: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=expected):
        msgspec.convert(config, INTEGRATION.config)


def test_doctor_says_whether_the_source_is_reached(shop: Shop) -> None:
    (offline,) = INTEGRATION.diagnose(shop.bench.observe_context(may_call=False))
    (online,) = INTEGRATION.diagnose(shop.bench.observe_context())
    assert offline.ok and online.ok
    assert "reaches its source" in online.message
    shop.options = {"state_every": "x"}
    (wrong,) = INTEGRATION.diagnose(shop.bench.observe_context())
    assert not wrong.ok and "is not of type 'integer'" in wrong.message


def test_it_is_an_integration() -> None:
    assert isinstance(INTEGRATION, Integration)
