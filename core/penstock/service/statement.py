"""One SQL text followed outside any project, with a schema from a file."""

from __future__ import annotations

import msgspec

from penstock.assets import EdgeType
from penstock.errors import ConfigError
from penstock.lineage import LineageEdge, LineageFinding, StatementLineage, column_lineage
from penstock.project.positions import read_yaml
from penstock.service.follow import Branch, Shaping, Trail

__all__ = [
    "LineageEdge",
    "LineageFinding",
    "StatementLineage",
    "direct_only",
    "statement_lineage",
    "statement_trail",
]


def statement_lineage(sql: str, dialect: str, schema: str | None, schema_file: str) -> StatementLineage:
    """Raises LineageError for SQL that does not parse or a dialect that is not known, ConfigError for a wrong schema."""
    return column_lineage(sql, dialect=dialect, schema=_schema(schema, schema_file) if schema else None)


def direct_only(found: StatementLineage) -> StatementLineage:
    """Without the edges that say which rows there are."""
    kept = tuple(edge for edge in found.edges if edge.type is EdgeType.DIRECT)
    return msgspec.structs.replace(found, edges=kept)


def statement_trail(found: StatementLineage) -> Trail:
    """The statement as a trail that can be drawn: what it writes (or shows), its columns, and where they come from."""
    targets = dict.fromkeys(column.target for column in found.columns)
    start = Branch(
        name=", ".join(".".join(target) or "result" for target in targets) or "result",
        column=None,
        kind="statement",
        made_by=found.dialect,
        shaped_by=tuple(dict.fromkeys(_shaping(edge) for edge in found.edges if edge.output is None)),
    )
    outputs = tuple(_output(found, column.target, column.name) for column in dict.fromkeys(found.columns))
    return Trail(start=start, upstream=outputs, downstream=None)


def _output(found: StatementLineage, target: tuple[str, ...], name: str) -> Branch:
    edges = [edge for edge in found.edges if edge.target == target and edge.output == name]
    return Branch(
        name=".".join(target) or "result",
        column=name,
        kind="column",
        made_by=found.dialect,
        shaped_by=tuple(_shaping(edge) for edge in edges if edge.type is EdgeType.INDIRECT),
        branches=tuple(_source(edge) for edge in edges if edge.type is EdgeType.DIRECT),
    )


def _source(edge: LineageEdge) -> Branch:
    return Branch(
        name=".".join(edge.relation or ("?",)),
        column=edge.column + (f".{edge.path}" if edge.path else ""),
        kind="relation",
        made_by="",
        subtype=edge.subtype.value,
        expression=" ".join((edge.expression or "").split()) or None,
        certainty=edge.certainty.value,
    )


def _shaping(edge: LineageEdge) -> Shaping:
    text = " ".join((edge.expression or "").split()) or None
    relation = ".".join(edge.relation or ("?",))
    return Shaping(relation, edge.column, edge.subtype.value, text, edge.certainty.value)


def _schema(text: str, file: str) -> dict[str | tuple[str, ...], dict[str, str | None]]:
    """{relation: {column: type}}; a list of column names stands for columns without types."""
    data = read_yaml(text, file).data
    if not isinstance(data, dict):
        raise ConfigError("a schema is a mapping of relations to columns", where=file)
    return {str(relation): _columns(columns, str(relation), file) for relation, columns in data.items()}


def _columns(columns: object, relation: str, file: str) -> dict[str, str | None]:
    if isinstance(columns, dict):
        return {str(name): str(kind) if kind else None for name, kind in columns.items()}
    if isinstance(columns, list):
        return {str(name): None for name in columns}
    raise ConfigError(f"the columns of {relation} must be a mapping or a list", where=file)
