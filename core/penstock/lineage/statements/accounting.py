"""Every name of a statement is accounted for: what no part of the walk has looked at is told, never left out in silence."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from penstock.lineage.read.tree import Nodes
from penstock.lineage.records import NO_DATA, no_data
from penstock.lineage.scope.relations import written_parts
from penstock.lineage.scope.walk import Walk

_WITH_FLOWS = (
    exp.Query,
    exp.Pivot,
    exp.Values,
    exp.Create,
    exp.Insert,
    exp.Update,
    exp.Delete,
    exp.Merge,
    exp.MultitableInserts,
    exp.Copy,
    exp.Export,
    exp.Cache,
    exp.Summarize,
)


_OF_STAGES = tuple(getattr(exp, name) for name in ("Put", "Get", "ListStage") if hasattr(exp, name))


def account(w: Walk, statement: Any, nodes: Nodes) -> None:
    """A finding for each relation and each column of the statement that nothing has looked up."""
    if not (isinstance(statement, _WITH_FLOWS) or _runs_query(statement)) or _makes_no_relation(statement):
        return
    seen = w.seen
    w.known(one.args["format"] for one in nodes.tables if isinstance(one.args.get("format"), exp.Expr))
    for what, listed in (("column", nodes.columns), ("relation", nodes.tables)):
        for node in [one for one in listed if id(one.args.get("this")) not in seen]:
            if id(node) not in seen and node.args.get("this").__class__ is exp.Identifier:
                _told(w, node, what)


def _runs_query(statement: Any) -> bool:
    """A statement of another kind that holds a query; one that only describes it runs nothing, and is told as a whole."""
    return (statement.__class__ is not exp.Describe or bool(statement.args.get("style"))) and any(
        isinstance(held, exp.Query) for held in statement.args.values()
    )


def _makes_no_relation(statement: Any) -> bool:
    kind = str(statement.args.get("kind") or "").upper()
    return statement.__class__ is exp.Create and kind not in ("TABLE", "VIEW")


def answered(w: Walk) -> tuple[int, dict[Any, int]]:
    """What has been answered so far; to be compared with what it is after another statement."""
    return len(w.found), dict(w.uses)


def tell_of(w: Walk, statement: Any) -> None:
    """A statement that no edge, use or finding came from: it is told of, if it names anything."""
    if isinstance(statement, exp.Set | exp.Use | exp.Declare):
        return  # they name settings and variables; a query in them is followed
    if isinstance(statement, exp.Drop | exp.TruncateTable) and all(
        w.catalog.full(written_parts(w, one)) in w.uses for one in statement.find_all(exp.Table)
    ):
        return  # what is dropped is in the answer by what else the text does with it
    named = [one.name for one in statement.find_all(exp.Identifier, exp.Anonymous)]
    if isinstance(statement, _OF_STAGES):
        w.finding(
            NO_DATA,
            no_data(
                " ".join(one.name for one in statement.find_all(exp.Literal, exp.Var)).join(
                    (f"{statement.key.upper()} ", "")
                )
            ),
            statement,
        )
    elif named:
        words = [
            statement.key.upper(),
            str(statement.args.get("kind") or "").upper(),
            ", ".join(dict.fromkeys(named)),
        ]
        w.finding(NO_DATA, no_data(" ".join(filter(None, words))), statement)


def _told(w: Walk, node: Any, what: str) -> None:
    name = ".".join(part.name for part in node.parts) if hasattr(node, "parts") else node.name
    w.finding("not-followed", f"{name}: what this {what} is used for is not followed", node)
