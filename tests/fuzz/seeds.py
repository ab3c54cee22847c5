"""Good examples of what comes in by each door; tests/fuzz/mutate.py breaks them."""

from __future__ import annotations

import json

PENSTOCK_YML = b"""
{"name": "x", "refresh": "10m", "store": "sqlite:///x.db", "executor": "local", "pools": {"api": 2},
 "warehouses": {"main": {"type": "duckdb", "path": "x.duckdb"}, "other": {"dbt": "t"}},
 "environments": {"prod": {"dbt": {"t": {"target": "prod"}}}},
 "runs": {"retries": 2, "backoff": {"first": "1s", "factor": 2.0, "most": "1m", "jitter": 0.1}, "pools": {"api": 1},
          "timeouts": {"start": "1m", "total": "1h"}, "steps": {"airbyte/i": {"retries": 0}}},
 "airbyte": {"i": {"connections": {"c": {"source": {"command": ["true"], "config": {"a": "${HOME}"}}, "destination": "main",
             "schema": "raw", "streams": {"users": {"sync_mode": "incremental_append_dedup", "cursor": "u", "primary_key": ["id"]}}}}}},
 "dbt": {"t": {"project": "transform", "target": "dev", "vars": {"a": 1}, "threads": 2, "warm": "10m"}}}
"""
PROFILES = b"""
shop: &shop
  target: "{{ env_var('TARGET', 'dev') }}"
  outputs:
    dev: {type: duckdb, path: "../x.duckdb", threads: "{{ env_var('N', '2') | int }}"}
    prod: {type: postgres, host: h, port: 5432, user: "{{ env_var('HOME') }}", password: p, dbname: d, schema: s}
other: *shop
"""
PACKAGES = b"name: shop\nprofile: shop\nmodel-paths: [models]\ntarget-path: target\npackages: [{local: ../x}, {package: a/b}]\n"
SELECTORS = b"""
selectors:
  - name: nightly
    default: "{{ target.name == 'prod' }}"
    definition:
      union:
        - {method: tag, value: nightly, parents: true, parents_depth: 2}
        - intersection: ["customers+", {method: selector, value: other}]
        - exclude: [{method: fqn, value: "*"}]
  - {name: other, definition: "tag:x,path:models"}
"""
SQL = (
    b"with a as (select id, sum(x) over (partition by y order by z) s from raw.t) select a.*, b.c from a join b using (id)",
    b"merge into t using s on t.id = s.id when matched then update set x = s.y when not matched then insert (id) values (s.id)",
    b"select * from t pivot (sum(x) for y in ('a' as a, 'b' as b)) p cross join lateral flatten(input => p.v) f",
    b"create table x as select array_agg(struct(a, b)) from unnest([1,2]) u; insert into y select * exclude (z) from x",
    b"begin declare n int default 1; for r in (select * from t) do insert into u values (r.a); end for; end",
)
SELECTS = (
    "+customers+2,tag:nightly",
    "@orders 1+stg_orders+1",
    "path:models/marts/*.sql",
    "fqn:shop.marts.*",
    "column:orders.amount+",
    "resource_type:model",
    "config.meta.owner:x",
    "source:raw.*",
    "tool:dbt",
    "state:modified+",
    "selector:nightly",
    "test_type:generic",
    "package:this",
    "group:g",
    "version:latest",
)
LINES = tuple(
    json.dumps(message).encode() + b"\n"
    for message in (
        {
            "type": "RECORD",
            "record": {"stream": "s", "namespace": "n", "data": {"id": 1, "v": "x"}, "emitted_at": 1},
        },
        {
            "type": "STATE",
            "state": {
                "type": "STREAM",
                "stream": {"stream_descriptor": {"name": "s", "namespace": None}, "stream_state": {"c": "1"}},
                "sourceStats": {"recordCount": 1.0},
            },
        },
        {
            "type": "STATE",
            "state": {
                "type": "GLOBAL",
                "global": {
                    "shared_state": {"l": 1},
                    "stream_states": [{"stream_descriptor": {"name": "s"}, "stream_state": {}}],
                },
            },
        },
        {"type": "LOG", "log": {"level": "INFO", "message": "hello", "stack_trace": None}},
        {
            "type": "TRACE",
            "trace": {
                "type": "ERROR",
                "emitted_at": 1.5,
                "error": {
                    "message": "no",
                    "internal_message": "x",
                    "stack_trace": "y",
                    "failure_type": "config_error",
                },
            },
        },
        {
            "type": "TRACE",
            "trace": {
                "type": "STREAM_STATUS",
                "emitted_at": 1,
                "stream_status": {"stream_descriptor": {"name": "s"}, "status": "COMPLETE"},
            },
        },
        {
            "type": "CONTROL",
            "control": {"type": "CONNECTOR_CONFIG", "emitted_at": 1, "connectorConfig": {"config": {"a": 1}}},
        },
        {"type": "CONNECTION_STATUS", "connectionStatus": {"status": "SUCCEEDED", "message": "x"}},
        {
            "type": "SPEC",
            "spec": {
                "connectionSpecification": {"type": "object", "properties": {"a": {"airbyte_secret": True}}}
            },
        },
        {
            "type": "CATALOG",
            "catalog": {
                "streams": [
                    {
                        "name": "s",
                        "json_schema": {
                            "type": "object",
                            "properties": {"id": {"type": ["null", "integer"]}},
                        },
                        "supported_sync_modes": ["full_refresh", "incremental"],
                        "source_defined_primary_key": [["id"]],
                        "default_cursor_field": ["u"],
                    }
                ]
            },
        },
    )
)
DBT_LOG = tuple(
    json.dumps(line).encode()
    for line in (
        {
            "info": {"name": "NodeFinished", "level": "debug", "ts": "2026-01-01T00:00:00Z", "msg": "x"},
            "data": {
                "node_info": {"unique_id": "model.a.b", "node_status": "success"},
                "run_result": {
                    "status": "success",
                    "execution_time": 1.0,
                    "adapter_response": {"rows_affected": 1},
                },
            },
        },
        {
            "info": {
                "name": "MainEncounteredError",
                "level": "error",
                "ts": "2026-01-01T00:00:00Z",
                "msg": "no",
            },
            "data": {"exc": "no"},
        },
        {
            "info": {"name": "NodeStart", "level": "debug", "ts": "2026-01-01T00:00:00.1Z", "msg": "x"},
            "data": {"node_info": {"unique_id": "model.a.b"}},
        },
    )
)
DBT_EVENTS = tuple(
    json.dumps(line).encode()
    for line in (
        {"e": "start", "at": 1.0, "id": "model.a.b"},
        {
            "e": "finish",
            "at": 1.0,
            "id": "model.a.b",
            "status": "success",
            "seconds": 1.0,
            "text": "x",
            "rows": 1,
        },
        {"e": "end", "at": 2.0, "text": "no", "name": "ParsingError", "ok": False},
        {"e": "log", "at": 2.0, "level": "warn", "text": "x"},
    )
)
COMMANDS = (
    ("assets", "-s", "+customers", "--json"),
    ("assets", "--mermaid", "--exclude", "tag:x"),
    ("lineage", "customers.id", "--depth", "2", "--json"),
    ("lineage", "--sql", "-", "--dialect", "duckdb"),
    ("plan", "-s", "a", "--vars", "{a: 1}", "-t", "dev", "--all"),
    ("status", "-s", "a", "--json"),
    ("runs", "1", "--json"),
    ("logs", "1", "step"),
    ("store", "check"),
    ("store", "prune", "--keep", "3"),
    ("doctor",),
    ("cancel", "7"),
    ("run", "--resume", "7"),
    ("retry", "7"),
    ("ingest", "target"),
    ("--version",),
    ("-C", ".", "-e", "prod", "assets"),
)
