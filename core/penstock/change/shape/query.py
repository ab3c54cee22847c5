"""Queries: what decides their rows, and what decides each of their columns."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlglot import exp

from penstock.change.shape.listing import Listings, Result, aggregates, multiplies, only_chooses
from penstock.change.shape.records import Outside
from penstock.change.shape.scope import Scope, Source, Unshaped, digest
from penstock.change.shape.sources import Ctes
from penstock.lineage.dialects.rules import Rules

_OWN = frozenset(
    {"expressions", "from_", "joins", "laterals", "with_", "where", "group", "having", "qualify", "order"}
)


class Queries(Listings):
    """Of one text. `apart`: two readings of one CTE are not the same as two CTEs alike, for it may give other rows each time."""

    def __init__(self, rules: Rules, dialect: str, outside: Outside, *, apart: bool) -> None:
        super().__init__(rules, dialect, outside)
        self._apart = apart

    def query(self, node: Any, outer: Scope) -> str:
        return self.derive(node, outer, outer.ctes).whole

    def derived(self, node: Any, outer: Scope | None, ctes: Ctes) -> Source:
        return self._as_source(self.derive(node, outer, ctes))

    def _as_source(self, found: Result) -> Source:
        if found.columns is None:
            return Source.opaque(found.whole)
        columns = dict(zip(found.keys, (value for _, value in found.columns), strict=True))
        twice = len(columns) != len(found.columns)
        shown = dict(zip(found.keys, (name for name, _ in found.columns), strict=True))
        columns = {} if twice else columns
        return Source(found.rows, columns, found.whole, open_=found.unnamed or twice, shown=shown)

    def derive(self, node: Any, outer: Scope | None, ctes: Ctes) -> Result:
        ctes = self._with(node, outer, ctes)
        if node.__class__ is exp.Select:
            return self._select(node, outer, ctes)
        if isinstance(node, exp.SetOperation):
            return self._set(node, outer, ctes)
        if node.__class__ is exp.Subquery:
            inner = self.derive(node.this, outer, ctes)
            return self._modified(inner, node, outer, ctes, {"this", "alias", "with_"})
        raise Unshaped

    def _with(self, node: Any, outer: Scope | None, ctes: Ctes) -> Ctes:
        """The CTEs that are visible in a query: a name hides what is called so outside."""
        clause = node.args.get("with_")
        if clause is None:
            return ctes
        known = dict(ctes)
        recursive = bool(clause.args.get("recursive"))
        if clause.args.get("search") is not None:
            raise Unshaped
        for at, cte in enumerate(clause.expressions):
            if cte.args.get("scalar") or cte.args.get("key_expressions"):
                raise Unshaped
            alias = cte.args["alias"]
            name = self.key(alias.this)
            visible = known | {name: Source.opaque(digest("itself", at))} if recursive else known
            source = self._renamed(self.derived(cte.this, outer, visible), alias)
            if recursive:
                columns = {one: digest(source.whole, one) for one in source.columns}
                source = Source(source.whole, columns, source.whole, open_=source.open, shown=source.shown)
            known[name] = self._told_apart(source, at) if self._apart else source
        return known

    def _told_apart(self, source: Source, at: int) -> Source:
        columns = {name: digest("of", at, value) for name, value in source.columns.items()}
        whole = digest("of", at, source.whole)
        return Source(digest("of", at, source.rows), columns, whole, open_=source.open, shown=source.shown)

    def _select(self, node: Any, outer: Scope | None, ctes: Ctes) -> Result:
        scope = Scope(outer, ctes)
        rows = self._from(node, scope)
        projections = node.args["expressions"]
        for one in projections:
            if one.__class__ is exp.Alias:
                scope.aliases[self.key(one.args["alias"])] = partial(self.of, one.this, scope)
        scope.plain = not self._apart and len(scope.sources) == 1 and only_chooses(node)
        found = self.listed(projections, scope)
        rows += self._clauses(node, scope, found)
        rows += [("rows", self.of(one, scope)) for one in projections if multiplies(one)]
        if not node.args.get("group") and any(aggregates(one) for one in projections):
            rows.append(("one row",))
        distinct = node.args.get("distinct")
        if found.columns is None or distinct is not None:
            rows += [("all", self.of(one, scope)) for one in projections]
            rows += [("of", one.whole) for one in scope.sources] if found.columns is None else []
        plain = scope.plain and found.columns is not None
        found.rows = scope.sources[0].rows if plain else digest("select", *rows)
        return found

    def _from(self, node: Any, scope: Scope) -> list[object]:
        rows: list[object] = []
        args = node.args
        if args.get("from_") is not None:
            self.add(scope, args["from_"].this)
        for join in args.get("joins") or ():
            self.add(scope, join.this)
            scope.clause = "join"
            rows.append(("join", *self._join(join, scope)))
        for lateral in args.get("laterals") or ():
            self.add(scope, lateral)
        return [("from", one.rows) for one in scope.sources] + rows

    def _join(self, join: Any, scope: Scope) -> list[object]:
        args = join.args
        kind = str(args.get("kind") or "").upper()
        found: list[object] = [
            str(args.get("side") or "").upper(),
            "" if kind in ("INNER", "OUTER") else kind,
        ]
        method = str(args.get("method") or "").upper()
        scope.merged |= method == "NATURAL" or kind in ("SEMI", "ANTI") or bool(args.get("using"))
        if method == "NATURAL":
            found += [(one.whole, *one.columns) for one in scope.sources]
        for ident in args.get("using") or ():
            found.append(
                self.of(exp.Column(this=ident.copy()), scope)
                if isinstance(ident, exp.Identifier)
                else self.of(ident, scope)
            )
        return [*found, method, *self._rest(join, scope, "this", "side", "kind", "method", "using")]

    def _clauses(self, node: Any, scope: Scope, found: Result) -> list[object]:
        rows: list[object] = []
        for name in ("where", "group", "having", "qualify", "order"):
            clause = node.args.get(name)
            if clause is None:
                continue
            scope.clause = name
            if name in ("group", "order"):
                rows.append((name, *self.by_number(clause, scope, found)))
            else:
                rows.append((name, self.of(clause, scope)))
        scope.clause = "order"
        rows += self._rest(node, scope, *_OWN, "distinct")
        if node.args.get("distinct") is not None:
            rows.append(("distinct", self.of(node.args["distinct"], scope)))
        return rows

    def _set(self, node: Any, outer: Scope | None, ctes: Ctes) -> Result:
        left = self.derive(node.this, outer, ctes)
        right = self.derive(node.expression, outer, ctes)
        kind = (node.__class__.__name__, bool(node.args.get("distinct")))
        by_position = left.columns is not None and right.columns is not None
        by_position = (
            by_position
            and len(left.columns or ()) == len(right.columns or ())
            and not node.args.get("by_name")
        )
        if not by_position:
            found = Result(digest(*kind, left.whole, right.whole), None, [], unnamed=True)
        else:
            pairs = zip(left.columns or (), right.columns or (), strict=True)
            columns = [(name, digest("union", value, other)) for (name, value), (_, other) in pairs]
            keeps_all = kind == ("Union", False)
            every = () if keeps_all else (left.whole, right.whole)
            found = Result(
                digest(*kind, left.rows, right.rows, *every), columns, left.keys, unnamed=left.unnamed
            )
        return self._modified(
            found, node, outer, ctes, {"this", "expression", "distinct", "with_", "by_name"}
        )

    def _modified(self, found: Result, node: Any, outer: Scope | None, ctes: Ctes, own: set[str]) -> Result:
        """ORDER BY, LIMIT and the like of a whole set operation or subquery."""
        if not any(value for name, value in node.args.items() if name not in own):
            return found
        scope = Scope(outer, ctes)
        scope.add(None, self._as_source(found))
        scope.clause = "order"
        order = node.args.get("order")
        numbered = self.by_number(order, scope, found) if order is not None else []
        found.rows = digest("modified", found.rows, *numbered, *self._rest(node, scope, *own, "order"))
        return found
