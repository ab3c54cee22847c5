"""What procedural code holds between statements: the rows of cursors and loops, and those of a trigger's table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from penstock.lineage.read.pieces import Declared
from penstock.lineage.read.script import Script
from penstock.lineage.scope.relations import outside
from penstock.lineage.scope.results import NOTHING, Col
from penstock.lineage.scope.walk import Walk
from penstock.lineage.statements.query import derive_query
from penstock.lineage.statements.targets import Outcome, relation_key
from penstock.lineage.statements.variables import all_of, declare, first, put

_ROWS = ("new", "old")
_TABLES = ("inserted", "deleted")


def noted(w: Walk, node: Any, name: str, *, adds: bool) -> list[Outcome]:
    """A query inside procedural code: as a record, and as a value."""
    w.beside.clear()
    rel = derive_query(w, node, None)
    w.kept.append((all_of(rel), node))
    if name:
        if "." not in name:
            w.records[w.fold(name)] = rel
        put(w, name, first(rel), adds=adds)
    return list(w.beside)


def go_over(w: Walk, script: Script) -> None:
    """The rows of a loop are those of its cursor, and so is what is fetched from it."""
    for record, cursor in script.loops.items():
        rel = w.records.get(w.fold(cursor))
        if rel is not None:
            w.records.setdefault(w.fold(record), rel)
    for cursor, names in script.fetches:
        rel = w.records.get(w.fold(cursor))
        if rel is None:
            continue
        if len(names) == 1:
            w.records.setdefault(w.fold(names[0]), rel)
        columns = rel.listing()
        for at, name in enumerate(names):
            put(w, name, columns[at] if at < len(columns) else first(rel))


class Blocks:
    """Variables by the blocks that they are declared in: one that is declared again is another, until its block ends."""

    def __init__(self, declared: list[Declared], fold: Callable[[str], str]) -> None:
        named = Counter(fold(one.name) for one in declared)
        self._left = sorted(
            ((one.start, one.end, fold(one.name)) for one in declared if named[fold(one.name)] > 1),
            reverse=True,
        )
        self._open: list[tuple[int, str, Col, tuple[int, ...] | None]] = []

    def upto(self, w: Walk, at: int) -> None:
        """What holds for a statement that begins at this offset."""
        while self._left and self._left[-1][0] < at:
            start, end, key = self._left.pop()
            self._close(w, start)
            self._open.append((end, key, w.variables.get(key, NOTHING), w.set_in.get(key)))
            declare(w, key)
        self._close(w, at)

    def _close(self, w: Walk, at: int) -> None:
        while self._open and self._open[-1][0] <= at:
            _, key, col, set_in = self._open.pop()
            declare(w, key)
            w.variables[key] = col
            if set_in is not None:
                w.set_in[key] = set_in


def rows_of_trigger(w: Walk, trigger: tuple[str, ...]) -> None:
    """NEW and OLD, INSERTED and DELETED, while what a trigger does is read; nothing before and after. `trigger`: its
    table, and what else its rows are called."""
    for name in w.in_trigger:
        w.records.pop(w.fold(name), None)
        w.made.pop(relation_key(w, w.catalog.full((name,))), None)
    if not trigger or not trigger[0]:
        w.in_trigger = ()
        return
    table, *named = trigger
    w.in_trigger = (*_ROWS, *_TABLES, *named)
    rel = outside(w, w.catalog.parts_of(table))
    for name in (*_ROWS, *named):
        w.records[w.fold(name)] = rel
    for name in (*_TABLES, *named):
        w.made[relation_key(w, w.catalog.full((name,)))] = rel
