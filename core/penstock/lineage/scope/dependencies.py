"""What a column depends on: a dict from key to the expression it was written in, and how two hops become one.

A key is `ref << 4 | subtype`. Refs are interned columns of upstream relations. No other module takes a key apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from penstock.assets import Certainty, EdgeSubtype

SUBTYPES = tuple(EdgeSubtype)
IDENTITY, TRANSFORMATION, AGGREGATION, JOIN, GROUP_BY, FILTER, SORT, WINDOW, CONDITIONAL = range(9)
FIRST_INDIRECT = JOIN
CERTAINTIES = (Certainty.RESOLVED, Certainty.AMBIGUOUS, Certainty.UNRESOLVED)
RESOLVED, AMBIGUOUS, UNRESOLVED = range(3)

Deps = dict[int, Any]

# A column used as `outer` that itself came about as `inner`. What is indirect stays indirect.
COMPOSE = tuple(
    tuple(
        outer if outer >= FIRST_INDIRECT else inner if inner >= FIRST_INDIRECT else max(outer, inner)
        for inner in range(16)
    )
    for outer in range(9)
)
# What an argument of a function is, when the function's own value is used as the index.
ARGUMENT = (TRANSFORMATION, TRANSFORMATION, AGGREGATION, *range(JOIN, 9))
AGGREGATED = (AGGREGATION, AGGREGATION, AGGREGATION, *range(JOIN, 9))

Ref = tuple[int, str, str, int, tuple[int, ...], bool]
"""relation id (-1: not known), column, path below it, certainty, candidates' relation ids, whether the value is masked."""


def subtype_of(key: int) -> int:
    return key & 15


def used_as(key: int, subtype: int) -> int:
    """The dependency on the same column with another subtype, whatever it had."""
    return key & -16 | subtype


def is_direct(key: int) -> bool:
    """Whether the value itself comes from there."""
    return key & 15 < FIRST_INDIRECT


def composed(key: int, as_used: tuple[int, ...]) -> int:
    """The dependency used once more; `as_used` is a row of `COMPOSE`, or `AGGREGATED`."""
    return key & -16 | as_used[key & 15]


def extend(acc: Deps, deps: Deps, subtype: int, site: Any) -> None:
    """Add to `acc` what it has not: `deps`, each used as `subtype` at `site`."""
    as_used = COMPOSE[subtype]
    for key in deps:
        key = key & -16 | as_used[key & 15]
        if key not in acc:
            acc[key] = site


class Refs:
    """Interns upstream columns: the same column is the same small integer everywhere in a statement."""

    __slots__ = ("_ids", "rows")

    def __init__(self) -> None:
        self._ids: dict[Ref, int] = {}
        self.rows: list[Ref] = []

    def key(
        self,
        relation: int,
        column: str,
        path: str = "",
        certainty: int = RESOLVED,
        candidates: tuple[int, ...] = (),
        masked: bool = False,
    ) -> int:
        """The IDENTITY key of that column."""
        row = (relation, column, path, certainty, candidates, masked)
        ref = self._ids.get(row)
        if ref is None:
            ref = self._ids[row] = len(self.rows)
            self.rows.append(row)
        return ref << 4

    def below(self, key: int, path: str) -> int:
        """The same dependency on the sub-field `path` of its column."""
        relation, column, head, certainty, candidates, masked = self.rows[key >> 4]
        joined = f"{head}.{path}" if head else path
        return self.key(relation, column, joined, certainty, candidates, masked) | key & 15

    def masked(self, key: int) -> int:
        """The same dependency, where the value cannot be read back: hashed, or counted."""
        relation, column, path, certainty, candidates, _ = self.rows[key >> 4]
        return self.key(relation, column, path, certainty, candidates, True) | key & 15

    def doubted(self, key: int) -> int:
        """The same dependency, no longer as a fact: it holds if the column is there."""
        relation, column, path, certainty, candidates, masked = self.rows[key >> 4]
        if certainty != RESOLVED:
            return key
        named = tuple(sorted({relation, *candidates} - {-1}))
        only = named[0] if len(named) == 1 else -1
        return self.key(only, column, path, AMBIGUOUS, named, masked) | key & 15

    def column_of(self, key: int) -> Ref:
        return self.rows[key >> 4]

    def without(self, relations: set[int], deps: Deps) -> set[int]:
        """Those of the relations of which `deps` have no column."""
        rows = self.rows
        used = {key >> 4 for key in deps}
        left = relations - {rows[ref][0] for ref in used}
        for ref in used if left else ():
            left.difference_update(rows[ref][4])
        return left

    def candidates_of(self, key: int) -> tuple[int, ...]:
        return self.rows[key >> 4][4]

    def handed_on(self, deps: Iterable[int]) -> list[Ref]:
        """The columns whose values come through unchanged."""
        return [self.rows[key >> 4] for key in deps if not key & 15]

    def relations_of(self, deps: Iterable[int], *, identical: bool = False) -> set[int]:
        """The relations that they lead to, -1 among them where one is not known; with `identical` by unchanged values only."""
        return {self.rows[key >> 4][0] for key in deps if not (identical and key & 15)}

    def told(self, deps: Deps) -> list[tuple[Ref, int, Any]]:
        """(column, subtype, site) of each."""
        rows = self.rows
        return [(rows[key >> 4], key & 15, site) for key, site in deps.items()]


class Rows:
    """What decides which rows a result has: its own dependencies and those of the results it was made from."""

    __slots__ = ("own", "parents", "relation")

    def __init__(self, relation: int = -1) -> None:
        self.own: Deps = {}
        self.parents: list[Rows] = []
        self.relation = relation

    def decided_by(self, deps: Iterable[int], subtype: int, site: Any) -> None:
        """Which rows there are follows from these columns, by `site`."""
        own = self.own
        for key in deps:
            own.setdefault(key & -16 | subtype, site)

    def decided_where_used(self, deps: Deps, subtype: int, site: Any = None) -> None:
        """The same, each by the expression that it was written in; by `site` where that is not known."""
        own = self.own
        for key, inner in deps.items():
            own.setdefault(key & -16 | subtype, inner or site)

    def flat(self) -> Deps:
        """All of them."""
        if not self.parents:
            return self.own
        found: Deps = {}
        for rows in self._all():
            if found:
                for key, site in rows.own.items():
                    found.setdefault(key, site)
            elif rows.own:
                found = rows.own.copy()
        return found

    def relations(self) -> set[int]:
        """The relations outside whose rows these rows are made from."""
        return {rows.relation for rows in self._all()} - {-1}

    def _all(self) -> list[Rows]:
        """Each result is visited once, however often it is reached."""
        seen: set[int] = set()
        found: list[Rows] = []
        waiting = [self]
        while waiting:
            rows = waiting.pop()
            if id(rows) not in seen:
                seen.add(id(rows))
                found.append(rows)
                waiting.extend(rows.parents)
        return found
