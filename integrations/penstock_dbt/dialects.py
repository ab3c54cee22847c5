"""dbt's adapter types and sqlglot's name for the SQL that each one speaks."""

from __future__ import annotations

from penstock.assets import namespace

# Adapters whose own name is neither a warehouse's nor a dialect's.
_SPEAKS = {
    "fabricspark": "spark",
    "glue": "spark",
    "greenplum": "postgres",
    "impala": "hive",
    "synapse": "tsql",
    "tidb": "mysql",
    "vertica": "postgres",
    "yellowbrick": "redshift",
}


def dialect_of(adapter_type: str | None) -> str:
    """sqlglot's dialect of an adapter; the adapter's own word when no dialect is known for it, "" when there is none."""
    if not adapter_type:
        return ""
    adapter = adapter_type.lower()
    return _SPEAKS.get(adapter) or namespace.dialect_of(adapter)
