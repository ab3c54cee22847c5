"""What a source in FROM says beside the relation: labels of it, the name in `dictionary(...)`, the name of a function."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from penstock.lineage.scope.walk import Walk

LABELS = ("hints", "indexed", "partition")


def labels(w: Walk, part: Any) -> None:
    """Names of indexes and partitions."""
    for one in part if isinstance(part, list) else [part]:
        if isinstance(one, exp.Expr):
            w.known(one.find_all(exp.Column, exp.Table))


def dictionary_named(w: Walk, node: Any) -> str | None:
    """ClickHouse's `dictionary('db.d')`, which reads like a name with a list of columns."""
    alias = node.args.get("alias")
    if (
        not w.rules.has.dictionary_function
        or node.__class__ is not exp.Table
        or node.name.lower() != "dictionary"
    ):
        return None
    if alias is None or alias.args.get("this") is not None:
        return None
    columns = list(alias.args.get("columns") or ())
    return str(columns[0].name) if len(columns) == 1 else None


def function_name(node: Any) -> str | None:
    """A function without an alias is called by its own name."""
    if node.__class__ is exp.Anonymous:
        return str(node.args["this"]).lower()
    if not isinstance(node, exp.Func):
        return None
    name = node.sql_name().lower()
    return {"x_m_l_table": "xmltable", "j_s_o_n_table": "json_table"}.get(name, name)
