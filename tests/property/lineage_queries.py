"""Queries that mean something, generated: joins, CTEs, set operations, groups, windows, subqueries, nested as deep as asked.

Left out by rule, because their results do not depend on the data alone: LIMIT without a total order, functions of an
order that has ties (row_number, lag, first), random functions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from hypothesis import strategies as st

from tests.property.lineage_oracle import TABLES

Draw = Callable[[st.SearchStrategy[object]], object]

_KINDS = {"INTEGER": "int", "VARCHAR": "str", "INTEGER[]": "list"}


class Column(NamedTuple):
    name: str
    kind: str  # int, str, list, struct


class Source(NamedTuple):
    alias: str
    columns: tuple[Column, ...]


class Query(NamedTuple):
    sql: str
    columns: tuple[Column, ...]


BASE = {
    name: tuple(Column(column, _KINDS.get(kind, "struct")) for column, (kind, _) in columns.items())
    for name, columns in TABLES.items()
}


class Writer:
    """Writes one query; every choice is drawn, so that a failing one shrinks."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._names = 0

    def one_of(self, choices: list[str]) -> str:
        return str(self._draw(st.sampled_from(choices)))

    def chance(self, percent: int) -> bool:
        return int(str(self._draw(st.integers(1, 100)))) <= percent

    def number(self, low: int, high: int) -> int:
        return int(str(self._draw(st.integers(low, high))))

    def fresh(self, start: str) -> str:
        self._names += 1
        return f"{start}{self._names}"

    def query(self, depth: int, ctes: dict[str, tuple[Column, ...]]) -> Query:
        if depth > 0 and self.chance(35):
            return self.with_ctes(depth, ctes)
        if depth > 0 and self.chance(25):
            return self.set_operation(depth, ctes)
        return self.select(depth, ctes, [])

    def with_ctes(self, depth: int, ctes: dict[str, tuple[Column, ...]]) -> Query:
        known = dict(ctes)
        parts = []
        for _ in range(self.number(1, 2)):
            inner = self.query(depth - 1, known)
            name = self.one_of(["t", "u", "v"]) if self.chance(15) else self.fresh("cte")
            if name in known:
                name = self.fresh("cte")
            parts.append(f"{name} AS ({inner.sql})")
            known[name] = inner.columns
        body = self.select(depth - 1, known, [], prefer=list(known))
        return Query(f"WITH {', '.join(parts)} {body.sql}", body.columns)

    def set_operation(self, depth: int, ctes: dict[str, tuple[Column, ...]]) -> Query:
        left = self.select(depth - 1, ctes, [], kinds=["int", "str"])
        kinds = [column.kind for column in left.columns]
        right = self.select(depth - 1, ctes, [], exactly=kinds)
        if self.chance(20):
            by_name = self.one_of(["UNION ALL BY NAME", "UNION BY NAME"])
            extra = [column for column in right.columns if column.name not in [c.name for c in left.columns]]
            clash = any(c.kind != o.kind for c in left.columns for o in right.columns if c.name == o.name)
            if not clash:
                return Query(f"{left.sql} {by_name} {right.sql}", (*left.columns, *extra))
        word = self.one_of(["UNION ALL", "UNION", "INTERSECT", "EXCEPT", "UNION ALL", "EXCEPT ALL"])
        return Query(f"{left.sql} {word} {right.sql}", left.columns)

    def select(
        self,
        depth: int,
        ctes: dict[str, tuple[Column, ...]],
        outer: list[Source],
        *,
        prefer: list[str] | None = None,
        kinds: list[str] | None = None,
        exactly: list[str] | None = None,
    ) -> Query:
        from_, sources = self.sources(depth, ctes, prefer)
        scope = Scope(self, sources, outer, depth, ctes)
        where = f" WHERE {scope.condition(2)}" if self.chance(45) else ""
        if exactly is None and kinds is None and self.chance(12) and _distinct_names(sources):
            return self.starred(from_, sources, where, scope)
        wanted = exactly or [self.one_of(kinds or ["int", "int", "str"]) for _ in range(self.number(1, 3))]
        if self.chance(25):
            return self.grouped(from_, where, scope, wanted)
        columns: list[Column] = []
        items: list[str] = []
        for kind in wanted:
            name = self.name(sources, columns)
            items.append(
                f"{scope.windowed() if kind == 'int' and self.chance(15) else scope.value(kind, 2)} AS {name}"
            )
            columns.append(Column(name, kind))
        distinct = "DISTINCT " if self.chance(12) else ""
        tail = f" QUALIFY {scope.windowed()} > {self.number(0, 3)}" if not distinct and self.chance(7) else ""
        tail += (
            f" ORDER BY ALL LIMIT {self.number(1, 5)}"
            if self.chance(6) and exactly is None and kinds is None
            else ""
        )
        return Query(f"SELECT {distinct}{', '.join(items)} FROM {from_}{where}{tail}", tuple(columns))

    def name(self, sources: list[Source], taken: list[Column]) -> str:
        """Mostly a new name; sometimes that of a source's column, which must not be mistaken for it."""
        names = [column.name for source in sources for column in source.columns]
        free = [name for name in names if name not in [column.name for column in taken]]
        return self.one_of(free) if free and self.chance(25) else self.fresh("c")

    def starred(self, from_: str, sources: list[Source], where: str, scope: Scope) -> Query:
        columns = [column for source in sources for column in source.columns]
        changed = ""
        if len(columns) > 1 and self.chance(30):
            gone = columns.pop(self.number(0, len(columns) - 1))
            changed = f" EXCLUDE ({gone.name})"
        numbers = [column for column in columns if column.kind == "int"]
        if numbers and self.chance(30):
            name = numbers[0].name
            changed += f" REPLACE ({scope.value('int', 1)} AS {name})"
        return Query(f"SELECT *{changed} FROM {from_}{where}", tuple(columns))

    def grouped(self, from_: str, where: str, scope: Scope, wanted: list[str]) -> Query:
        keys = [scope.value(self.one_of(["int", "str"]), 1) for _ in range(self.number(0, 2))]
        items: list[str] = []
        columns: list[Column] = []
        for kind in wanted:
            name = self.name(scope.sources, columns)
            same = [key for key in keys if scope.kind_of(key) == kind]
            items.append(
                f"{self.one_of(same) if same and self.chance(50) else scope.aggregate(kind)} AS {name}"
            )
            columns.append(Column(name, kind))
        group = f" GROUP BY {', '.join(keys)}" if keys else ""
        having = f" HAVING {scope.aggregate('int')} > {self.number(0, 3)}" if keys and self.chance(20) else ""
        return Query(f"SELECT {', '.join(items)} FROM {from_}{where}{group}{having}", tuple(columns))

    def sources(
        self, depth: int, ctes: dict[str, tuple[Column, ...]], prefer: list[str] | None
    ) -> tuple[str, list[Source]]:
        text, first = self.source(depth, ctes, prefer)
        sources = [first]
        for _ in range(self.number(0, 2) if self.chance(60) else 0):
            more, source = self.source(depth, ctes, None)
            text, sources = self.joined(text, sources, more, source)
        if depth > 0 and self.chance(12):
            inner = self.select(0, ctes, [source for source in sources if source.alias])
            alias = self.fresh("lat")
            text += f" CROSS JOIN LATERAL ({inner.sql}) AS {alias}"
            sources = [*sources, Source(alias, inner.columns)]
        lists = [(s.alias, c.name) for s in sources for c in s.columns if c.kind == "list"]
        if lists and self.chance(25):
            alias, name = lists[0]
            element = self.fresh("e")
            text += f", unnest({alias}.{name}) AS {element}n ({element})"
            sources = [*sources, Source(f"{element}n", (Column(element, "int"),))]
        return text, sources

    def joined(self, text: str, sources: list[Source], more: str, source: Source) -> tuple[str, list[Source]]:
        shared = [
            column.name
            for column in source.columns
            if column.kind == "int" and sum(column.name in [c.name for c in s.columns] for s in sources) == 1
        ]
        scope = Scope(self, [*sources, source], [], 0, {})
        kind = self.one_of(
            ["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN", "SEMI JOIN", "ANTI JOIN"]
        )
        if kind == "CROSS JOIN":
            return f"{text} CROSS JOIN {more}", [*sources, source]
        condition = f"ON {scope.equal(sources, source)}"
        if kind in ("SEMI JOIN", "ANTI JOIN"):
            return f"{text} {kind} {more} {condition}", sources
        if shared and self.chance(40):
            merged = tuple(column for column in source.columns if column.name != shared[0])
            if merged:
                return f"{text} {kind} {more} USING ({shared[0]})", _merged(sources, source, shared[0])
        if self.chance(20):
            condition += f" AND {scope.condition(1)}"
        return f"{text} {kind} {more} {condition}", [*sources, source]

    def source(
        self, depth: int, ctes: dict[str, tuple[Column, ...]], prefer: list[str] | None
    ) -> tuple[str, Source]:
        alias = self.fresh("r")
        if depth > 0 and prefer is None and self.chance(30):
            inner = self.query(depth - 1, ctes)
            return f"({inner.sql}) AS {alias}", Source(alias, inner.columns)
        known = {**BASE, **ctes}
        name = self.one_of(prefer or sorted(known))
        return f"{name} AS {alias}", Source(alias, known[name])


def _distinct_names(sources: list[Source]) -> bool:
    names = [column.name for source in sources for column in source.columns]
    return len(names) == len(set(names))


def _merged(sources: list[Source], source: Source, name: str) -> list[Source]:
    """After USING the column is reached without a qualifier only."""
    kept = [Source(s.alias, tuple(c for c in s.columns if c.name != name)) for s in [*sources, source]]
    return [*kept, Source("", (Column(name, "int"),))]


class Scope:
    """Writes expressions over the columns that can be named at one place."""

    def __init__(
        self,
        writer: Writer,
        sources: list[Source],
        outer: list[Source],
        depth: int,
        ctes: dict[str, tuple[Column, ...]],
    ) -> None:
        self.w = writer
        self.sources = sources
        self.outer = outer
        self.depth = depth
        self.ctes = ctes
        self._kinds: dict[str, str] = {}

    def kind_of(self, text: str) -> str:
        return self._kinds.get(text, "")

    def names(self, kind: str) -> list[str]:
        found = []
        all_names = [column.name for source in self.sources for column in source.columns]
        for source in self.sources:
            for column in source.columns:
                if column.kind != kind:
                    continue
                if not source.alias or (all_names.count(column.name) == 1 and not self.outer):
                    found.append(column.name)
                else:
                    found.append(f"{source.alias}.{column.name}")
        for source in self.outer:
            found.extend(
                f"{source.alias}.{c.name}" for c in source.columns if c.kind == kind and source.alias
            )
        return found

    def value(self, kind: str, depth: int) -> str:
        text = self.integer(depth) if kind == "int" else self.text(depth)
        self._kinds[text] = kind
        return text

    def integer(self, depth: int) -> str:
        names = self.names("int")
        structs = self.names("struct")
        if depth <= 0 or self.w.chance(35):
            if structs and self.w.chance(20):
                return (
                    f"{self.w.one_of(structs)}.p"
                    if "." not in structs[0]
                    else f"({self.w.one_of(structs)}).p"
                )
            return self.w.one_of(names) if names and self.w.chance(90) else str(self.w.number(0, 4))
        form = self.w.one_of(
            ["add", "mul", "coalesce", "case", "nullif", "length", "greatest", "scalar", "cast", "list"]
        )
        if form == "add":
            return f"({self.integer(depth - 1)} {self.w.one_of(['+', '-'])} {self.integer(depth - 1)})"
        if form == "mul":
            return f"({self.integer(depth - 1)} * {self.w.number(2, 3)})"
        if form == "coalesce":
            return f"coalesce({self.integer(depth - 1)}, {self.integer(depth - 1)})"
        if form == "case":
            return f"CASE WHEN {self.condition(1)} THEN {self.integer(depth - 1)} ELSE {self.integer(depth - 1)} END"
        if form == "nullif":
            return f"nullif({self.integer(depth - 1)}, {self.integer(depth - 1)})"
        if form == "length":
            return f"length({self.text(depth - 1)})"
        if form == "greatest":
            return f"greatest({self.integer(depth - 1)}, {self.integer(depth - 1)})"
        if form == "scalar" and self.depth > 0:
            return self.scalar()
        lists = self.names("list")
        if form == "list" and lists:
            body = self.w.one_of(
                ["len({0})", "list_sum({0})::INTEGER", "len(list_filter({0}, lambda q: q > 1))"]
            )
            return body.format(self.w.one_of(lists))
        return f"CAST({self.integer(depth - 1)} AS BIGINT)"

    def text(self, depth: int) -> str:
        names = self.names("str")
        if depth <= 0 or self.w.chance(40):
            return self.w.one_of(names) if names and self.w.chance(85) else self.w.one_of(["'x'", "'q'"])
        form = self.w.one_of(["upper", "concat", "coalesce", "case", "cast"])
        if form == "upper":
            return f"upper({self.text(depth - 1)})"
        if form == "concat":
            return f"({self.text(depth - 1)} || {self.text(depth - 1)})"
        if form == "coalesce":
            return f"coalesce({self.text(depth - 1)}, {self.text(depth - 1)})"
        if form == "case":
            return f"CASE WHEN {self.condition(1)} THEN {self.text(depth - 1)} END"
        return f"CAST({self.integer(depth - 1)} AS VARCHAR)"

    def condition(self, depth: int) -> str:
        form = self.w.one_of(
            ["compare", "compare", "null", "in", "and", "or", "not", "exists", "in_query", "between"]
        )
        if depth <= 0 or form == "compare":
            return f"{self.integer(0)} {self.w.one_of(['=', '<', '>=', '<>'])} {self.integer(0)}"
        if form == "null":
            return f"{self.text(0)} IS {self.w.one_of(['NULL', 'NOT NULL'])}"
        if form == "in":
            return f"{self.integer(depth - 1)} IN (1, 2, {self.integer(0)})"
        if form in ("and", "or"):
            return f"({self.condition(depth - 1)} {form.upper()} {self.condition(depth - 1)})"
        if form == "not":
            return f"NOT ({self.condition(depth - 1)})"
        if form == "between":
            return f"{self.integer(0)} BETWEEN {self.integer(0)} AND {self.integer(0)}"
        if self.depth > 0:
            inner = self.subquery()
            if form == "exists":
                return f"EXISTS ({inner.select(0, self.ctes, self.sources).sql})"
            query = self.w.select(0, self.ctes, self.sources, exactly=["int"])
            return f"{self.integer(0)} IN ({query.sql})"
        return f"{self.integer(0)} = {self.integer(0)}"

    def subquery(self) -> Writer:
        return self.w

    def scalar(self) -> str:
        """An aggregate over one source, correlated or not: always one row."""
        more, source = self.w.source(0, self.ctes, None)
        inner = Scope(self.w, [source], self.sources, 0, self.ctes)
        where = f" WHERE {inner.condition(1)}" if self.w.chance(70) else ""
        own = Scope(
            self.w, [source], [], 0, self.ctes
        )  # an aggregate of outer columns only would be the outer query's
        return f"(SELECT {own.aggregate('int', qualified=True)} FROM {more}{where})"

    def equal(self, left: list[Source], right: Source) -> str:
        ours = [
            f"{s.alias}.{c.name}" if s.alias else c.name for s in left for c in s.columns if c.kind == "int"
        ]
        theirs = [f"{right.alias}.{c.name}" for c in right.columns if c.kind == "int"]
        if not ours or not theirs:
            return "1 = 1"
        return f"{self.w.one_of(ours)} = {self.w.one_of(theirs)}"

    def aggregate(self, kind: str, *, qualified: bool = False) -> str:
        if qualified:
            names = [f"{s.alias}.{c.name}" for s in self.sources for c in s.columns if c.kind == "int"]
            return (
                f"{self.w.one_of(['sum', 'max', 'count'])}({self.w.one_of(names)})" if names else "count(*)"
            )
        if kind == "str":
            return f"{self.w.one_of(['min', 'max'])}({self.text(1)})"
        function = self.w.one_of(["sum", "min", "max", "count", "count distinct", "count *"])
        if function == "count *":
            text = "count(*)"
        elif function == "count distinct":
            text = f"count(DISTINCT {self.integer(1)})"
        else:
            text = f"{function}({self.integer(1)})"
        return f"{text} FILTER (WHERE {self.condition(0)})" if self.w.chance(15) else text

    def windowed(self) -> str:
        function = self.w.one_of(["sum({0})", "max({0})", "count({0})", "rank()", "dense_rank()"])
        over = f"PARTITION BY {self.integer(0)}" if self.w.chance(60) else ""
        over += f" ORDER BY {self.integer(0)}" if self.w.chance(60) else ""
        return f"{function.format(self.integer(1))} OVER ({over.strip()})"


@st.composite
def queries(draw: Draw, depth: int = 2) -> str:
    """A query over the oracle's tables."""
    writer = Writer(draw)
    return writer.query(depth, {}).sql
