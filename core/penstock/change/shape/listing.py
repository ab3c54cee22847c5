"""Select lists: the columns of a query by name, what a star stands for, what a number in ORDER BY points at, what calls do to rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlglot import exp

from penstock.change.shape.scope import Scope, column_digest, digest
from penstock.change.shape.sources import Sources

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


class Listings(Sources):
    """Of one text."""

    def by_number(self, clause: Any, scope: Scope, found: Result) -> list[object]:
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

    def listed(self, projections: list[Any], scope: Scope) -> Result:
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


def inside(node: Any) -> Iterator[Any]:
    """The nodes of an expression, but not those of a query within, nor an aggregate that is a window's."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        if isinstance(one, exp.Window) and isinstance(one.this, exp.AggFunc):
            waiting += list(one.this.iter_expressions())
        elif not isinstance(one, exp.Query):
            waiting += list(one.iter_expressions())


def aggregates(node: Any) -> bool:
    return any(isinstance(one, exp.AggFunc) for one in inside(node))


def only_chooses(node: Any) -> bool:
    """Whether a SELECT keeps every row of what it reads, once."""
    others = any(value for name, value in node.args.items() if name not in ("expressions", "from_", "with_"))
    return not others and not any(aggregates(one) or multiplies(one) for one in node.args["expressions"])


def multiplies(node: Any) -> bool:
    """Whether a projection may give several rows for one, or one for all: it calls what is not known."""
    return any(
        isinstance(one, exp.Anonymous | exp.UDTF | exp.Explode | exp.Unnest | exp.Inline | exp.GenerateSeries)
        for one in inside(node)
    )
