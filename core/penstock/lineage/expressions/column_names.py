"""The names that warehouses give to columns without an alias."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from penstock.lineage.dialects.names import ANSI
from penstock.lineage.expressions import spelling_clickhouse as clickhouse
from penstock.lineage.expressions.spelling import spelled
from penstock.lineage.scope.walk import Walk

Namer = Callable[[Walk, Any, int], str]


def output_name(w: Walk, node: Any, at: int) -> tuple[str, str]:
    """The comparable and the stored name of the unnamed projection at position `at` (from 0)."""
    name = _NAMES.get(w.rules.dialect, _written)(w, node, at)
    return w.rules.column_key(name), name


def _last(node: Any) -> str | None:
    """The name that most dialects take from a step into a value: its last part."""
    while node.__class__ is exp.Paren:
        node = node.args["this"]
    if node.__class__ is exp.Column:
        return str(node.name)
    if node.__class__ is exp.Dot and isinstance(node.args["expression"], exp.Identifier):
        return str(node.args["expression"].name)
    return None


def _written(w: Walk, node: Any, at: int) -> str:
    """The text of the expression, as written."""
    last = _last(node)
    if last is not None:
        return last
    named = w.rules.dialect if w.rules.dialect != ANSI else None
    return w.text(node) or str(node.sql(dialect=named))


def _upper(w: Walk, node: Any, at: int) -> str:
    """Snowflake: the text, in capitals."""
    if isinstance(node, exp.Dot):
        return _written(w, node, at).upper()
    if isinstance(node, exp.Column) and isinstance(node.args["this"], exp.Parameter):
        return f"${node.name}"
    return (w.text(node) or str(node.sql(dialect=w.rules.dialect))).upper()


def _upper_without_blanks(w: Walk, node: Any, at: int) -> str:
    """Oracle: the same, blanks left out."""
    return "".join(_upper(w, node, at).split())


def _spelled(w: Walk, node: Any, at: int) -> str:
    return _last(node) or spelled(w, node)


def _spark(w: Walk, node: Any, at: int) -> str:
    if isinstance(node, exp.Explode | exp.ExplodeOuter) and not isinstance(node, exp.Posexplode):
        return "col"
    while isinstance(node, exp.Cast) and isinstance(
        node.args["this"], exp.Cast | exp.Column | exp.Dot | exp.JSONExtract
    ):
        node = node.args["this"]
    if isinstance(node, exp.JSONExtract) and isinstance(node.args["expression"], exp.JSONPath):
        last = node.args["expression"].expressions[-1]
        if isinstance(last, exp.JSONPathKey) and isinstance(last.this, str):
            return last.this
    return _last(node) or spelled(w, node)


def _numbered(prefix: str) -> Namer:
    def name(w: Walk, node: Any, at: int) -> str:
        return _last(node) or f"{prefix}{at}"

    return name


def _bigquery(w: Walk, node: Any, at: int) -> str:
    """f0_, f1_, ...: the unnamed ones are counted."""
    last = _last(node)
    if last is not None:
        return last
    before = node.parent.expressions[: node.index] if isinstance(node.parent, exp.Select) else []
    unnamed = [one for one in before if not isinstance(one, exp.Alias | exp.Star) and _last(one) is None]
    return f"f{len(unnamed)}_"


_NAMED_INSIDE = (exp.Cast, exp.Paren, exp.Window, exp.Filter, exp.WithinGroup, exp.Bracket, exp.Collate)


def _postgres(w: Walk, node: Any, at: int) -> str:
    """A cast, a window or an element is named after what is inside; a function after itself."""
    while isinstance(node, _NAMED_INSIDE):
        inner = node.args["this"]
        if isinstance(node, exp.Cast) and isinstance(inner, exp.Literal | exp.Null | exp.Boolean):
            return str(node.args["to"].sql(dialect="postgres")).lower().split("(", 1)[0]
        node = inner
    last = _last(node)
    if last is not None:
        return last
    if isinstance(node, exp.Trim):
        return {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(
            str(node.args.get("position") or "").upper(), "btrim"
        )
    if isinstance(node, exp.AtTimeZone):
        return "timezone"
    if isinstance(node, exp.Interval):
        return "interval"
    if isinstance(node, exp.DecodeCase):
        return "case"
    if isinstance(node, exp.Case):
        return _postgres(w, node.args["default"], at) if _names_case(node) else "case"
    if isinstance(node, exp.Exists):
        return "exists"
    if isinstance(node, exp.Array):
        return "array"
    if isinstance(node, exp.Subquery):
        selects = node.args["this"].selects if isinstance(node.args["this"], exp.Query) else []
        return str(selects[0].alias or _postgres(w, selects[0], 0)) if selects else "?column?"
    if isinstance(node, exp.Func) and not isinstance(node, exp.Binary | exp.Connector):
        return _function(w, node)
    if isinstance(node, exp.CurrentDate):
        return "current_date"
    if isinstance(node, exp.Boolean) and w.rules.has.booleans_named_bool:
        return "bool"
    return "?column?"


def _names_case(node: Any) -> bool:
    """A CASE is named after its ELSE when that is a column."""
    default = node.args.get("default")
    return default is not None and _last(default) is not None


def _function(w: Walk, node: Any) -> str:
    text = w.text_of_name(node)
    if text:
        return text.lower()
    return str(node.sql(dialect="postgres").split("(", 1)[0]).lower()


def _mysql(w: Walk, node: Any, at: int) -> str:
    """A text is named by what is in it."""
    return str(node.name) if isinstance(node, exp.Literal) else _written(w, node, at)


def _clickhouse(w: Walk, node: Any, at: int) -> str:
    return _last(node) or clickhouse.spelled(w, node) or _written(w, node, at)


def _teradata(w: Walk, node: Any, at: int) -> str:
    """`a (integer)` keeps its name."""
    return _last(node.args["this"] if isinstance(node, exp.Cast) else node) or _written(w, node, at)


def _tsql(w: Walk, node: Any, at: int) -> str:
    return _last(node) or ""


_NAMES: dict[str, Namer] = {
    "bigquery": _bigquery,
    "trino": _numbered("_col"),
    "presto": _numbered("_col"),
    "athena": _numbered("_col"),
    "hive": _numbered("_c"),
    "postgres": _postgres,
    "redshift": _postgres,
    "teradata": _teradata,
    "tsql": _tsql,
    "mysql": _mysql,
    "clickhouse": _clickhouse,
    "snowflake": _upper,
    "oracle": _upper_without_blanks,
    "duckdb": _spelled,
    "spark": _spark,
    "databricks": _spark,
}
