"""Queries: what decides their rows, and what decides each of their columns."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from sqlglot import exp

from penstock.change.shape.records import Outside
from penstock.change.shape.scope import Scope, Source, Unshaped, column_digest, digest
from penstock.change.shape.sources import Ctes, Sources
from penstock.lineage.dialects.rules import Rules

_OWN = frozenset(
    {"expressions", "from_", "joins", "laterals", "with_", "where", "group", "having", "qualify", "order"}
)
Columns = list[tuple[str, str]]


class Result:
    """`columns` by the names that the warehouse shows; None: not known one by one. `unnamed`: some have a name that the dialect
    makes up."""

    __slots__ = ("columns", "keys", "rows", "unnamed")

    def __init__(self, rows: str, columns: Columns | None, keys: list[str], *, unnamed: bool) -> None:
        self.rows = rows
        self.columns = columns
        self.keys = keys
        self.unnamed = unnamed

    @property
    def whole(self) -> str:
        return digest("whole", self.rows, *(self.columns or ()))


class Queries(Sources):
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
        scope.plain = not self._apart and len(scope.sources) == 1 and _only_chooses(node)
        found = self._listed(projections, scope)
        rows += self._clauses(node, scope, found)
        rows += [("rows", self.of(one, scope)) for one in projections if _multiplies(one)]
        if not node.args.get("group") and any(_aggregates(one) for one in projections):
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
                rows.append((name, *self._by_number(clause, scope, found)))
            else:
                rows.append((name, self.of(clause, scope)))
        scope.clause = "order"
        rows += self._rest(node, scope, *_OWN, "distinct")
        if node.args.get("distinct") is not None:
            rows.append(("distinct", self.of(node.args["distinct"], scope)))
        return rows

    def _by_number(self, clause: Any, scope: Scope, found: Result) -> list[object]:
        """GROUP BY and ORDER BY, with numbers as what they point at. The order of what is grouped by means nothing."""
        items: list[object] = []
        for one in clause.expressions:
            inner = one.this if one.__class__ is exp.Ordered else one
            value = self._at(inner, found) or self.of(inner, scope)
            if inner is not one:
                value = digest("ordered", value, *self._rest(one, scope, "this"))
            items.append(value)
        rest = self._rest(clause, scope, "expressions")
        names = [one.name.lower() for one in clause.find_all(exp.Column)]
        if clause.args.get("all") or "all" in names:
            rest += [("all", name, value) for name, value in found.columns or ()]
        if clause.__class__ is exp.Group:
            items.sort(key=str)
        return [*items, *rest]

    def _at(self, node: Any, found: Result) -> str | None:
        """The output column that a number stands for."""
        if (
            not isinstance(node, exp.Literal)
            or node.is_string
            or found.columns is None
            or not node.name.isdigit()
        ):
            return None
        number = int(node.name)
        return found.columns[number - 1][1] if 0 < number <= len(found.columns) else None

    def _listed(self, projections: list[Any], scope: Scope) -> Result:
        columns: Columns = []
        keys: list[str] = []
        unnamed = False
        for one in projections:
            scope.clause = "select"
            if one.__class__ is exp.Star or (one.__class__ is exp.Column and one.this.__class__ is exp.Star):
                spread = self._spread(one, scope)
                if spread is None:
                    return Result("", None, [], unnamed=True)
                columns += spread
                keys += [self.rules.column_key(name) for name, _ in spread]
            elif one.__class__ in (exp.Alias, exp.Column) and isinstance(
                one.args.get("alias") or one.this, exp.Identifier
            ):
                ident = one.args.get("alias") or one.this
                columns.append(self._named(one, ident, scope))
                keys.append(self.key(ident))
            else:
                unnamed = True
                text = one.sql(dialect=self.dialect or None, comments=False)
                columns.append((f"({text})", self.of(one, scope)))
                keys.append(f"({text})")
        return Result("", columns, keys, unnamed=unnamed)

    def _named(self, node: Any, ident: Any, scope: Scope) -> tuple[str, str]:
        """As the warehouse names the column, with its value. Where case is kept without counting, a column that is passed on may be
        shown as it was, or as it is written here: both are compared."""
        written = ident.name if ident.args.get("quoted") else self.rules.stores(ident.name)
        if node.__class__ is exp.Alias:
            return written, self.of(node.this, scope)
        value = self.of(node, scope)
        if self.rules.quotes_matter or node.args.get("db"):
            return written, value
        key = self.key(ident)
        at = scope.names.get(self.key(node.args["table"])) if node.args.get("table") else None
        sources = scope.sources if at is None else [scope.sources[at]]
        shown = sorted({one.shown[key] for one in sources if key in one.shown})
        if self.dialect == "duckdb":
            return (shown[0] if len(shown) == 1 else written), digest(value, *shown) if len(
                shown
            ) > 1 else value
        return written, value if shown in ([], [written]) else digest(value, *shown)

    def _spread(self, star: Any, scope: Scope) -> Columns | None:
        """The columns that a star stands for; None when they are not known, or it changes them."""
        inner = star.this if star.__class__ is exp.Column else star
        if any(value for value in inner.args.values()):
            return None
        table = star.args.get("table") if star.__class__ is exp.Column else None
        if star.__class__ is exp.Column and (table is None or star.args.get("db")):
            return None
        at = scope.names.get(self.key(table)) if table is not None else None
        if table is not None and at is None:
            return None
        chosen = [at] if at is not None else list(range(len(scope.sources)))
        if table is None and scope.merged:
            return None
        found: Columns = []
        for number in chosen:
            source = scope.sources[number]
            if source.open:
                return None
            found += [
                (source.shown.get(key, key), column_digest(scope, 0, number, value))
                for key, value in source.columns.items()
            ]
        return found

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
        numbered = self._by_number(order, scope, found) if order is not None else []
        found.rows = digest("modified", found.rows, *numbered, *self._rest(node, scope, *own, "order"))
        return found


def _inside(node: Any) -> Iterator[Any]:
    """The nodes of an expression, but not those of a query within, nor an aggregate that is a window's."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        if isinstance(one, exp.Window) and isinstance(one.this, exp.AggFunc):
            waiting += list(one.this.iter_expressions())
        elif not isinstance(one, exp.Query):
            waiting += list(one.iter_expressions())


def _aggregates(node: Any) -> bool:
    return any(isinstance(one, exp.AggFunc) for one in _inside(node))


def _only_chooses(node: Any) -> bool:
    """Whether a SELECT keeps every row of what it reads, once."""
    others = any(value for name, value in node.args.items() if name not in ("expressions", "from_", "with_"))
    return not others and not any(_aggregates(one) or _multiplies(one) for one in node.args["expressions"])


def _multiplies(node: Any) -> bool:
    """Whether a projection may give several rows for one, or one for all: it calls what is not known."""
    return any(
        isinstance(one, exp.Anonymous | exp.UDTF | exp.Explode | exp.Unnest | exp.Inline | exp.GenerateSeries)
        for one in _inside(node)
    )
