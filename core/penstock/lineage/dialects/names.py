"""Other names that dialects go by: products', drivers' and dbt's. Which SQL they are is said here; what it means, in the rules."""

from __future__ import annotations

ANSI = "ansi"
_SAME = {
    "generic": ANSI,
    "mariadb": "mysql",
    "memsql": "singlestore",
    "mssql": "tsql",
    "pg": "postgres",
    "postgresql": "postgres",
    "sparksql": "spark",
    "sqlserver": "tsql",
    "synapse": "tsql",
}
# Not the same, but what comes nearest and reads most of it.
_NEAREST = {
    "greenplum": "postgres",
    "impala": "hive",
    "netezza": "postgres",
    "tidb": "mysql",
    "vertica": "postgres",
    "yellowbrick": "redshift",
}


def usual_name(name: str) -> str:
    """sqlglot's name for it, or `ansi` for the standard's SQL; as it was given where it has no other name."""
    lowered = name.lower()
    return _SAME.get(lowered) or _NEAREST.get(lowered) or lowered
