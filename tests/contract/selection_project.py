"""A dbt project with every kind of resource, as files: what selection is compared on. It is parsed, never run."""

from __future__ import annotations

from pathlib import Path

_PROJECT = """
name: shop
version: "1.0"
profile: shop
flags: {send_anonymous_usage_stats: false}
model-paths: [models]
on-run-start: ["select 1"]
on-run-end: ["select count(*) from {{ ref('orders') }}"]
models:
  shop:
    staging: {+materialized: view, +tags: [staging, nightly]}
    marts: {+materialized: table, +tags: [mart], +group: finance}
  parts:
    +tags: [shared]
seeds:
  shop: {+tags: [static]}
"""
_PROFILE = "shop: {target: dev, outputs: {dev: {type: duckdb, path: ':memory:', schema: main}}}\n"

_SOURCES = """
version: 2
sources:
  - name: raw
    schema: raw
    config: {tags: [raw]}
    tables:
      - name: users
        columns: [{name: id, data_tests: [unique, not_null]}]
      - name: orders
        identifier: orders_v1
        config: {meta: {owner: ops, priority: 1}}
        loaded_at_field: updated_at
        freshness: {warn_after: {count: 1, period: day}}
      - name: payments
  - name: crm
    tables:
      - name: users
        config: {tags: [nightly], meta: {pii: true, teams: [ops, sales]}}
"""
_STAGING = """
version: 2
models:
  - name: stg_users
    config: {meta: {owner: ops, pii: true}}
    columns: [{name: id, data_tests: [unique, {not_null: {config: {severity: warn, tags: [strict]}}}]}]
  - name: stg_orders
    config: {meta: {owner: sales, teams: [ops, sales]}, tags: [hourly]}
    columns:
      - name: user_id
        data_tests:
          - relationships: {arguments: {to: ref('stg_users'), field: id}}
          - relationships: {name: orders_of_raw_users, arguments: {to: "source('raw', 'users')", field: id}}
unit_tests:
  - name: keeps_orders
    model: stg_orders
    config: {tags: [hourly]}
    given: [{input: "source('raw', 'orders')", rows: [{id: 1, user_id: 2}]}]
    expect: {rows: [{id: 1, user_id: 2}]}
"""
_MARTS = """
version: 2
groups:
  - name: finance
    owner: {name: Finance}
  - name: growth
    owner: {name: Growth}
models:
  - name: orders
    access: public
    config: {contract: {enforced: false}, meta: {owner: finance}}
    columns:
      - name: id
        data_tests: [unique, not_null]
      - name: user_id
        data_tests:
          - relationships: {arguments: {to: ref('customers'), field: id}}
  - name: customers
    access: protected
    latest_version: 2
    config: {group: growth}
    columns: [{name: id, data_tests: [not_null]}]
    versions: [{v: 1}, {v: 2}, {v: 3}]
  - name: revenue
    latest_version: gold
    versions: [{v: gold}, {v: silver}]
  - name: secret
    access: private
  - name: scored
    config: {materialized: table}
unit_tests:
  - name: counts_users
    model: orders
    given:
      - {input: ref('stg_orders'), rows: [{id: 1, user_id: 2}]}
      - {input: ref('middle'), rows: [{id: 1}]}
    expect: {rows: [{id: 1, user_id: 2}]}
"""
_EXPOSURES = """
version: 2
exposures:
  - name: weekly
    type: dashboard
    owner: {name: Ada}
    config: {tags: [nightly]}
    depends_on: [ref('orders'), "source('crm', 'users')"]
  - name: board
    type: analysis
    owner: {name: Ada}
    depends_on: ["ref('customers', v=1)", metric('order_count')]
"""
_METRICS = """
version: 2
semantic_models:
  - name: orders
    model: ref('orders')
    defaults: {agg_time_dimension: ordered_at}
    entities: [{name: id, type: primary}]
    dimensions: [{name: ordered_at, type: time, type_params: {time_granularity: day}}]
    measures: [{name: order_count, agg: count, expr: id}]
metrics:
  - name: order_count
    label: Orders
    type: simple
    config: {group: finance, tags: [kpi]}
    type_params: {measure: order_count}
  - name: order_ratio
    label: Ratio
    type: ratio
    type_params: {numerator: order_count, denominator: order_count}
saved_queries:
  - name: daily_orders
    config: {tags: [nightly]}
    query_params: {metrics: [order_count], group_by: ["TimeDimension('id__ordered_at', 'day')"]}
"""
_SPINE = """
version: 2
models:
  - name: days
    time_spine: {standard_granularity_column: day}
    columns: [{name: day, granularity: day}]
"""
_SNAPSHOTS = """
version: 2
snapshots:
  - name: users_history
    relation: ref('stg_users')
    config: {unique_key: id, strategy: check, check_cols: all, tags: [nightly]}
"""
_FUNCTIONS = """
version: 2
functions:
  - name: cents
    config: {tags: [shared]}
    arguments: [{name: amount, data_type: double}]
    returns: {data_type: double}
"""
_PARTS = """
name: parts
version: "1.0"
model-paths: [models]
"""

FILES = {
    "dbt_project.yml": _PROJECT,
    "profiles.yml": _PROFILE,
    "packages.yml": "packages: [{local: parts}]\n",
    "models/staging/sources.yml": _SOURCES,
    "models/staging/staging.yml": _STAGING,
    "models/staging/stg_users.sql": "select id from {{ source('raw', 'users') }}",
    "models/staging/stg_orders.sql": "select id, user_id from {{ source('raw', 'orders') }}",
    "models/staging/stg_crm_users.sql": "select id from {{ source('crm', 'users') }}",
    "models/intermediate/middle.sql": (
        "{{ config(materialized='ephemeral', tags='hourly') }} select id from {{ ref('stg_users') }}"
    ),
    "models/intermediate/deep/er/int.pivot.sql": "select id from {{ ref('middle') }}",
    "models/marts/marts.yml": _MARTS,
    "models/marts/orders.sql": (
        "{{ config(materialized='incremental') }} "
        "select id, user_id, now() as ordered_at from {{ ref('stg_orders') }} join {{ ref('middle') }} using (id)"
    ),
    "models/marts/customers_v1.sql": "select id from {{ ref('stg_users') }}",
    "models/marts/customers_v2.sql": "select id from {{ ref('stg_users') }} join {{ ref('stg_crm_users') }} using (id)",
    "models/marts/customers_v3.sql": "select id from {{ ref('customers', v=2) }}",
    "models/marts/revenue_vgold.sql": "select * from {{ ref('orders') }} join {{ ref('countries') }} on true",
    "models/marts/revenue_vsilver.sql": "select * from {{ ref('orders') }}",
    "models/marts/secret.sql": "select * from {{ ref('parts_list') }}",
    "models/marts/scored.py": "def model(dbt, session):\n    return dbt.ref('orders')\n",
    "models/marts/exposures.yml": _EXPOSURES,
    "models/marts/metrics/metrics.yml": _METRICS,
    "models/marts/metrics/days.yml": _SPINE,
    "models/marts/metrics/days.sql": "select current_date as day",
    "models/marts/orders/detail.sql": "select * from {{ ref('orders') }}",
    "seeds/countries.csv": "code,name\nnz,New Zealand\n",
    "snapshots/snapshots.yml": _SNAPSHOTS,
    "tests/no_negative_orders.sql": "select * from {{ ref('orders') }} where id < 0",
    "tests/nested/users_everywhere.sql": (
        "{{ config(tags=['strict'], severity='warn') }} "
        "select id from {{ ref('stg_users') }} except select id from {{ source('crm', 'users') }}"
    ),
    "tests/generic/is_small.sql": (
        "{% test is_small(model, column_name) %} select * from {{ model }} "
        "where {{ column_name }} > 9 {% endtest %}"
    ),
    "analyses/explore.sql": "select * from {{ ref('orders') }}",
    "functions/functions.yml": _FUNCTIONS,
    "functions/cents.sql": "amount * 100",
    "parts/dbt_project.yml": _PARTS,
    "parts/models/staging/parts_list.sql": "select 1 as id",
    "parts/models/inventory/stock.sql": "select * from {{ ref('parts_list') }}",
    "parts/models/inventory/stock.yml": (
        "version: 2\nmodels: [{name: stock, columns: [{name: id, data_tests: [not_null, {is_small: {}}]}]}]\n"
    ),
    "parts/seeds/bolts.csv": "id\n1\n",
}

SELECTORS = """
selectors:
  - name: nightly
    description: by tag
    definition: tag:nightly
  - name: strict
    default: false
    definition: {method: tag, value: strict, parents: true, parents_depth: 1}
  - name: both
    definition:
      union:
        - method: selector
          value: nightly
        - {method: fqn, value: orders, children: true, indirect_selection: empty}
        - exclude: [{method: tag, value: hourly}, "stg_crm_users"]
  - name: common
    definition:
      intersection: ["+orders", {method: config.materialized, value: view}, {exclude: [tag:hourly]}]
  - name: pii
    definition: {method: config.meta.pii, value: true}
  - name: but
    definition: {method: path, value: models/marts, exclude: [{method: version, value: old}]}
  - name: odd
    definition:
      union:
        - {method: path, value: models/marts, exclude: [{method: tag, value: mart}]}
        - tag:nightly
  - name: closure
    definition: {method: fqn, value: stg_crm_users, childrens_parents: true}
  - name: short
    definition: {tag: hourly}
  - name: wary
    definition:
      union:
        - {method: fqn, value: stg_users, indirect_selection: cautious}
        - {method: fqn, value: stg_orders, indirect_selection: cautious}
  - name: sound
    definition:
      intersection:
        - {method: fqn, value: "*", indirect_selection: buildable}
        - {method: path, value: models/staging, children: true, children_depth: 1, indirect_selection: buildable}
"""


def write_project(folder: Path) -> Path:
    """The project's files under `folder`."""
    for name, text in {**FILES, "selectors.yml": SELECTORS}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip("\n"))
    return folder
