"""OpenLineage's namespaces and sqlglot's dialects for warehouses whose integration is not installed. Words only."""

from __future__ import annotations

from collections.abc import Mapping

# dbt adapter type -> (dialect, OpenLineage scheme, the settings that make the authority, default port)
_KNOWN: dict[str, tuple[str, str, tuple[str, ...], int | None]] = {
    "athena": ("athena", "awsathena", ("region_name",), None),
    "bigquery": ("bigquery", "bigquery", (), None),
    "clickhouse": ("clickhouse", "clickhouse", ("host",), 8123),
    "databricks": ("databricks", "databricks", ("host",), None),
    "fabric": ("tsql", "mssql", ("server", "host"), 1433),
    "mysql": ("mysql", "mysql", ("server", "host"), 3306),
    "oracle": ("oracle", "oracle", ("host",), 1521),
    "postgres": ("postgres", "postgres", ("host",), 5432),
    "redshift": ("redshift", "redshift", ("host",), 5439),
    "snowflake": ("snowflake", "snowflake", ("account",), None),
    "spark": ("spark", "spark", ("host",), None),
    "sqlite": ("sqlite", "sqlite", (), None),
    "sqlserver": ("tsql", "mssql", ("server", "host"), 1433),
    "teradata": ("teradata", "teradata", ("host", "server"), 1025),
    "trino": ("trino", "trino", ("host",), 8080),
}


def dialect_of(kind: str) -> str:
    """sqlglot's name for a warehouse type's SQL; the type itself when it is not known."""
    return _KNOWN[kind][0] if kind in _KNOWN else kind


def namespace_of(kind: str, settings: Mapping[str, object]) -> str:
    """The physical namespace of a warehouse from the settings of a dbt profile's output; no secret enters it."""
    _, scheme, names, port = _KNOWN.get(kind, (kind, kind, ("host", "account", "server"), None))
    authority = next((str(settings[name]) for name in names if settings.get(name)), "")
    given = settings.get("port", port)
    if not authority:
        return scheme
    return f"{scheme}://{authority}:{given}" if port and given else f"{scheme}://{authority}"
