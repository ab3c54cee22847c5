"""Functions that a script makes from a query, followed where the script calls them. What other languages do is not followed."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from penstock.lineage.expressions.paths import value
from penstock.lineage.records import NO_DATA
from penstock.lineage.scope.function_names import keep_function
from penstock.lineage.scope.relations import written_parts
from penstock.lineage.scope.results import PARAMETER, Result, Scope
from penstock.lineage.scope.walk import Walk
from penstock.lineage.statements.query import derive_query
from penstock.lineage.statements.targets import named_by


def made_function(w: Walk, node: Any, kind: str) -> None:
    """CREATE FUNCTION: a query in its body reads its relations; of a table function it is kept for who calls it."""
    query, signature = _query(node.args.get("expression")), node.args["this"]
    told = f"CREATE {kind}: what its body does when called is not followed"
    if not isinstance(signature, exp.UserDefinedFunction):
        w.finding("not-followed", told, None)
        return
    outer = w.variables
    w.variables = {**outer, **{w.fold(one.name): PARAMETER for one in signature.expressions}}
    columns = _columns(node)
    followed = _keeps_value(w, node, signature) if query is None or columns is None else True
    if query is not None and columns is not None:
        rel = derive_query(w, query, None)
        keep_function(w, w.functions, signature, named_by(w, rel, columns) if columns else rel)
    w.variables = outer
    if not followed:
        w.finding("not-followed", told, None)
        return
    name = ".".join(written_parts(w, signature.args["this"]))
    w.finding(NO_DATA, f"CREATE {kind} {name}: moves no data until it is called", None)


def _keeps_value(w: Walk, node: Any, signature: Any) -> bool:
    """Of a function that gives one value, what is read to make it; the arguments of each call are added there."""
    body = node.args.get("expression")
    while isinstance(body, exp.Return | exp.Paren):
        body = body.args["this"]
    if not isinstance(body, exp.Expr) or body.find(exp.Query) is None:
        return False
    outer, w.scope = w.scope, Scope(None, {})
    made = value(w, body, "", "")
    w.scope = outer
    keep_function(w, w.given_back, signature, Result([made]))
    return True


def _query(body: Any) -> Any:
    while isinstance(body, exp.Return | exp.Subquery | exp.Paren):
        body = body.args["this"]
    return body if isinstance(body, exp.Query) else None


def _columns(node: Any) -> list[Any] | None:
    """The names that RETURNS TABLE gives, none where the query names them; None of a function that gives one value."""
    properties = node.args.get("properties")
    returns = properties.find(exp.ReturnsProperty) if properties is not None else None
    if returns is None:
        return [] if node.args["expression"].__class__ is exp.Select else None
    if not returns.args.get("is_table"):
        return None
    return [one.args["this"] for one in returns.find_all(exp.ColumnDef)]
