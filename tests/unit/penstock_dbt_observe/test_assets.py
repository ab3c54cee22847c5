"""What each kind of resource becomes, on the fixtures of every dbt version."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from penstock.assets import AssetKind, Column, Hold, Severity
from penstock_dbt.translate import translate
from penstock_dbt.translation import Place
from tests.fixtures.artefacts import NEWEST, VERSIONS, plain
from tests.unit.manifests.test_dbt_versions import as_v2_writes
from tests.unit.penstock_dbt_observe.observing import DUCKDB, asset, check, documents, node, observed, written

NOT_ASSETS = ("groups", "macros", "disabled", "selectors", "docs")


@pytest.mark.parametrize("version", VERSIONS)
def test_every_resource_is_an_asset_or_a_check(version: str) -> None:
    truth = plain(version, "manifest")
    sections = (
        "nodes", "sources", "exposures", "metrics", "semantic_models", "saved_queries", "unit_tests", "functions",
    )  # fmt: skip
    expected = {key for section in sections for key in truth.get(section) or {}}
    seen = observed(version)
    ids = [one.id for one in seen.assets] + [one.id for one in seen.checks]
    assert sorted(ids) == sorted(expected)
    assert {one.id for one in seen.producers} == {one.producer for one in seen.assets if one.producer}


@pytest.mark.parametrize("version", VERSIONS)
def test_upstream_is_what_depends_on_says(version: str) -> None:
    truth = plain(version, "manifest")
    seen = observed(version)
    for one in seen.assets:
        for section in ("nodes", "exposures", "metrics", "semantic_models", "saved_queries", "functions"):
            if one.id in (truth.get(section) or {}):
                nodes = truth[section][one.id]["depends_on"].get("nodes", [])
                assert set(one.upstream) == set(nodes), one.id
    assert not [finding for finding in seen.findings if finding.code == "unknown-upstream"]


@pytest.mark.parametrize(
    ("unique_id", "kind", "name", "relation", "materialized"),
    [
        ("model.shop.stg_users", AssetKind.VIEW, "stg_users", "shop.main.stg_users", "view"),
        ("model.shop.customers", AssetKind.TABLE, "customers", "shop.main.customers", "table"),
        ("model.shop.orders_fact", AssetKind.TABLE, "orders_fact", "shop.main.orders_fact", "incremental"),
        ("model.shop.stg_orders", AssetKind.EPHEMERAL, "stg_orders", None, "ephemeral"),
        ("model.shop.big_spenders", AssetKind.TABLE, "big_spenders", "shop.main.Big Spenders", "table"),
        ("model.shop.scored", AssetKind.TABLE, "scored", "shop.main.scored", "table"),
        ("model.shop.prices.v2", AssetKind.VIEW, "prices.v2", "shop.main.prices_v2", "view"),
        ("seed.shop.countries", AssetKind.SEED, "countries", "shop.main_ref.countries", "seed"),
        ("snapshot.shop.users_snapshot", AssetKind.SNAPSHOT, "users_snapshot", "shop.history.users_snapshot", "snapshot"),
        ("source.shop.crm.users", AssetKind.TABLE, "users", "shop.raw.users", None),
        ("source.shop.crm.order_lines", AssetKind.TABLE, "order_lines", "shop.raw.Order Lines", None),
        ("source.shop.files.landing", AssetKind.FILE, "landing", None, None),
        ("analysis.shop.top_customers", AssetKind.ANALYSIS, "top_customers", None, None),
        ("operation.shop.shop-on-run-start-0", AssetKind.OPERATION, "shop-on-run-start-0", None, None),
        ("exposure.shop.weekly", AssetKind.EXPOSURE, "weekly", None, None),
        ("metric.shop.revenue", AssetKind.METRIC, "revenue", None, None),
        ("semantic_model.shop.order_facts", AssetKind.SEMANTIC_MODEL, "order_facts", None, None),
        ("saved_query.shop.revenue_by_day", AssetKind.SAVED_QUERY, "revenue_by_day", None, None),
        ("function.shop.doubled", AssetKind.FUNCTION, "doubled", None, "function"),
    ],
)  # fmt: skip
def test_kind_name_and_relation(
    unique_id: str, kind: AssetKind, name: str, relation: str | None, materialized: str | None
) -> None:
    one = asset(observed(), unique_id)
    found = (one.kind, one.name, str(one.relation) if one.relation else None, one.materialized)
    assert found == (kind, name, relation, materialized)
    assert one.package == "shop"


def test_who_makes_what() -> None:
    producers = {one.id: one for one in observed().producers}
    assert "model.shop.stg_orders" not in producers
    assert producers.keys() >= {
        "seed.shop.countries",
        "snapshot.shop.users_snapshot",
        "function.shop.doubled",
    }
    orders = producers["model.shop.orders_fact"]
    assert (orders.kind, orders.batch, orders.holds) == ("model", "dbt:shop", (Hold("duckdb:shop.duckdb"),))
    assert orders.attributes["materialized"] == "incremental"
    assert orders.code_version and orders.unrunnable is None


@pytest.mark.parametrize(
    ("config", "appends"),
    [
        ({"materialized": "incremental"}, True),
        ({"materialized": "incremental", "unique_key": "id"}, False),
        ({"materialized": "incremental", "unique_key": ["a", "b"]}, False),
        ({"materialized": "incremental", "unique_key": "id", "incremental_strategy": "append"}, True),
        ({"materialized": "incremental", "incremental_strategy": "delete+insert"}, True),
        ({"materialized": "incremental", "incremental_strategy": "insert_overwrite"}, False),
        ({"materialized": "incremental", "incremental_strategy": "microbatch"}, False),
        ({"materialized": "table"}, False),
    ],
)
def test_what_appends(config: dict[str, Any], appends: bool) -> None:
    told = documents()
    orders = told.manifest.nodes["model.shop.orders_fact"]
    changed = msgspec.structs.replace(orders, config=msgspec.Raw(msgspec.json.encode(config)))
    nodes = {**told.manifest.nodes, orders.unique_id: changed}
    manifest = msgspec.structs.replace(told.manifest, nodes=nodes)
    seen = translate(msgspec.structs.replace(told, manifest=manifest), DUCKDB, "shop", 0.0, None)
    assert next(one.appends for one in seen.producers if one.id == orders.unique_id) is appends


def test_artefacts_alone_can_be_seen_but_not_run() -> None:
    seen = observed(place=Place(namespace="duckdb:shop", dialect="duckdb", unrunnable="no project"))
    assert {one.unrunnable for one in seen.producers} == {"no project"}
    assert {one.batch for one in seen.producers} == {None} == {one.batch for one in seen.checks}


def test_names_on_the_command_line() -> None:
    seen = observed()
    assert asset(seen, "source.shop.crm.users").aliases == ("crm.users",)
    assert asset(seen, "model.shop.prices.v2").aliases == ("prices_v2",)
    assert asset(seen, "model.shop.big_spenders").aliases == ("Big Spenders",)


def test_small_facts() -> None:
    seen = observed()
    prices = asset(seen, "model.shop.prices.v1")
    assert prices.attributes["version"] == "1"
    assert prices.attributes["latest_version"] == "2"
    assert prices.attributes["access"] == "public"
    assert prices.attributes["deprecation_date"].startswith("2030-01-01")
    assert (prices.group, prices.owner) == ("finance", "Finance")
    assert asset(seen, "model.shop.scored").attributes["language"] == "python"
    hooks = [one for one in seen.assets if one.kind is AssetKind.OPERATION]
    assert sorted((one.attributes["hook"], one.attributes["index"]) for one in hooks) == [
        ("on-run-end", "0"),
        ("on-run-start", "0"),
        ("on-run-start", "1"),
    ]
    customers = asset(seen, "model.shop.customers")
    assert json.loads(customers.config)["materialized"] == "table"
    assert customers.attributes["catalog_type"] == "BASE TABLE"
    assert (customers.tags, customers.path) == (("mart",), "models/marts/customers.sql")
    assert customers.attributes["patch_path"] == "shop://models/models.yml"


def test_sources_say_where_from_and_how_fresh() -> None:
    seen = observed()
    users = asset(seen, "source.shop.crm.users")
    assert users.attributes["source_name"] == "crm"
    assert users.attributes["loader"] == "airbyte"
    assert users.attributes["loaded_at_field"] == "updated_at"
    assert json.loads(users.attributes["freshness"])["warn_after"] == {"count": 12, "period": "hour"}
    assert users.tags == ("pii",)
    lines = asset(seen, "source.shop.crm.order_lines")
    assert lines.attributes["identifier"] == "Order Lines"
    assert "freshness" not in lines.attributes
    assert asset(seen, "source.shop.files.landing").attributes["location"] == "read_csv_auto('landing.csv')"


def test_an_exposure_has_owner_and_address() -> None:
    weekly = asset(observed(), "exposure.shop.weekly")
    assert weekly.owner == "Data Team"
    assert weekly.attributes["url"] == "https://bi.example.com/weekly"
    assert weekly.attributes["type"] == "dashboard"
    assert weekly.attributes["maturity"] == "high"
    assert weekly.attributes["owner_email"] == "data@example.com"
    assert set(weekly.upstream) == {"model.shop.customers", "source.shop.crm.users"}


def test_columns_of_the_catalog_with_the_words_of_the_yaml() -> None:
    customers = asset(observed(), "model.shop.customers")
    assert customers.all_columns == (
        Column("user_id", "BIGINT", "", documented=True, cataloged=True),
        Column("name", "VARCHAR", cataloged=True),
        Column("country", "VARCHAR", cataloged=True),
        Column("orders", "BIGINT", cataloged=True),
        Column("spent", "DECIMAL(38,1)", "Sum of all amounts", documented=True, cataloged=True),
        Column("gone", None, "A column that is no longer there", documented=True),
    )


def test_columns_of_the_yaml_alone() -> None:
    users = asset(observed(catalog=False), "model.shop.stg_users")
    assert users.all_columns == (
        Column("user_id", "bigint", "The key", documented=True),
        Column("country_id", None, "", documented=True),
    )


def test_a_semantic_model_maps_its_plain_columns() -> None:
    fields = {(field.target_column, field.source_column): field for field in observed().fields}
    assert set(fields) == {
        ("order", "id"),
        ("user", "user_id"),
        ("ordered_at", "ordered_at"),
        ("amount", "amount"),
        ("order_count", "id"),
    }
    assert {field.source_id for field in fields.values()} == {"model.shop.orders_fact"}
    assert fields["ordered_at", "ordered_at"].subtype == "IDENTITY"
    assert fields["amount", "amount"].expression == "sum(amount)"


@pytest.mark.parametrize("version", VERSIONS)
def test_data_tests(version: str) -> None:
    seen = observed(version)
    relationships = check(seen, "test.shop.relationships_stg_users")
    assert relationships.assets == ("model.shop.stg_users", "seed.shop.countries")
    assert (relationships.kind, relationships.column) == ("data_test", "country_id")
    assert relationships.attributes["test_type"] == "generic"
    assert relationships.attributes["test_name"] == "relationships"
    assert relationships.attributes["tested"] == "model.shop.stg_users"

    singular = check(seen, "test.shop.too_strict")
    assert set(singular.assets) == {"model.shop.customers", "seed.shop.countries"}
    assert (singular.attributes["test_type"], singular.column) == ("singular", None)
    assert "tested" not in singular.attributes

    warning = check(seen, "test.shop.not_null_stg_users")
    assert (warning.severity, singular.severity) == (Severity.WARN, Severity.ERROR)
    assert check(seen, "test.shop.source_unique_crm_users").assets == ("source.shop.crm.users",)
    assert {one.batch for one in seen.checks} == {DUCKDB.batch}
    assert not any(one.before for one in seen.checks if one.kind == "data_test")


def test_unit_tests_run_before_their_model() -> None:
    unit_test = check(observed(), "unit_test.")
    assert (unit_test.kind, unit_test.before, unit_test.assets) == (
        "unit_test",
        True,
        ("model.shop.customers",),
    )
    assert unit_test.attributes["test_type"] == "unit"
    assert unit_test.attributes["tested"] == "model.shop.customers"


def test_what_is_disabled_is_shown() -> None:
    seen = observed()
    disabled = [finding.message for finding in seen.findings if finding.code == "disabled"]
    assert disabled == ["1 of type model are disabled in dbt: model.shop.unused"]
    assert seen.facts["disabled model"] == "model.shop.unused"
    assert seen.facts["dbt version"].startswith("1.11.")
    assert seen.facts["groups"] == "finance"
    assert seen.facts["selectors"] == "nightly"


EMPTY = {"name": "sha256", "checksum": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}


def test_what_dbt_disabled_itself_is_left_out_and_said() -> None:
    off = {"materialized": "test", "enabled": False}
    quoted = {"materialized": "table", "meta": {"enabled": False}}
    seen = written(
        {
            "nodes": {
                "model.shop.a": node("model.shop.a", config=quoted),
                "test.shop.orphan": node(
                    "test.shop.orphan", config=off, depends_on={"nodes": ["model.shop.a"]}
                ),
            },
            "sources": {"source.shop.s.t": {**node("source.shop.s.t"), "source_name": "s", "config": off}},
        }
    )
    assert [one.id for one in seen.assets] == ["model.shop.a"] and not seen.checks
    (told,) = [finding for finding in seen.findings if finding.code == "left-out"]
    assert "source.shop.s.t, test.shop.orphan" in told.message


def test_a_file_without_text_is_not_run() -> None:
    nodes = {
        key: node(key, checksum=EMPTY) for key in ("model.shop.begun", "test.shop.begun", "seed.shop.rows")
    }
    seen = written({"nodes": nodes})
    unrunnable = {producer.id: producer.unrunnable for producer in seen.producers}
    assert unrunnable == {
        "model.shop.begun": "its file is empty: dbt leaves it out",
        "seed.shop.rows": None,
    }
    assert not seen.checks


def test_an_unknown_kind_is_kept() -> None:
    seen = written({"nodes": {"agent.shop.helper": node("agent.shop.helper", depends_on={"nodes": []})}})
    helper = asset(seen, "agent.shop.helper")
    assert (helper.kind, helper.resource_type, helper.producer) == (AssetKind.OTHER, "agent", None)


def test_a_parent_that_is_not_there_is_a_finding() -> None:
    seen = written({"nodes": {"model.a.b": node("model.a.b", depends_on={"nodes": ["model.other.c"]})}})
    assert asset(seen, "model.a.b").upstream == ()
    assert [(finding.code, "model.other.c" in finding.message) for finding in seen.findings] == [
        ("unknown-upstream", True)
    ]


def test_a_table_without_a_rendered_name_lies_where_its_parts_say() -> None:
    parts = {"database": "Shop", "schema": "Main", "alias": "Orders"}
    place = Place(namespace="snowflake://x", dialect="snowflake")
    seen = written({"nodes": {"model.a.b": node("model.a.b", **parts)}}, place)
    assert str(asset(seen, "model.a.b").relation) == "SHOP.MAIN.ORDERS"


def test_a_test_that_stores_its_failures_names_their_table() -> None:
    stored = node("test.a.b", relation_name='"shop"."audit"."b"')
    seen = written({"nodes": {"test.a.b": stored, "test.a.c": node("test.a.c")}})
    assert {one.id: one.keeps and one.keeps.parts for one in seen.checks} == {
        "test.a.b": ("shop", "audit", "b"),
        "test.a.c": None,
    }


def test_dbt_v2_gives_the_same_assets() -> None:
    manifest = plain(NEWEST, "manifest")
    one, other = written(manifest), written(as_v2_writes(plain(NEWEST, "manifest")))
    assert [(a.id, a.kind, a.relation, a.upstream) for a in one.assets] == [
        (a.id, a.kind, a.relation, a.upstream) for a in other.assets
    ]
    assert [(c.id, c.assets, c.before) for c in one.checks] == [
        (c.id, c.assets, c.before) for c in other.checks
    ]
