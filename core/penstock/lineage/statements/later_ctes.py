"""CTEs that name others which are written behind them: in which order they are read."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from penstock.lineage.scope.walk import Walk


def in_order(w: Walk, ctes: list[Any]) -> list[Any]:
    """CTEs, each behind those that it names. One that names itself, or one that names it, stands where it stood."""
    named = {w.peek(one.args["alias"].args["this"]): one for one in ctes}
    placed: dict[int, Any] = {}
    begun: set[int] = set()

    def place(cte: Any) -> None:
        if id(cte) in begun:
            return
        begun.add(id(cte))
        for table in cte.args["this"].find_all(exp.Table):
            ident = table.args.get("this")
            before = (
                named.get(w.peek(ident))
                if table.args.get("db") is None and ident.__class__ is exp.Identifier
                else None
            )
            if before is not None:
                place(before)
        placed[id(cte)] = cte

    for one in ctes:
        place(one)
    return list(placed.values())
