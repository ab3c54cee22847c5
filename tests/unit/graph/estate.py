"""A small estate seen by two tools: an Airbyte connection whose tables a dbt project declares as sources, and builds on."""

from __future__ import annotations

from penstock.assets import (
    AssetKind,
    Column,
    DeclaredAs,
    FieldMap,
    Observation,
    ObservedAsset,
    ObservedCheck,
    ObservedProducer,
    Relation,
    Role,
)
from penstock.graph import AssetGraph
from penstock.graph.select import Selection


def relation(schema: str, name: str, namespace: str = "duckdb:shop.duckdb") -> Relation:
    return Relation(namespace, "duckdb", "shop", schema, name)


def airbyte() -> Observation:
    """Connection `shop`: streams users and orders, into raw.users and raw.orders."""
    streams = [
        ObservedAsset(
            id=f"shop/{name}",
            kind=AssetKind.STREAM,
            name=name,
            resource_type="stream",
            columns=(Column("id", "integer"),),
            attributes={"connection": "shop"},
        )
        for name in ("users", "orders")
    ]
    tables = [
        ObservedAsset(
            id=f"shop/{name}#table",
            kind=AssetKind.TABLE,
            name=name,
            resource_type="table",
            relation=relation("raw", name),
            upstream=(f"shop/{name}",),
            role=Role.PRODUCES,
            producer="shop",
            attributes={"connection": "shop"},
        )
        for name in ("users", "orders")
    ]
    return Observation(
        integration="airbyte",
        instance="ingest",
        taken_at=1.0,
        assets=(*streams, *tables),
        producers=(ObservedProducer(id="shop", kind="sync"),),
        fields=(
            FieldMap(
                source_id="shop/users", source_column="id", target_id="shop/users#table", target_column="id"
            ),
        ),
    )


def source(name: str) -> ObservedAsset:
    return ObservedAsset(
        id=f"source.shop.raw.{name}",
        kind=AssetKind.TABLE,
        name=name,
        resource_type="source",
        relation=relation("raw", name),
        fqn=("shop", "staging", "raw", name),
        package="shop",
        path="models/staging/sources.yml",
        tags=("raw",),
        attributes={"source_name": "raw"},
        declared_as=DeclaredAs("source", "shop", "raw", name),
        config=b'{"enabled":true,"meta":{"owner":"ops"}}',
    )


def model(name: str, *upstream: str, folder: str = "marts") -> ObservedAsset:
    return ObservedAsset(
        id=f"model.shop.{name}",
        kind=AssetKind.VIEW,
        name=name,
        resource_type="model",
        relation=relation(folder, name),
        upstream=upstream,
        role=Role.PRODUCES,
        producer=f"model.shop.{name}",
        fqn=("shop", folder, name),
        package="shop",
        path=f"models/{folder}/{name}.sql",
        config=b'{"enabled":true,"materialized":"view"}',
    )


def check(name: str, *assets: str, kind: str = "data_test") -> ObservedCheck:
    return ObservedCheck(
        id=f"test.shop.{name}",
        kind=kind,
        name=name,
        assets=assets,
        fqn=("shop", name),
        package="shop",
        path="models/marts/marts.yml",
        attributes={"test_type": "generic", "test_name": name.split("_of_")[0]},
    )


def dbt() -> Observation:
    """Sources raw.users (synced), raw.orders (synced), raw.notes (nobody's); stg_users -> customers; an exposure."""
    return Observation(
        integration="dbt",
        instance="transform",
        taken_at=2.0,
        assets=(
            source("users"),
            source("orders"),
            source("notes"),
            model("stg_users", "source.shop.raw.users", folder="staging"),
            model("customers", "model.shop.stg_users", "source.shop.raw.orders"),
            ObservedAsset(
                id="exposure.shop.weekly",
                kind=AssetKind.EXPOSURE,
                name="weekly",
                resource_type="exposure",
                upstream=("model.shop.customers",),
                fqn=("shop", "weekly"),
                package="shop",
            ),
        ),
        checks=(
            check("unique_of_customers", "model.shop.customers"),
            check("relationships_of_both", "model.shop.customers", "model.shop.stg_users"),
            check("not_null_of_users", "source.shop.raw.users"),
            check("keeps_all", "model.shop.stg_users", kind="unit_test"),
        ),
        producers=(
            ObservedProducer(id="model.shop.stg_users", kind="model"),
            ObservedProducer(id="model.shop.customers", kind="model"),
        ),
    )


def catalog() -> Observation:
    """The warehouse itself: a table nobody else knows."""
    return Observation(
        integration="duckdb",
        instance="main",
        taken_at=3.0,
        assets=(
            ObservedAsset(
                id="shop.finance.ledger",
                kind=AssetKind.TABLE,
                name="ledger",
                resource_type="table",
                role=Role.CATALOGS,
                relation=relation("finance", "ledger"),
            ),
        ),
    )


def graph() -> AssetGraph:
    return AssetGraph.of([airbyte(), dbt(), catalog()])


def names(graph: AssetGraph, selection: Selection) -> set[str]:
    """The selected assets by the names that penstock shows, and the checks by theirs."""
    assets = {graph.names.shown(key) for key in selection.assets}
    return assets | {graph.checks[key].name for key in selection.checks}
