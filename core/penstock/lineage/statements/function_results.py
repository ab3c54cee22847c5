"""What table functions give whose columns are not known, or depend on what they are given."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from penstock.lineage.expressions.visit import visit_all
from penstock.lineage.scope.dependencies import IDENTITY, JOIN, TRANSFORMATION, Deps, Refs
from penstock.lineage.scope.function_names import function_made
from penstock.lineage.scope.lookup import whole_row
from penstock.lineage.scope.results import Col, Result, Scope, merge
from penstock.lineage.scope.walk import Walk


class FunctionResult(Result):
    """What a table function gives when its columns are not known: any name is derived from its arguments.

    `tables` are queries among the arguments (`TABLE(SELECT ...)`): a name that one of them gives is most likely handed
    through, and any other could be made of all they give. Neither is certain.
    """

    __slots__ = ("deps", "refs", "tables")

    def __init__(self, refs: Refs, deps: Deps, tables: list[Result]) -> None:
        super().__init__()
        self.refs = refs
        self.deps = deps
        self.tables = tables
        for rel in tables:
            self.rows.parents.append(rel.rows)

    @property
    def is_open(self) -> bool:
        return True

    def guess(self, key: str, name: str) -> list[Col]:
        handed = [col for rel in self.tables for col in _of_that_name(rel, key, name)]
        likely = handed or [col for rel in self.tables for col in (*rel.listing(), *rel.guess("*", "*"))]
        deps = dict(self.deps)
        for dep, site in merge(likely, subtype=IDENTITY if handed else TRANSFORMATION).items():
            deps.setdefault(self.refs.doubted(dep), site)
        return [Col(key, name, deps)]


class EntriesResult(Result):
    """What Spark's EXPLODE gives of a value whose type is not known: `col`, or of a map `key` and `value`."""

    __slots__ = ()

    def guess(self, key: str, name: str) -> list[Col]:
        return [Col(key, name, self.cols[0].deps)] if name.lower() in ("col", "key", "value") else []


def _of_that_name(rel: Result, key: str, name: str) -> list[Col]:
    known = rel.find(key)
    return [known] if known is not None else rel.guess(key, name)


def found_vectors(tables: list[Result], rel: FunctionResult) -> Result:
    """BigQuery's VECTOR_SEARCH gives rows of the query and of the base, each as a struct, and how far they are apart."""
    base, query = (whole_row(one, key) for one, key in zip(tables, ("base", "query"), strict=True))
    distance = merge([base, query], subtype=TRANSFORMATION)
    doubted = {rel.refs.doubted(dep): site for dep, site in distance.items()}
    return Result((query, base, Col("distance", "distance", doubted)), rel.rows)


def called_function(w: Walk, scope: Scope, node: Any) -> Result | None:
    """The rows of a function that the script made, once for each row that its arguments come from."""
    made = function_made(w, node) if w.functions and node.__class__ is exp.Anonymous else None
    if made is None:
        return None
    outer, w.scope, acc, site = w.scope, scope, w.acc, w.site
    deps: Deps = {}
    w.acc, w.site = deps, node
    visit_all(w, node.expressions, JOIN)
    w.scope, w.acc, w.site = outer, acc, site
    given = Result(made.listing())
    given.open_stars = made.open_stars
    given.rows.parents.append(made.rows)
    given.rows.decided_by(deps, JOIN, node)
    return given
