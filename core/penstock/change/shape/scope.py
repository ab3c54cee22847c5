"""What a name can mean in a query: its sources by position, those of the queries around it, the names of its select list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import blake2b

from penstock.lineage.dialects.rules import Rules


def digest(*parts: object) -> str:
    return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


class Unshaped(Exception):
    """The query has something of which it is not known what it depends on."""


class Source:
    """One relation in FROM. `rows` decides its rows, `columns` are the known ones with the digests of their values, `shown` how they
    are written where that is kept; where there may be more of them it is `open`, and `whole` stands for their values."""

    __slots__ = ("columns", "open", "rows", "shown", "whole")

    def __init__(
        self,
        rows: str,
        columns: dict[str, str],
        whole: str,
        *,
        open_: bool,
        shown: dict[str, str] | None = None,
    ) -> None:
        self.rows = rows
        self.columns = columns
        self.whole = whole
        self.open = open_
        self.shown = shown or {}

    def column(self, key: str) -> str | None:
        found = self.columns.get(key)
        return found if found is not None or not self.open else digest(self.whole, key)

    @classmethod
    def opaque(cls, whole: str) -> Source:
        return cls(whole, {}, whole, open_=True)


class Scope:
    """One SELECT. `aliases` are the names of its select list, each with a way to its digest; `merged`: a join makes one column of two,
    or leaves columns out; `plain`: it does nothing but choose among the columns of one source, which are then what they were there.
    (With a condition they are not: a window above it is not one below it.)"""

    __slots__ = ("aliases", "busy", "clause", "ctes", "made", "merged", "names", "outer", "plain", "sources")

    def __init__(self, outer: Scope | None, ctes: dict[str, Source]) -> None:
        self.outer = outer
        self.ctes = ctes
        self.merged = False
        self.plain = False
        self.made: dict[str, str] = {}
        self.sources: list[Source] = []
        self.names: dict[str, int | None] = {}  # None: two sources have that name
        self.aliases: dict[str, Callable[[], str]] = {}
        self.busy: set[str] = set()
        self.clause = "select"

    def add(self, name: str | None, source: Source) -> None:
        if name is not None:
            self.names[name] = None if name in self.names else len(self.sources)
        self.sources.append(source)

    def around(self) -> Iterator[tuple[int, Scope]]:
        scope: Scope | None = self
        depth = 0
        while scope is not None:
            yield depth, scope
            scope, depth = scope.outer, depth + 1


# Where the select list's own names may be meant although a source has a column of that name.
_ALIASES_TOO = frozenset({"group", "having", "qualify", "order"})


def qualified(scope: Scope, table: str, key: str) -> str | None:
    """`table.key`; None when no source is called that."""
    for depth, level in scope.around():
        if table in level.names:
            at = level.names[table]
            if at is None:
                raise Unshaped
            found = level.sources[at].column(key)
            if found is not None:
                return column_digest(level, depth, at, found)
            return among(scope, key, f"{depth} {at} {level.sources[at].whole}")
    return None


def unqualified(rules: Rules, scope: Scope, key: str) -> str:
    """What that name can mean: the one column that it must mean, or all that it may mean, with the name itself."""
    for depth, level in scope.around():
        sure = [at for at, source in enumerate(level.sources) if key in source.columns]
        alone = len(level.sources) == 1 and level.sources[0].open and level.outer is None and not sure
        if not alone and (len(sure) > 1 or any(one.open for one in level.sources)):
            break
        if key in level.names or _means_alias(rules, level, key, alone=alone or not sure):
            break
        if sure or alone:
            only = sure[0] if sure else 0
            return column_digest(level, depth, only, level.sources[only].column(key))
    return among(scope, key, "")


def column_digest(level: Scope, depth: int, at: int, value: str | None) -> str:
    return value if level.plain and not depth and value is not None else digest("column", depth, at, value)


def _means_alias(rules: Rules, level: Scope, key: str, *, alone: bool) -> bool:
    if key not in level.aliases:
        return False
    return alone or rules.has.aliases_first or level.clause in _ALIASES_TOO


def among(scope: Scope, key: str, beside: str) -> str:
    """All that the name may mean: columns, whole rows, names of the select list."""
    found: list[object] = []
    for depth, level in scope.around():
        for at, source in enumerate(level.sources):
            if (column := source.column(key)) is not None:
                found.append((depth, at, column))
        if key in level.names:
            row = level.names[key]
            found.append((depth, "row", row, None if row is None else level.sources[row].whole))
        if key in level.aliases and key not in level.busy:
            found.append((depth, "alias", _aliased(level, key)))
    return digest("among", key, beside, *found)


def _aliased(level: Scope, key: str) -> str:
    """The value of a name of the select list. Within itself the name means something else."""
    if key in level.made:
        return level.made[key]
    clause, level.clause = level.clause, "select"
    level.busy.add(key)
    found = level.aliases[key]()
    level.busy.discard(key)
    level.clause = clause
    if not level.busy:
        level.made[key] = found
    return found
