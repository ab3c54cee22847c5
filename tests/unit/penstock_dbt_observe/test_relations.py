"""A rendered relation name -> the parts as the warehouse stores them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.assets import Relation
from penstock_dbt.dialects import dialect_of
from penstock_dbt.relations import Namer


@pytest.mark.parametrize(
    ("dialect", "rendered", "parts"),
    [
        ("duckdb", '"shop"."main"."orders"', ("shop", "main", "orders")),
        ("duckdb", '"shop"."main"."Order Lines"', ("shop", "main", "Order Lines")),
        ("duckdb", '"a.b"."main"."say ""hi"""', ("a.b", "main", 'say "hi"')),
        ("duckdb", "shop.main.orders", ("shop", "main", "orders")),
        ("snowflake", "raw.Crm.Users", ("RAW", "CRM", "USERS")),
        ("snowflake", 'RAW.crm."Users"', ("RAW", "CRM", "Users")),
        ("snowflake", '"raw".crm."users"', ("raw", "CRM", "users")),
        ("postgres", '"Shop"."public"."Orders"', ("Shop", "public", "Orders")),
        ("postgres", "Shop.public.Orders", ("shop", "public", "orders")),
        ("bigquery", "`my-project`.`Data`.`events_*`", ("my-project", "Data", "events_*")),
        ("bigquery", "`my-project.data.events`", ("my-project.data.events",)),
        ("databricks", "`main`.`default`.`orders`", ("main", "default", "orders")),
        ("spark", "default.orders", ("default", "orders")),
        ("clickhouse", "`shop`.`orders`", ("shop", "orders")),
        ("tsql", "[shop].[dbo].[odd]]name]", ("shop", "dbo", "odd]name")),
        ("tsql", '"shop"."dbo"."orders"', ("shop", "dbo", "orders")),
        ("trino", "hive.dex.info", ("hive", "dex", "info")),
        ("athena", '"awsdatacatalog"."lake"."orders"', ("awsdatacatalog", "lake", "orders")),
        ("oracle", "shop.orders", ("SHOP", "ORDERS")),
        ("duckdb", "orders", ("orders",)),
        ("duckdb", '"größe"."main"."naïve"', ("größe", "main", "naïve")),
    ],
)
def test_the_parts_of_a_rendered_name(dialect: str, rendered: str, parts: tuple[str, ...]) -> None:
    assert Namer("w", dialect).parts(rendered) == parts
    padded = (None,) * (3 - len(parts)) + parts
    assert Namer("w", dialect).relation(rendered) == Relation("w", dialect, padded[0], padded[1], parts[-1])


@pytest.mark.parametrize(
    "rendered",
    [
        "",
        "read_csv('landing.csv')",
        "'s3://bucket/landing.parquet'",
        'a."b',
        "a..b",
        "a.b.",
        "a.b.c.d",
        '"a""b',
        "a b.c",
        "(select 1)",
    ],
)
def test_what_is_no_name_has_no_relation(rendered: str) -> None:
    assert Namer("w", "duckdb").relation(rendered) is None


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=12)


@given(
    st.lists(NAMES, min_size=1, max_size=3), st.sampled_from(["duckdb", "snowflake", "postgres", "bigquery"])
)
def test_whatever_is_quoted_is_kept(names: list[str], dialect: str) -> None:
    quote = "`" if dialect == "bigquery" else '"'
    rendered = ".".join(quote + name.replace(quote, quote * 2) + quote for name in names)
    assert Namer("w", dialect).parts(rendered) == tuple(names)


@pytest.mark.parametrize(
    ("adapter", "dialect"),
    [
        ("duckdb", "duckdb"),
        ("postgres", "postgres"),
        ("redshift", "redshift"),
        ("snowflake", "snowflake"),
        ("bigquery", "bigquery"),
        ("databricks", "databricks"),
        ("spark", "spark"),
        ("trino", "trino"),
        ("athena", "athena"),
        ("sqlserver", "tsql"),
        ("fabric", "tsql"),
        ("synapse", "tsql"),
        ("clickhouse", "clickhouse"),
        ("mysql", "mysql"),
        ("oracle", "oracle"),
        ("sqlite", "sqlite"),
        ("teradata", "teradata"),
        ("glue", "spark"),
        ("DuckDB", "duckdb"),
        ("of_tomorrow", "of_tomorrow"),
        (None, ""),
    ],
)
def test_adapters_and_their_dialects(adapter: str | None, dialect: str) -> None:
    assert dialect_of(adapter) == dialect
