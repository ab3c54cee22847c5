"""A small shop as documents, so that two versions of it can be compared in no time and executed on a real DuckDB file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb

from penstock.report.document import DiffDocument
from penstock.service.diffing import diff
from penstock.service.workspace import open_workspace

SOURCES: dict[str, str] = {
    "raw_customers": "select i as id, 'name ' || (i % 7) as name, i % 3 as region from range(1, 21) t(i)",
    "raw_orders": "select i as id, 1 + i % 17 as customer_id, date '2024-01-01' + (i % 60)::int as ordered_at,"
    " case i % 4 when 0 then 'returned' when 1 then 'open' else 'paid' end as status, 5 + i % 3 as store_id"
    " from range(1, 81) t(i)",
    "raw_items": "select i as id, 1 + i % 77 as order_id, 100 + i % 9 as sku, (i * 37) % 900 as cents, i % 5 as quantity"
    " from range(1, 161) t(i)",
    "raw_products": "select 100 + i as sku, 'thing ' || i as title, i % 2 = 0 as food from range(0, 9) t(i)",
}
# In the order in which they can be made.
MODELS: dict[str, str] = {
    "stg_customers": "select id as customer_id, name as customer_name, region from {raw_customers}",
    "stg_orders": "with source as (select * from {raw_orders}), renamed as (select id as order_id, customer_id, ordered_at,"
    " upper(status) as status, store_id from source) select * from renamed",
    "stg_items": "select id as item_id, order_id, sku, cents / 100.0 as price, quantity from {raw_items} where quantity > 0",
    "stg_products": "select sku, trim(title) as title, food from {raw_products}",
    "order_items": "select i.item_id, i.order_id, i.price, i.quantity, p.title, p.food, i.price * i.quantity as amount"
    " from {stg_items} i left join {stg_products} p using (sku)",
    "order_totals": "select order_id, sum(amount) as total, count(*) as items, max(price) as dearest,"
    " count(case when food then 1 end) as food_items from {order_items} group by order_id",
    "orders": "with totals as (select * from {order_totals}) select o.order_id, o.customer_id, o.ordered_at, o.status, o.store_id,"
    " coalesce(t.total, 0) as total, t.items, t.food_items from {stg_orders} o left join totals t on o.order_id = t.order_id",
    "paid_orders": "select * from {orders} where status = 'PAID'",
    "returned_orders": "select order_id, customer_id, total, status from {orders} where status = 'RETURNED'",
    "all_ends": "select order_id, total, 'paid' as how from {paid_orders} union all select order_id, total, 'back' from {returned_orders}",
    "customer_orders": "select customer_id, count(*) as orders, min(ordered_at) as first_at, max(ordered_at) as last_at,"
    " sum(total) as spent from {orders} group by 1",
    "customers": "select c.customer_id, c.customer_name, c.region, coalesce(o.orders, 0) as orders, o.spent, o.first_at,"
    " o.spent > 40 as loyal from {stg_customers} c left join {customer_orders} o on c.customer_id = o.customer_id",
    "regions": "select region, count(*) as customers, sum(spent) as spent from {customers} group by region",
    "stores": "select distinct store_id from {stg_orders}",
    "ranked": "select customer_id, order_id, row_number() over (partition by customer_id order by ordered_at, order_id) as nth"
    " from {orders}",
    "first_orders": "select r.customer_id, o.total from {ranked} r join {orders} o on o.order_id = r.order_id where r.nth = 1",
    "busy_days": "select ordered_at, count(*) as n from {orders} group by ordered_at having count(*) > 1",
    "big": "select customer_id from {customers} where exists (select 1 from {orders} o where o.customer_id = {customers}.customer_id"
    " and o.total > 10)",
    "how_many": "select count(*) as n from {stg_items}",
    "dearest": "select order_id, dearest from {order_totals} order by dearest desc, order_id limit 3",
}  # fmt: skip


def relation(name: str) -> str:
    return f'"memory"."main"."{name}"'


def compiled(sql: str) -> str:
    for name in sorted((*SOURCES, *MODELS), key=len, reverse=True):
        sql = sql.replace("{" + name + "}", relation(name))
    return sql


def parents(sql: str) -> list[str]:
    return [name for name in (*SOURCES, *MODELS) if "{" + name + "}" in sql or relation(name) in sql]


def _id(name: str) -> str:
    return f"source.shop.raw.{name}" if name in SOURCES else f"model.shop.{name}"


def _common(name: str, kind: str) -> dict[str, Any]:
    return {
        "unique_id": _id(name), "name": name, "resource_type": kind, "package_name": "shop", "database": "memory",
        "schema": "main", "path": f"{name}.sql", "original_file_path": f"models/{name}.sql", "fqn": ["shop", name],
        "relation_name": relation(name), "config": {"materialized": "table"}, "unrendered_config": {},
    }  # fmt: skip


def manifest(models: dict[str, str]) -> dict[str, Any]:
    nodes = {
        _id(name): {
            **_common(name, "model"),
            "alias": name,
            "checksum": {"name": "sha256", "checksum": str(hash(sql))},
            "depends_on": {"nodes": [_id(parent) for parent in parents(sql)], "macros": []},
            "language": "sql",
            "raw_code": sql,
            "compiled_code": compiled(sql),
            "compiled": True,
        }
        for name, sql in models.items()
    }
    sources = {
        _id(name): {**_common(name, "source"), "source_name": "raw", "identifier": name} for name in SOURCES
    }
    return {
        "metadata": {
            "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
            "dbt_version": "1.11.0",
            "generated_at": "2026-01-01T00:00:00Z",
            "adapter_type": "duckdb",
            "project_name": "shop",
        },
        "nodes": nodes,
        "sources": sources,
        "macros": {},
        "exposures": {},
        "metrics": {},
        "disabled": {},
        "parent_map": {},
        "child_map": {},
    }


def catalog() -> dict[str, Any]:
    """What the warehouse has: the tables as MODELS made them, whatever the project says by now."""
    columns: dict[str, list[tuple[str, str]]] = {}
    with duckdb.connect() as connection:
        for name, sql in SOURCES.items():
            columns[name] = [(column, "VARCHAR") for column in connection.sql(sql).columns]
    for name, made in executed(MODELS).items():
        assert not isinstance(made, str), made
        columns[name] = list(made[0])
    entries = {
        _id(name): {
            "metadata": {"type": "BASE TABLE", "database": "memory", "schema": "main", "name": name},
            "columns": {
                column: {"name": column, "type": kind, "index": at}
                for at, (column, kind) in enumerate(found, 1)
            },
            "stats": {},
            "unique_id": _id(name),
        }
        for name, found in columns.items()
    }
    return {
        "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/catalog/v1.json"},
        "nodes": {id: entry for id, entry in entries.items() if id.startswith("model.")},
        "sources": {id: entry for id, entry in entries.items() if id.startswith("source.")},
    }


def project(folder: Path) -> Path:
    """A project whose base is the shop as above; `head` is written by `compared`."""
    (folder / ".git").mkdir()
    (folder / "penstock.yml").write_text(
        "name: shop\ndbt: {shop: {manifest: head/manifest.json, catalog: head/catalog.json}}\n"
    )
    there = json.dumps(catalog())
    for name in ("base", "head"):
        (folder / name).mkdir()
        (folder / name / "catalog.json").write_text(there)
        (folder / name / "manifest.json").write_text(json.dumps(manifest(MODELS)))
    return folder


def compared(folder: Path, models: dict[str, str]) -> DiffDocument:
    (folder / "head" / "manifest.json").write_text(json.dumps(manifest(models)))
    return diff(open_workspace(folder), str(folder / "base"))


def executed(models: dict[str, str]) -> dict[str, tuple[Any, ...] | str]:
    """Each model's columns and rows, in an order of their own; the error's text of one that cannot be built."""
    found: dict[str, tuple[Any, ...] | str] = {}
    with duckdb.connect() as connection:
        for name, sql in SOURCES.items():
            connection.execute(f"create table {relation(name)} as {sql}")
        for name, sql in models.items():
            try:
                connection.execute(f"create table {relation(name)} as {compiled(sql)}")
            except duckdb.Error as error:
                found[name] = str(error)
                continue
            table = connection.sql(f"select * from {relation(name)}")
            rows = tuple(sorted(table.fetchall(), key=str))
            found[name] = (tuple(zip(table.columns, map(str, table.types), strict=True)), rows)
    return found
