"""One SQL text followed outside any project, with a schema from a file."""

from __future__ import annotations

from typing import Any

from penstock.errors import ConfigError
from penstock.lineage import StatementLineage, column_lineage
from penstock.project.positions import read_yaml

__all__ = ["StatementLineage", "statement_lineage"]


def statement_lineage(sql: str, dialect: str, schema: str | None, schema_file: str) -> StatementLineage:
    """Raises LineageError for SQL that does not parse or a dialect that is not known, ConfigError for a wrong schema."""
    return column_lineage(sql, dialect=dialect, schema=_schema(schema, schema_file) if schema else None)


def _schema(text: str, file: str) -> dict[str | tuple[str, ...], dict[str, str | None]]:
    """{relation: {column: type}}; a list of column names stands for columns without types."""
    data = read_yaml(text, file).data
    if not isinstance(data, dict):
        raise ConfigError("a schema is a mapping of relations to columns", where=file)
    return {str(relation): _columns(columns, str(relation), file) for relation, columns in data.items()}


def _columns(columns: Any, relation: str, file: str) -> dict[str, str | None]:
    if isinstance(columns, dict):
        return {str(name): str(kind) if kind else None for name, kind in columns.items()}
    if isinstance(columns, list):
        return {str(name): None for name in columns}
    raise ConfigError(f"the columns of {relation} must be a mapping or a list", where=file)
