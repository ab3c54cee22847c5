"""Lost joins: what is loaded and not read, what is read and not loaded, and which of the one might be which of the other."""

from __future__ import annotations

import msgspec
import pytest

from penstock.assets import (
    AssetKind,
    DeclaredAs,
    Finding,
    Observation,
    ObservedAsset,
    ObservedProducer,
    Relation,
    Role,
)
from penstock.graph import AssetGraph


def at(schema: str, name: str, database: str = "shop") -> Relation:
    return Relation(f"duckdb:{database}.duckdb", "duckdb", database, schema, name)


def table(relation: Relation, kind: str = "table", **facts: object) -> ObservedAsset:
    return ObservedAsset(
        id=f"{kind}.{relation.schema}.{relation.identifier}",
        kind=AssetKind.TABLE,
        name=relation.identifier,
        resource_type=kind,
        relation=relation,
        **facts,  # type: ignore[arg-type]  # fields of an asset
    )


def synced(*relations: Relation) -> Observation:
    return Observation(
        integration="airbyte",
        instance="ingest",
        taken_at=1.0,
        assets=(
            ObservedAsset(id="shop/users", kind=AssetKind.STREAM, name="users", resource_type="stream"),
            *(table(relation, producer="shop", role=Role.PRODUCES) for relation in relations),
        ),
        producers=(ObservedProducer(id="shop", kind="sync"),),
    )


def project(*sources: Relation) -> Observation:
    """One model over all sources."""
    declared = tuple(
        table(
            relation,
            "source",
            declared_as=DeclaredAs("source", "shop", relation.schema or "", relation.identifier),
        )
        for relation in sources
    )
    model = table(
        at("marts", "orders"),
        "model",
        producer="orders",
        role=Role.PRODUCES,
        upstream=tuple(source.id for source in declared),
    )
    return Observation(
        integration="dbt",
        instance="main",
        taken_at=1.0,
        assets=(*declared, model),
        producers=(ObservedProducer(id="orders", kind="model"),),
    )


def catalog(*relations: Relation) -> Observation:
    return Observation(
        integration="duckdb",
        instance="main",
        taken_at=1.0,
        assets=tuple(table(one, role=Role.CATALOGS) for one in relations),
    )


def told(*observations: Observation) -> dict[str, str]:
    graph = AssetGraph.of(observations)
    found: dict[str, str] = {}
    for finding in graph.findings:
        assert finding.code not in found, "one sentence per pair of schemas, not one per table"
        found[finding.code] = finding.message
    return found


def test_what_meets_is_no_finding() -> None:
    assert told(synced(at("raw", "users")), project(at("RAW", "users")), catalog(at("raw", "users"))) == {}


def test_a_typo_in_a_schema_is_told_once_with_both_sides() -> None:
    names = [f"t{number}" for number in range(7)]
    found = told(synced(*(at("raw", n) for n in names)), project(*(at("rwa", n) for n in names)))
    assert found == {
        "lost-join": "nothing loads the sources t0, t1, t2, t3, t4 and 2 more of rwa, and nothing reads the tables of"
        " these names that airbyte/ingest:shop loads into raw"
    }


def test_an_old_copy_in_the_warehouse_does_not_hide_a_lost_join() -> None:
    """The connection's schema was changed: dbt goes on reading what was loaded last year."""
    old, new = at("raw", "users"), at("raw2", "users")
    assert list(told(synced(new), project(old), catalog(old, new))) == ["lost-join"]


def test_another_name_is_told_with_the_nearest() -> None:
    found = told(synced(at("raw", "customers")), project(at("raw", "customer")))
    assert found == {
        "source-not-loaded": "nothing here loads the source of raw: customer; nearest to raw.customer: raw.customers",
        "stream-not-read": "nothing reads 1 table that airbyte/ingest:shop loads: customers; nearest to raw.customers:"
        " raw.customer",
    }


def test_what_others_load_is_in_the_warehouse_and_no_finding() -> None:
    users, events = at("raw", "users"), at("tracking", "events")
    assert told(synced(users), project(users, events), catalog(users, events)) == {}
    assert list(told(synced(users), project(users, events))) == ["source-not-loaded"]


def test_what_a_sync_loads_that_is_not_known_yet_is_loaded_by_nobody_only_when_it_is_known() -> None:
    """Before the first discovery, and of a server that was never asked."""
    users, events = at("raw", "users"), at("raw", "events")
    every = ObservedAsset(
        id="crm/*#table",
        kind=AssetKind.OTHER,
        name="crm/*",
        resource_type="connection",
        producer="crm",
        role=Role.PRODUCES,
    )
    crm = Observation(
        integration="airbyte",
        instance="crm",
        taken_at=1.0,
        assets=(every,),
        producers=(ObservedProducer(id="crm", kind="sync"),),
    )
    never_asked = Observation(integration="airbyte", instance="cloud", taken_at=1.0, stale="not asked yet")
    for unknown in (crm, never_asked):
        assert told(synced(users), project(users, events), unknown) == {}
        assert list(told(synced(users), project(at("rwa", "users")), unknown)) == ["lost-join"]


@pytest.mark.parametrize(
    "observations",
    [
        [synced(at("raw", "users"))],
        [synced(at("raw", "users")), catalog(at("raw", "users"))],
        [project(at("raw", "users"))],
        [project(at("raw", "users")), catalog()],
    ],
)
def test_with_one_side_alone_there_is_nothing_to_join(observations: list[Observation]) -> None:
    assert told(*observations) == {}


def test_the_plan_is_about_the_table() -> None:
    """`plan -s` shows a finding of what it builds."""
    graph = AssetGraph.of([synced(at("raw", "users")), project(at("rwa", "users"))])
    (finding,) = graph.findings
    assert isinstance(finding, Finding) and finding.asset == at("raw", "users").key


def test_a_source_that_the_warehouse_does_not_have_is_told() -> None:
    """Only of schemas that were read: of `crm` nobody has told anything."""
    observations = [
        project(at("raw", "users"), at("raw", "gone"), at("crm", "contacts")),
        catalog(at("raw", "users")),
    ]
    found = [f for f in AssetGraph.of(observations).findings if f.code == "source-not-there"]
    assert [finding.message for finding in found] == ["the warehouse does not have the source of raw: gone"]
    assert not [f for f in AssetGraph.of(observations[:1]).findings if f.code == "source-not-there"]


def test_a_catalogs_word_on_what_a_view_reads_counts_only_where_nobody_makes_it() -> None:
    base, view, made = at("raw", "users"), at("raw", "seen"), at("marts", "orders")
    seen = msgspec.structs.replace(
        catalog(base),
        assets=(
            table(base, role=Role.CATALOGS),
            table(view, role=Role.CATALOGS, upstream=(f"table.raw.{base.identifier}",)),
            table(made, role=Role.CATALOGS, upstream=(f"table.raw.{base.identifier}",)),
        ),
    )
    graph = AssetGraph.of([project(at("raw", "other")), seen])
    assert graph.upstream[view.key] == (base.key,)
    assert base.key not in graph.upstream[made.key]
