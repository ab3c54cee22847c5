"""The oracle of lineage: change one source column, run the query again, and see which output columns changed.

Every column that changed must have an edge from the one that was changed, whatever the edge's type. The other way
round is a report, not a rule: an edge that no change ever showed may still be right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import duckdb

from penstock.lineage import StatementLineage, column_lineage

# Small values, so that joins meet, groups have several rows and conditions are true as well as false.
TABLES: dict[str, dict[str, tuple[str, list[Any]]]] = {
    "t": {
        "id": ("INTEGER", [1, 2, 3, 4, 5, 6]),
        "a": ("INTEGER", [1, 2, 2, None, 3, 0]),
        "b": ("INTEGER", [5, 1, 4, 2, None, 3]),
        "s": ("VARCHAR", ["x", "y", None, "x", "", "zz"]),
        "l": ("INTEGER[]", [[1, 2], [], None, [3], [2, 2], [0, None]]),
    },
    "u": {
        "id": ("INTEGER", [1, 2, 3, 3, 7]),
        "x": ("INTEGER", [2, 0, None, 1, 5]),
        "y": ("INTEGER", [1, 1, 2, 3, None]),
        "w": ("VARCHAR", ["x", "q", "", None, "y"]),
    },
    "v": {
        "k": ("INTEGER", [1, 2, 2, 5]),
        "a": ("INTEGER", [3, 1, None, 2]),
        "z": ("INTEGER", [0, 4, 2, 1]),
        "st": (
            "STRUCT(p INTEGER, q VARCHAR)",
            [{"p": 1, "q": "x"}, {"p": None, "q": "y"}, None, {"p": 2, "q": ""}],
        ),
    },
}
SCHEMA: dict[str | tuple[str, ...], list[str]] = {name: list(columns) for name, columns in TABLES.items()}


class Change(NamedTuple):
    table: str
    column: str
    schema: str


class Verdict(NamedTuple):
    """What running one query showed. `missed` are (output, table, column) without an edge, `seen` those that changed."""

    missed: list[tuple[str, str, str]]
    seen: set[tuple[str, str, str]]
    lineage: StatementLineage


class Oracle:
    """A database with the tables, and beside it one schema per change, in which one column differs."""

    def __init__(self, changes_per_column: int) -> None:
        self.connection = duckdb.connect(config={"threads": 1})
        self._fill("main", None, None)
        self.changes: list[Change] = []
        for table, columns in TABLES.items():
            for column, (kind, values) in columns.items():
                for number, changed in enumerate(_variations(kind, values)):
                    if number >= changes_per_column:
                        break
                    schema = f"{table}_{column}_{number}"
                    self.connection.execute(f"CREATE SCHEMA {schema}")
                    self._fill(schema, (table, column), changed)
                    self.changes.append(Change(table, column, schema))

    def _fill(self, schema: str, place: tuple[str, str] | None, changed: list[Any] | None) -> None:
        for table, columns in TABLES.items():
            if place is not None and place[0] != table:
                continue  # found in main
            kinds = ", ".join(f"{name} {kind}" for name, (kind, _) in columns.items())
            self.connection.execute(f"CREATE TABLE {schema}.{table} ({kinds})")
            values = [
                changed if place == (table, name) and changed is not None else own
                for name, (_, own) in columns.items()
            ]
            marks = ", ".join("?" for _ in columns)
            rows = [list(row) for row in zip(*values, strict=True)]
            self.connection.executemany(f"INSERT INTO {schema}.{table} VALUES ({marks})", rows)

    def columns(self, sql: str, schema: str = "main") -> dict[int, Counter[str]] | None:
        """Each output column's values, however often each; None when the query fails on that data."""
        self.connection.execute(f"SET search_path = '{schema},main'")
        try:
            rows = self.connection.execute(sql).fetchall()
        except (duckdb.Error, OverflowError):
            return None
        width = len(self.connection.description or ())
        return {at: Counter(repr(row[at]) for row in rows) for at in range(width)}

    def judge(self, sql: str, *, known: bool = True) -> Verdict | None:
        """Runs the query on every change that can reach it; None when it does not run at all."""
        before = self.columns(sql)
        if before is None:
            return None
        lineage = column_lineage(sql, dialect="duckdb", schema=SCHEMA if known else None)
        assert len(lineage.columns) == len(before) or any(one.open for one in lineage.columns), (
            f"{len(lineage.columns)} columns told, {len(before)} given: {sql}"
        )
        feeds = _feeds(lineage)
        read = {use.parts[-1].lower() for use in lineage.relations}
        missed, seen = [], set()
        for change in self.changes:
            if change.table not in read:
                continue
            after = self.columns(sql, change.schema)
            if after is None or len(after) != len(before):
                continue
            for at in before:
                if before[at] == after[at]:
                    continue
                output = lineage.columns[at].name if at < len(lineage.columns) else "*"
                seen.add((output, change.table, change.column))
                own = feeds.get(output, set()) | feeds.get(None, set()) | feeds.get("*", set())
                if any(one.open for one in lineage.columns):  # which output stands where is not known then
                    own = {place for places in feeds.values() for place in places}
                if (change.table, change.column) not in own and (change.table, "*") not in own:
                    missed.append((output, change.table, change.column))
        return Verdict(sorted(set(missed)), seen, lineage)


def _feeds(lineage: StatementLineage) -> dict[str | None, set[tuple[str, str]]]:
    found: dict[str | None, set[tuple[str, str]]] = {}
    for edge in lineage.edges:
        relations = [edge.relation] if edge.relation is not None else edge.candidates
        for relation in relations:
            found.setdefault(edge.output, set()).add((relation[-1].lower(), edge.column.lower()))
    return found


def unwitnessed(verdict: Verdict) -> Iterator[tuple[str, bool, str]]:
    """Each edge as text, whether it is direct, and whether a change showed it: 'seen' or 'unseen'."""
    outputs = {column.name for column in verdict.lineage.columns}
    for edge in verdict.lineage.edges:
        if edge.relation is None:
            continue
        told = (edge.relation[-1].lower(), edge.column.lower())
        targets = outputs if edge.output is None else {edge.output}
        shown = any((output, *told) in verdict.seen for output in targets)
        text = f"{edge.output or '(all)'} <- {'.'.join(told)} {edge.subtype} : {edge.expression}"
        yield text, edge.type == "DIRECT", "seen" if shown else "unseen"


def _variations(kind: str, values: list[Any]) -> Iterator[list[Any]]:
    """Other contents of a column, the most telling first: nulls, duplicates, extremes, other orders."""
    pool = _pool(kind)
    size = len(values)
    yield [*values[1:], values[0]]
    yield [pool[(at * 3 + 1) % len(pool)] for at in range(size)]
    yield [None] * size
    yield [pool[0]] * size
    for at in range(size):
        yield [pool[(at + 2) % len(pool)] if at == place else value for place, value in enumerate(values)]
    yield list(reversed(values))
    yield [pool[-1]] * size
    yield [None if at % 2 else value for at, value in enumerate(values)]
    yield [pool[-1] if at == 0 else value for at, value in enumerate(values)]
    for step in range(2, 14):
        yield [pool[(at * step + step) % len(pool)] for at in range(size)]
    yield [value if value is not None else pool[1] for value in values]


def _pool(kind: str) -> list[Any]:
    if kind == "INTEGER":
        return [2, 1, 0, 3, 5, 7, -4, None, 1_000_000]
    if kind == "VARCHAR":
        return ["x", "y", "", "q", None, "zz", "Xyz", "a longer text"]
    if kind == "INTEGER[]":
        return [[1], [2, 3], [], None, [5, 1, 2], [0]]
    return [{"p": 2, "q": "x"}, {"p": 3, "q": "q"}, None, {"p": None, "q": None}, {"p": 0, "q": "y"}]
