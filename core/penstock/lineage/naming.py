"""The names that warehouses give to columns without an alias."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from penstock.lineage.walk import Walk


def output_name(w: Walk, node: Any, at: int) -> tuple[str, str]:
    """The comparable and the stored name of the unnamed projection at position `at` (from 0)."""
    name = _NAMES.get(w.rules.dialect, _text)(w, node, at)
    return w.rules.column_key(name), name


def _last(node: Any) -> str | None:
    """The name that most dialects take from a step into a value: its last part."""
    while node.__class__ in (exp.Paren,):
        node = node.args["this"]
    if node.__class__ is exp.Column:
        return str(node.name)
    if node.__class__ is exp.Dot and isinstance(node.args["expression"], exp.Identifier):
        return str(node.args["expression"].name)
    return None


def _text(w: Walk, node: Any, at: int) -> str:
    return _last(node) or str(node.sql(dialect=w.rules.dialect))


def _upper_text(w: Walk, node: Any, at: int) -> str:
    return str(node.sql(dialect=w.rules.dialect)).upper()


def _numbered(prefix: str, first: int) -> Any:
    def name(w: Walk, node: Any, at: int) -> str:
        return _last(node) or f"{prefix}{at + first}"

    return name


def _bigquery(w: Walk, node: Any, at: int) -> str:
    return _last(node) or f"f{at}_"


def _postgres(w: Walk, node: Any, at: int) -> str:
    while isinstance(node, exp.Cast | exp.Paren | exp.Window | exp.Filter | exp.WithinGroup | exp.Bracket):
        inner = node.args["this"]
        if isinstance(node, exp.Cast) and isinstance(inner, exp.Literal):
            return str(node.args["to"].sql(dialect="postgres")).lower()
        node = inner
    last = _last(node)
    if last is not None:
        return last
    if isinstance(node, exp.Case):
        return "case"
    if isinstance(node, exp.Exists):
        return "exists"
    if isinstance(node, exp.Array):
        return "array"
    if isinstance(node, exp.Subquery):
        selects = node.args["this"].selects if isinstance(node.args["this"], exp.Query) else []
        return str(selects[0].alias_or_name or _postgres(w, selects[0], 0)) if selects else "?column?"
    if isinstance(node, exp.Anonymous):
        return str(node.args["this"]).lower()
    if isinstance(node, exp.Func) and not isinstance(node, exp.Binary | exp.Connector):
        return str(node.sql(dialect="postgres").split("(", 1)[0]).lower()
    return "?column?"


def _tsql(w: Walk, node: Any, at: int) -> str:
    return _last(node) or ""


_NAMES: dict[str, Any] = {
    "bigquery": _bigquery,
    "trino": _numbered("_col", 0),
    "presto": _numbered("_col", 0),
    "athena": _numbered("_col", 0),
    "hive": _numbered("_c", 0),
    "postgres": _postgres,
    "redshift": _postgres,
    "tsql": _tsql,
    "snowflake": _upper_text,
    "oracle": _upper_text,
}
