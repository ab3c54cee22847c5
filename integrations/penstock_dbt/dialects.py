"""dbt's adapter types and sqlglot's name for the SQL that each one speaks."""

from __future__ import annotations

_DIALECTS = {
    "athena": "athena",
    "bigquery": "bigquery",
    "clickhouse": "clickhouse",
    "databricks": "databricks",
    "doris": "doris",
    "dremio": "dremio",
    "duckdb": "duckdb",
    "exasol": "exasol",
    "fabric": "tsql",
    "fabricspark": "spark",
    "glue": "spark",
    "greenplum": "postgres",
    "hive": "hive",
    "impala": "hive",
    "materialize": "materialize",
    "mysql": "mysql",
    "oracle": "oracle",
    "postgres": "postgres",
    "redshift": "redshift",
    "risingwave": "risingwave",
    "singlestore": "singlestore",
    "snowflake": "snowflake",
    "spark": "spark",
    "sqlite": "sqlite",
    "sqlserver": "tsql",
    "starrocks": "starrocks",
    "synapse": "tsql",
    "teradata": "teradata",
    "tidb": "mysql",
    "trino": "trino",
    "presto": "presto",
    "vertica": "postgres",
    "yellowbrick": "redshift",
}


def dialect_of(adapter_type: str | None) -> str:
    """sqlglot's dialect of an adapter; the adapter's own word when no dialect is known for it, "" when there is none."""
    if not adapter_type:
        return ""
    return _DIALECTS.get(adapter_type.lower(), adapter_type.lower())
