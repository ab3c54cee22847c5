"""A small dbt project of every kind of node, written where a test wants it; the names provoke what a naive selection gets wrong."""

from __future__ import annotations

from pathlib import Path

PROJECT = """
name: shop
version: "1.0"
profile: shop
model-paths: [models]
seed-paths: [seeds]
snapshot-paths: [snapshots]
test-paths: [tests]
macro-paths: [macros]
"""

PROFILES = """
shop:
  target: dev
  outputs:
    dev: {type: duckdb, path: shop.duckdb, threads: 2}
    prod: {type: duckdb, path: prod.duckdb, threads: 2}
"""

# The model `orders` and the folder `orders/`, in a project that is also called like a folder: `--select shop.orders` takes both.
FILES = {
    "dbt_project.yml": PROJECT,
    "profiles.yml": PROFILES,
    "seeds/people.csv": "id,name\n1,ann\n2,bob\n3,cid\n",
    "models/staging/stg_people.sql": "select id, name from {{ ref('people') }}\n",
    "models/staging/named.sql": (
        "{{ config(materialized='ephemeral') }}\nselect id, upper(name) as name from {{ ref('stg_people') }}\n"
    ),
    "models/staging/named_again.sql": (
        "{{ config(materialized='ephemeral') }}\nselect id, name || '!' as name from {{ ref('named') }}\n"
    ),
    "models/orders.sql": (
        "{{ config(materialized='table') }}\nselect id, id * 10 as amount from {{ ref('stg_people') }}\n"
    ),
    "models/orders/lines.sql": "select 1 as line\n",
    "models/customers.sql": "{{ config(materialized='table') }}\nselect id, name from {{ ref('named_again') }}\n",
    "models/history.sql": (
        "{{ config(materialized='incremental') }}\nselect id from {{ ref('orders') }}\n"
        "{% if is_incremental() %} where id > (select max(id) from {{ this }}) {% endif %}\n"
    ),
    "snapshots/people_snapshot.sql": (
        "{% snapshot people_snapshot %}\n"
        "{{ config(unique_key='id', strategy='check', check_cols=['name'], target_schema='main') }}\n"
        "select * from {{ ref('stg_people') }}\n{% endsnapshot %}\n"
    ),
    "tests/no_empty_names.sql": "select * from {{ ref('customers') }} where name = ''\n",
    "models/schema.yml": """
models:
  - name: stg_people
    columns:
      - name: id
        data_tests: [unique, not_null]
  - name: orders
    columns:
      - name: id
        data_tests:
          - relationships:
              to: ref('customers')
              field: id
unit_tests:
  - name: people_pass_through
    model: stg_people
    given:
      - input: ref('people')
        rows: [{id: 1, name: a}]
    expect:
      rows: [{id: 1, name: a}]
exposures:
  - name: weekly
    type: dashboard
    owner: {name: shop, email: shop@example.com}
    depends_on: [ref('customers')]
""",
}

UNIT_TEST = "unit_test.shop.stg_people.people_pass_through"
RELATIONSHIPS = "relationships_orders_id__id__ref_customers_"


def write_shop(folder: Path, changes: dict[str, str | None] | None = None) -> Path:
    """The project in `folder`; `changes` replace, add or (None) remove files."""
    for name, text in {**FILES, **(changes or {})}.items():
        path = folder / name
        if text is None:
            path.unlink(missing_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder
