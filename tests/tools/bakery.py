"""A dbt project of the usual form: seeds, a source, staging, marts, tests, an exposure, an incremental model, a snapshot, a macro."""

from __future__ import annotations

import subprocess
from pathlib import Path

import duckdb

FILES = {
    "dbt_project.yml": "name: bakery\nversion: '1.0'\nprofile: bakery\n"
    "models: {bakery: {staging: {+materialized: view}, marts: {+materialized: table}}}\n",
    "profiles.yml": "bakery:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: bakery.duckdb}\n",
    "penstock.yml": "name: bakery\nwarehouses: {main: {dbt: t}}\ndbt: {t: {project: .}}\n",
    ".gitignore": ".penstock/\ntarget/\nlogs/\n*.duckdb\n",
    "macros/dollars.sql": "{% macro dollars(column) %}({{ column }} / 100)::decimal(16, 2){% endmacro %}\n",
    "seeds/raw_customers.csv": "id,name\n" + "".join(f"{at},customer {at}\n" for at in range(1, 13)),
    "seeds/raw_products.csv": "sku,name,kind,price,description\nb1,rye,bread,420,dark\nb2,spelt,bread,510,light\nc1,plum,cake,330,sweet\n",
    "seeds/raw_orders.csv": "id,customer,store,ordered_at,subtotal,tax\n"
    + "".join(
        f"{at},{1 + at % 11},{1 + at % 3},2024-01-{1 + at % 28:02},{420 + at % 7},{30 + at % 5}\n"
        for at in range(1, 41)
    ),
    "seeds/raw_items.csv": "id,order_id,sku\n"
    + "".join(f"{at},{1 + at % 39},{('b1', 'b2', 'c1')[at % 3]}\n" for at in range(1, 91)),
    "models/staging/sources.yml": "sources: [{name: city, schema: main, tables: [{name: stores}]}]\n",
    "models/staging/stg_customers.sql": "select id as customer_id, name as customer_name from {{ ref('raw_customers') }}\n",
    "models/staging/stg_stores.sql": "select id as store_id, name as store_name, tax_rate from {{ source('city', 'stores') }}\n",
    "models/staging/stg_products.sql": "with source as (\n  select * from {{ ref('raw_products') }}\n)\nselect\n  sku as product_id,\n"
    "  name as product_name,\n  description as product_text,\n  {{ dollars('price') }} as product_price,\n"
    "  kind = 'bread' as is_bread\nfrom source\n",
    "models/staging/stg_items.sql": "select id as item_id, order_id, sku as product_id from {{ ref('raw_items') }}\n",
    "models/staging/stg_orders.sql": "select\n  id as order_id,\n  customer as customer_id,\n  store as store_id,\n  ordered_at,\n"
    "  {{ dollars('subtotal') }} as subtotal,\n  {{ dollars('tax') }} as tax\nfrom {{ ref('raw_orders') }}\n",
    "models/marts/products.sql": "select * from {{ ref('stg_products') }}\n",
    "models/marts/order_items.sql": "select i.item_id, i.order_id, p.product_name, p.product_price, p.is_bread\n"
    "from {{ ref('stg_items') }} i left join {{ ref('stg_products') }} p on i.product_id = p.product_id\n",
    "models/marts/orders.sql": "with items as (\n  select order_id, sum(product_price) as items_total, count(*) as items,\n"
    "    count(case when is_bread then 1 end) as breads\n  from {{ ref('order_items') }} group by order_id\n)\n"
    "select o.*, items.items_total, items.items, items.breads > 0 as has_bread\n"
    "from {{ ref('stg_orders') }} o left join items on o.order_id = items.order_id\n",
    "models/marts/customers.sql": "with sums as (\n  select customer_id, count(distinct order_id) as orders, min(ordered_at) as first_at,\n"
    "    sum(subtotal) as spent, sum(tax) as tax_paid\n  from {{ ref('orders') }} group by customer_id\n)\n"
    "select c.*, sums.orders, sums.first_at, sums.spent, sums.tax_paid\n"
    "from {{ ref('stg_customers') }} c left join sums on c.customer_id = sums.customer_id\n",
    "models/marts/bread_orders.sql": "select order_id, customer_id, items from {{ ref('orders') }} where has_bread\n",
    "models/marts/store_card.sql": "select store_id, store_name, tax_rate from {{ ref('stg_stores') }}\n",
    "models/marts/order_log.sql": "{{ config(materialized='incremental', unique_key='order_id') }}\n"
    "select order_id, customer_id, subtotal, ordered_at from {{ ref('stg_orders') }}\n"
    "{% if is_incremental() %} where ordered_at > (select max(ordered_at) from {{ this }}) {% endif %}\n",
    "models/marts/marts.yml": """
models:
  - name: store_card
    config: {contract: {enforced: true}}
    columns:
      - {name: store_id, data_type: bigint}
      - {name: store_name, data_type: varchar, data_tests: [not_null]}
      - {name: tax_rate, data_type: double}
  - name: orders
    columns: [{name: order_id, data_tests: [unique, not_null]}]
exposures:
  - {name: sales, type: dashboard, owner: {name: Finance, email: f@example.com}, depends_on: [ref('customers'), ref('orders')]}
  - {name: menu, type: application, owner: {name: Kitchen, email: k@example.com}, depends_on: [ref('products')]}
""",
    "snapshots/prices.yml": "snapshots:\n  - name: prices\n    relation: ref('stg_products')\n"
    "    config: {unique_key: product_id, strategy: check, check_cols: [product_price]}\n",
}


def bakery(folder: Path) -> Path:
    """The project in `folder`, and what others have loaded into its warehouse."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    load(folder / "bakery.duckdb")
    return folder


def load(file: Path) -> None:
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "create table stores as select i as id, 'store ' || i as name, i / 50.0 as tax_rate from range(1, 4) t(i)"
        )


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=n", "-c", "user.email=n@example.com"]
    done = subprocess.run(["git", *who, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def edit(folder: Path, name: str, before: str, after: str) -> None:
    text = (folder / name).read_text()
    assert text.count(before) == 1, (name, before)
    (folder / name).write_text(text.replace(before, after))
