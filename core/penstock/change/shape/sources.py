"""What stands in FROM, as sources with digests: relations, CTEs, subqueries, table functions."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from sqlglot import exp

from penstock.change.shape.expressions import Expressions
from penstock.change.shape.records import Shape
from penstock.change.shape.scope import Scope, Source, Unshaped, digest

Ctes = dict[str, Source]


class Sources(Expressions):
    """Of one text. Queries are derived by `derived`."""

    @abstractmethod
    def derived(self, node: Any, outer: Scope | None, ctes: Ctes) -> Source:
        """What a query gives, as a relation of the text around it."""

    def add(self, scope: Scope, node: Any) -> None:
        """One relation of FROM, JOIN or LATERAL VIEW."""
        ctes = scope.ctes
        alias = node.args.get("alias")
        name = alias.args.get("this") if alias is not None else None
        if node.__class__ is exp.Table:
            source, plain = self._table(node, scope, ctes)
            name = name or plain
        elif node.__class__ is exp.Subquery:
            source = self._subquery(node, scope.outer, ctes)
        elif node.__class__ is exp.Lateral and node.this.__class__ is exp.Subquery:
            source = self._marked(self._subquery(node.this, scope, ctes), node, scope)
        elif isinstance(node, exp.Lateral | exp.Unnest | exp.Values | exp.Func):
            source = Source.opaque(
                digest(node.__class__.__name__, *self._rest(node, scope, "alias", "joins"))
            )
        else:
            raise Unshaped
        if node.args.get("joins") or node.args.get("laterals"):
            raise Unshaped
        source = self._sampled(source, node, scope)
        scope.add(self.key(name) if name is not None else None, self._renamed(source, alias))

    def _sampled(self, source: Source, node: Any, scope: Scope) -> Source:
        """With its PIVOTs, its sample and the like: it is then another relation."""
        more = [(name, value) for name in ("pivots", "sample") if (value := node.args.get(name))]
        if not more:
            return source
        inner = Scope(scope.outer, scope.ctes)
        inner.add(None, source)
        told = [(name, self._value(value, inner)) for name, value in more]
        return Source.opaque(digest("of", source.whole, *told))

    def _marked(self, source: Source, node: Any, scope: Scope) -> Source:
        rest = self._rest(node, scope, "this", "alias", "joins")
        whole = digest(source.whole, *rest)
        return Source(
            digest(source.rows, *rest), source.columns, whole, open_=source.open, shown=source.shown
        )

    def _subquery(self, node: Any, outer: Scope | None, ctes: Ctes) -> Source:
        known = {"this", "alias", "pivots", "sample"}
        if any(value for name, value in node.args.items() if name not in known):
            raise Unshaped
        if not isinstance(node.this, exp.Query):
            raise Unshaped
        return self.derived(node.this, outer, ctes)

    def _table(self, node: Any, scope: Scope, ctes: Ctes) -> tuple[Source, Any]:
        args = node.args
        known = {"this", "db", "catalog", "alias", "joins", "laterals", "pivots", "sample"}
        more = self._rest(node, scope, *known)
        if not isinstance(args["this"], exp.Identifier):
            return Source.opaque(digest("rows of", self.of(args["this"], scope), *more)), None
        if not args.get("db"):
            cte = ctes.get(self.key(args["this"]))
            if cte is not None:
                return (Source.opaque(digest(cte.whole, *more)) if more else cte), args["this"]
        parts = tuple(self._stored(args[part]) for part in ("catalog", "db", "this") if args.get(part))
        made = self.outside.made(parts) if not more else None
        if made is not None:
            return self._of_shape(made), args["this"]
        name = self.outside.names(parts)
        columns = self.outside.columns(parts) if not more else None
        whole = digest("relation", name, *more)
        shown = {self.rules.column_key(one): one for one in columns or ()}
        found = {key: digest(whole, key) for key in shown}
        return Source(whole, found, whole, open_=columns is None, shown=shown), args["this"]

    def _of_shape(self, made: Shape) -> Source:
        if made.columns is None:
            return Source.opaque(made.rows)
        shown = {self.rules.column_key(name): name for name, _ in made.columns}
        found = {self.rules.column_key(name): value for name, value in made.columns}
        return Source(made.rows, found, digest("made", made.rows, *made.columns), open_=False, shown=shown)

    def _stored(self, ident: Any) -> str:
        if not isinstance(ident, exp.Identifier):
            raise Unshaped
        quoted = bool(ident.args.get("quoted"))
        return ident.name if quoted else self.rules.stores(ident.name)

    def _renamed(self, source: Source, alias: Any) -> Source:
        """`t (a, b)`: the columns by other names. Of what gives columns of its own (UNNEST) they are these."""
        columns = alias.args.get("columns") if alias is not None else None
        if not columns:
            return source
        names = [self.key(one.this if isinstance(one, exp.ColumnDef) else one) for one in columns]
        if source.open or len(names) != len(source.columns):
            whole = digest("as", source.whole, *names)
            return Source(source.rows, {name: digest(whole, name) for name in names}, whole, open_=True)
        found = dict(zip(names, source.columns.values(), strict=True))
        return Source(source.rows, found, digest("as", source.whole, *names), open_=len(found) != len(names))
