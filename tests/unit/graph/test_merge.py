"""Merging by relation: who leads, what the others add, and what does not fit."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import pytest

from penstock.assets import (
    AssetKey,
    AssetKind,
    Column,
    DeclaredAs,
    Finding,
    Observation,
    ObservedAsset,
    ObservedCheck,
    ObservedProducer,
    Relation,
    Role,
    ToolRef,
)
from penstock.errors import AmbiguousAsset, UnknownAsset
from penstock.graph import AssetGraph
from tests.unit.graph import estate


@dataclass(frozen=True)
class Seen:
    """What one tool says of one table."""

    tool: str
    asset: ObservedAsset

    def observation(self) -> Observation:
        return Observation(integration=self.tool, instance="main", taken_at=1.0, assets=(self.asset,))


def made(tool: str, relation: Relation, columns: tuple[Column, ...] = (), **facts: object) -> Seen:
    return Seen(tool, _table(f"{tool}.made", "table", relation, columns, producer=f"{tool}-maker", **facts))


def declared(relation: Relation, columns: tuple[Column, ...] = (), **facts: object) -> Seen:
    return Seen("dbt", _table("source.shop.raw.users", "source", relation, columns, **facts))


def cataloged(relation: Relation, columns: tuple[Column, ...] = (), **facts: object) -> Seen:
    return Seen("duckdb", _table("shop.raw.users", "table", relation, columns, **facts))


def _table(
    id: str, resource_type: str, relation: Relation, columns: tuple[Column, ...], **facts: object
) -> ObservedAsset:
    defaults: dict[str, object] = {
        "kind": AssetKind.TABLE,
        "name": relation.identifier,
        "role": Role.DECLARES,
    }
    if facts.get("producer"):
        defaults["role"] = Role.PRODUCES
    elif resource_type in ("table", "view"):
        defaults["role"] = Role.CATALOGS
    elif resource_type == "source":
        defaults["declared_as"] = DeclaredAs("source", "shop", "raw", relation.identifier)
    return ObservedAsset(
        id=id,
        resource_type=resource_type,
        relation=relation,
        columns=columns,
        **(defaults | facts),  # type: ignore[arg-type]  # checked by the tests that name them
    )


def graph_of(*seen: Seen) -> AssetGraph:
    return AssetGraph.of([one.observation() for one in seen])


USERS = estate.relation("raw", "users")


def test_one_relation_is_one_asset_whoever_sees_it() -> None:
    graph = graph_of(declared(USERS, description="People"), made("airbyte", USERS), cataloged(USERS, rows=7))
    (asset,) = graph.assets.values()
    assert [ref.integration for ref in asset.seen_by] == ["airbyte", "dbt", "duckdb"]
    assert asset.producer == ToolRef("airbyte", "main", "airbyte-maker")
    assert (asset.resource_type, asset.description, asset.rows) == ("table", "People", 7)
    assert asset.attributes["join"] == "exact"
    assert graph.findings == ()


def test_edges_of_every_tool_meet_in_the_joined_asset() -> None:
    graph = estate.graph()
    users = graph.find("raw.users").key
    assert [key.name for key in graph.upstream[users]] == ["shop/users"]
    assert [graph.names.shown(key) for key in graph.downstream[users]] == ["stg_users"]
    (field,) = graph.fields
    assert (str(field.source), str(field.target)) == ("shop/users.id", "shop.raw.users.id")


def test_names_that_differ_in_case_join_folded() -> None:
    graph = graph_of(declared(estate.relation("RAW", "Users")), made("airbyte", USERS))
    (asset,) = graph.assets.values()
    assert asset.attributes["join"] == "folded"
    assert asset.relation == USERS, "the maker knows how it is really written"


def test_names_that_differ_in_case_stay_apart_where_the_warehouse_keeps_them_apart() -> None:
    upper, lower = (
        Relation("postgres://h:5432", "postgres", "db", "raw", name) for name in ("Users", "users")
    )
    assert len(graph_of(declared(upper), made("airbyte", lower)).assets) == 2


def test_the_same_name_at_another_address_is_a_lost_join() -> None:
    graph = graph_of(declared(estate.relation("RAW", "users", "duckdb:other.duckdb")), made("airbyte", USERS))
    assert len(graph.assets) == 2
    (finding,) = graph.findings
    assert finding.code == "lost-join"
    assert finding.asset == AssetKey("duckdb:other.duckdb", "shop.raw.users")
    assert "duckdb:shop.duckdb" in finding.message and "airbyte-maker" in finding.message


def test_two_producers_of_one_relation_are_told_and_the_first_by_name_leads() -> None:
    graph = graph_of(made("dbt", USERS), made("airbyte", USERS))
    (asset,) = graph.assets.values()
    (finding,) = graph.findings
    assert (finding.code, finding.asset) == ("two-producers", asset.key)
    assert "airbyte/main:airbyte-maker, dbt/main:dbt-maker" in finding.message
    assert asset.producer == ToolRef("airbyte", "main", "airbyte-maker")


def test_a_job_of_the_warehouse_does_not_take_over_what_another_tool_makes() -> None:
    job = msgspec.structs.replace(
        made("databricks", USERS).observation(),
        producers=(ObservedProducer(id="databricks-maker", kind="job"),),
    )
    graph = AssetGraph.of([job, made("dbt", USERS).observation(), declared(USERS).observation()])
    (asset,) = graph.assets.values()
    assert asset.producer == ToolRef("dbt", "main", "dbt-maker")
    assert [finding.code for finding in graph.findings] == ["two-producers"]
    alone = AssetGraph.of([job, declared(USERS).observation(), cataloged(USERS).observation()])
    assert next(iter(alone.assets.values())).producer == ToolRef("databricks", "main", "databricks-maker")


def test_columns_come_in_the_warehouses_order_with_its_types_and_the_documents_words() -> None:
    graph = graph_of(
        made("airbyte", USERS, (Column("name"), Column("ID"), Column("_meta"))),
        declared(USERS, (Column("id", "text", "The key"), Column("gone", None, "Once was"))),
        cataloged(USERS, (Column("id", "BIGINT"), Column("name", "VARCHAR"))),
    )
    (key,) = graph.assets
    columns = graph.columns(key)
    assert [(column.name, column.type) for column in columns] == [
        ("id", "BIGINT"), ("name", "VARCHAR"), ("gone", None), ("_meta", None),
    ]  # fmt: skip
    assert [column.description for column in columns] == ["The key", "", "Once was", ""]


def test_what_the_leader_leaves_open_the_next_one_says() -> None:
    graph = graph_of(
        made("airbyte", USERS, tags=("synced",), attributes={"connection": "shop"}),
        declared(
            USERS,
            tags=("raw",),
            owner="Ops",
            package="shop",
            path="models/sources.yml",
            fqn=("shop", "raw", "users"),
            attributes={"source_name": "raw", "connection": "never"},
        ),
    )
    (asset,) = graph.assets.values()
    assert (asset.tags, asset.owner, asset.package) == (("synced", "raw"), "Ops", "shop")
    assert asset.attributes["connection"] == "shop" and asset.attributes["source_name"] == "raw"
    assert asset.fqn == (), "a source's fqn does not make a synced table a node of dbt"
    assert "shop.raw.users" in asset.aliases, "but it is a name by which it is found"


def test_the_warehouse_decides_whether_it_is_a_view() -> None:
    (asset,) = graph_of(declared(USERS), cataloged(USERS, kind=AssetKind.VIEW)).assets.values()
    assert (asset.kind, asset.resource_type) == (AssetKind.VIEW, "source")


def test_a_check_hangs_on_the_joined_asset() -> None:
    graph = estate.graph()
    users = graph.find("raw.users").key
    assert [check.name for check in graph.checks_of[users]] == ["not_null_of_users"]


def test_parents_that_nobody_observed_and_self_references_are_no_edges() -> None:
    asset = estate.model("customers", "model.shop.gone", "model.shop.customers")
    check = ObservedCheck(id="test.x", kind="data_test", name="x", assets=("model.shop.gone",))
    seen = Observation(integration="dbt", instance="t", taken_at=1.0, assets=(asset,), checks=(check,))
    graph = AssetGraph.of([seen])
    assert graph.upstream == {}
    assert [check.assets for check in graph.checks.values()] == [()]


@pytest.mark.parametrize(
    ("others", "left"),
    [
        pytest.param((), [], id="nobody else knows it"),
        pytest.param((declared(USERS),), ["users"], id="declared as a source"),
        pytest.param((made("airbyte", USERS),), ["users"], id="made by a sync"),
    ],
)
def test_a_table_in_which_a_check_keeps_rows_is_no_asset_of_the_warehouse(
    others: tuple[Seen, ...], left: list[str]
) -> None:
    check = ObservedCheck(id="test.x", kind="data_test", name="x", assets=(), keeps=USERS)
    tests = Observation(integration="dbt", instance="t", taken_at=1.0, checks=(check,))
    tables = [cataloged(USERS), cataloged(estate.relation("raw", "orders")), *others]
    graph = AssetGraph.of([tests, *(one.observation() for one in tables)])
    assert sorted(asset.name for asset in graph.assets.values()) == sorted(["orders", *left])


def test_findings_of_the_tools_are_kept() -> None:
    finding = Finding(code="not-compiled", message="customers: no SQL")
    graph = AssetGraph.of([Observation(integration="dbt", instance="t", taken_at=1.0, findings=(finding,))])
    assert graph.findings == (finding,)


# ---------------------------------------------------------------- names


def test_a_bare_name_is_the_models_also_where_a_synced_source_has_it() -> None:
    dbt = Observation(
        integration="dbt",
        instance="transform",
        taken_at=1.0,
        assets=(estate.source("users"), estate.model("users", "source.shop.raw.users")),
    )
    graph = AssetGraph.of([estate.airbyte(), dbt])
    assert graph.find("users").resource_type == "model"
    synced = graph.find("raw.users")
    assert synced.producer == ToolRef("airbyte", "ingest", "shop")
    assert graph.names.shown(synced.key) == "raw.users"


@pytest.mark.parametrize(
    "name",
    [
        "customers",
        "marts.customers",
        "shop.marts.customers",
        "model.shop.customers",
        "CUSTOMERS",
        "relation:marts.customers",
    ],
)
def test_every_name_of_an_asset_finds_it(name: str) -> None:
    assert estate.graph().find(name).resource_type == "model"


def test_an_ambiguous_name_lists_names_that_tell_apart() -> None:
    assets = (estate.model("orders"), estate.model("orders", folder="staging"))
    renamed = Observation(integration="dbt", instance="b", taken_at=1.0, assets=assets[1:])
    graph = AssetGraph.of(
        [Observation(integration="dbt", instance="a", taken_at=1.0, assets=assets[:1]), renamed]
    )
    with pytest.raises(AmbiguousAsset) as raised:
        graph.find("orders")
    assert raised.value.candidates == ("marts.orders", "staging.orders")


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(UnknownAsset) as raised:
        estate.graph().find("custmers")
    assert raised.value.nearest[0] == "customers"
