"""Spark's `group by window(ts, '1 hour')`: the select list names its column `window`. Trees in, trees changed."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from penstock.lineage.dialects.traits import traits

_CALLED = frozenset({"window", "session_window"})


def with_time_windows(tree: Any, dialect: str) -> Any:
    """The tree with the call in the place of the name: `window.start` as `window(ts, '1 hour').start`."""
    if not traits(dialect).names_time_windows:
        return tree
    for select in list(tree.find_all(exp.Select)):
        group = select.args.get("group")
        calls = (
            {one.name.lower(): one for one in group.expressions if _is_call(one)} if group is not None else {}
        )
        for part in ("expressions", "order", "having") if calls else ():
            held = select.args.get(part)
            for node in held if isinstance(held, list) else [held] if held is not None else []:
                _put_in(node, calls)
    return tree


def _is_call(node: Any) -> bool:
    return isinstance(node, exp.Anonymous) and node.name.lower() in _CALLED


def _put_in(node: Any, calls: dict[str, Any]) -> None:
    for column in list(node.find_all(exp.Column)):
        called = calls.get((column.table or column.name).lower())
        if called is None:
            continue
        step = exp.Dot(this=called.copy(), expression=column.this) if column.table else called.copy()
        if column.parent is not None and not isinstance(column.parent, exp.Select):
            column.replace(step)
        else:
            column.replace(exp.alias_(step, column.name))
