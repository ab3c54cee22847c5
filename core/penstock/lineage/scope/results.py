"""Columns, results and scopes: what a name can mean at a place in a query. No SQL is walked here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from penstock.lineage.scope.dependencies import (
    AMBIGUOUS,
    IDENTITY,
    TRANSFORMATION,
    UNRESOLVED,
    Deps,
    Refs,
    Rows,
    subtype_of,
    used_as,
)


class Col(msgspec.Struct, eq=False, gc=False):
    """A column of a result. Shared by every result it is handed through to: never changed once made.

    `base`: a plain column of an upstream relation. `access`: reached by steps into one column, so that a further
    step is a sub-field of it. `fields`: the parts of a struct that was built from columns.
    """

    key: str
    name: str
    deps: Deps
    base: bool = False
    access: bool = False
    fields: dict[str, Col] | None = None

    def renamed(self, key: str, name: str) -> Col:
        if name == self.name and key == self.key:
            return self
        return Col(key, name, self.deps, self.base, self.access, self.fields)


NOTHING = Col("", "", {})
PARAMETER = Col("", "", {})
"""What a function is given: known where it is called. Snowflake names it without a colon, as it does no variable."""


class Result:
    """A result: columns in order, what decides its rows, and `open_stars`: stars whose columns are not known."""

    __slots__ = ("cols", "index", "open_stars", "rows", "value")

    def __init__(self, cols: Iterable[Col] = (), rows: Rows | None = None) -> None:
        self.cols: list[Col] = []
        self.index: dict[str, Col] = {}
        self.open_stars: list[OpenStar] = []
        self.rows = rows or Rows()
        self.value: Col | None = None  # what the alias itself means as a value, where the alias is a column
        for col in cols:
            self.add(col)

    def add(self, col: Col) -> None:
        self.cols.append(col)
        self.index.setdefault(col.key, col)

    @property
    def is_open(self) -> bool:
        return bool(self.open_stars)

    def find(self, key: str) -> Col | None:
        return self.index.get(key)

    def listing(self) -> list[Col]:
        """The known columns, in order."""
        return self.cols

    def guess(self, key: str, name: str) -> list[Col]:
        """What a name that is not among the known columns can mean: one entry per star that could hold it."""
        found: list[Col] = []
        for open_star in self.open_stars:
            if key not in open_star.hidden:
                found.extend(open_star.guess(key, name))
        return found

    def relations(self) -> set[int]:
        """The relations whose columns are not known."""
        return {relation for open_star in self.open_stars for relation in open_star.rel.relations()}


class Fields(dict[str, Col]):
    """The fields of a row whose columns are not all known: `rest` says what any other name means."""

    __slots__ = ("rest",)

    def __init__(self, known: Iterable[Col], rest: Result) -> None:
        super().__init__((col.key, col) for col in known)
        self.rest = rest


class Keyed(dict[str, Col]):
    """What a JSON object holds. Its keys are texts, and differ by case in every dialect."""

    __slots__ = ()


class Elements(dict[str, Col]):
    """The fields of an array's elements, where the array is a column whose type is known."""

    __slots__ = ()


class Pairs(dict[str, Col]):
    """The key and the value of a map's entries. A step into the map is no step to one of these: see `lookup.field`."""

    __slots__ = ()


class OpenStar:
    """`*` over a result whose columns are not all known. `at`: before which known column it stands."""

    __slots__ = ("at", "hidden", "rel", "site")

    def __init__(self, rel: Result, at: int, hidden: frozenset[str] = frozenset(), site: Any = None) -> None:
        self.rel = rel
        self.at = at
        self.hidden = hidden
        self.site = site

    def guess(self, key: str, name: str) -> list[Col]:
        known = self.rel.find(key)
        return [known] if known is not None else self.rel.guess(key, name)


class OutsideRelation(Result):
    """A relation outside the statement. Its columns are made when they are asked for.

    `names` are the known ones (comparable -> stored), None when none is; `more`: there are others beside them.
    `fields_of` gives those of a column whose type is a known struct.
    """

    __slots__ = ("fields_of", "hidden", "id", "more", "names", "refs")

    def __init__(
        self,
        refs: Refs,
        relation: int,
        names: dict[str, str] | None,
        hidden: frozenset[str],
        *,
        more: bool = False,
        fields_of: Callable[[str, str], dict[str, Col] | None] | None = None,
    ) -> None:
        super().__init__(rows=Rows(relation))
        self.more = more or names is None
        self.fields_of = fields_of
        self.refs = refs
        self.id = relation
        self.names = names
        self.hidden = hidden

    @property
    def is_open(self) -> bool:
        return self.more

    def _make(self, key: str, name: str) -> Col:
        fields = self.fields_of(key, name) if self.fields_of is not None else None
        col = self.index[key] = Col(key, name, {self.refs.key(self.id, name): None}, True, True, fields)
        return col

    def find(self, key: str) -> Col | None:
        col = self.index.get(key)
        if col is not None or self.names is None:
            return col
        name = self.names.get(key)
        return None if name is None else self._make(key, name)

    def find_folded(self, key: str) -> Col | None:
        """The only column that differs from `key` by case alone, or one of the relation's hidden columns."""
        folded = key.lower()
        if folded in self.hidden:
            return self._make(key, key)
        alike = [other for other in self.names or () if other.lower() == folded]
        return self.find(alike[0]) if len(alike) == 1 else None

    def listing(self) -> list[Col]:
        if self.names is None:
            return []
        return [self.index.get(key) or self._make(key, name) for key, name in self.names.items()]

    def guess(self, key: str, name: str) -> list[Col]:
        return [self.index.get(key) or self._make(key, name)] if self.more else []

    def relations(self) -> set[int]:
        return {self.id} if self.more else set()


class OneOfRelations(Result):
    """A name that several known relations answer to: one of them is meant, and a column may tell which."""

    __slots__ = ("choices", "refs")

    def __init__(self, refs: Refs, choices: list[OutsideRelation]) -> None:
        super().__init__()
        self.refs = refs
        self.choices = choices

    @property
    def is_open(self) -> bool:
        return True

    def guess(self, key: str, name: str) -> list[Col]:
        found = [
            col for rel in self.choices for col in (rel.find(key), *rel.guess(key, name)) if col is not None
        ]
        if key == "*":
            found = [Col(key, name, {self.refs.key(rel.id, name): None}, base=True) for rel in self.choices]
        return found if len(found) < 2 else [ambiguous(self.refs, key, name, found)]

    def relations(self) -> set[int]:
        return {rel.id for rel in self.choices}


class UnknownRelation(Result):
    """A relation whose name is not written down: its columns have names, and come from nobody knows where."""

    __slots__ = ("refs",)

    def __init__(self, refs: Refs) -> None:
        super().__init__()
        self.refs = refs

    @property
    def is_open(self) -> bool:
        return True

    def guess(self, key: str, name: str) -> list[Col]:
        return [Col(key, name, {self.refs.key(-1, name, "", UNRESOLVED): None}, base=True, access=True)]


class EmptyRelation(Result):
    """A relation made like one whose columns are not known: it has columns of any name, and nothing in them yet."""

    __slots__ = ()

    @property
    def is_open(self) -> bool:
        return True

    def guess(self, key: str, name: str) -> list[Col]:
        return [Col(key, name, {})] if key != "*" else []


class SharedAlias(Result):
    """Two sources under one alias, which Trino allows: a column that only one of them has tells which is meant."""

    __slots__ = ("first", "second")

    def __init__(self, first: Result, second: Result) -> None:
        super().__init__()
        self.first = first
        self.second = second

    @property
    def is_open(self) -> bool:
        return self.first.is_open or self.second.is_open

    def find(self, key: str) -> Col | None:
        ours, theirs = self.first.find(key), self.second.find(key)
        return ours or theirs if ours is None or theirs is None else None

    def listing(self) -> list[Col]:
        return [*self.first.listing(), *self.second.listing()]

    def guess(self, key: str, name: str) -> list[Col]:
        known = [col for rel in (self.first, self.second) if (col := rel.find(key)) is not None]
        return known or [*self.first.guess(key, name), *self.second.guess(key, name)]

    def relations(self) -> set[int]:
        return self.first.relations() | self.second.relations()


class Scope:
    """What can be named at one SELECT: its sources, the names it has given so far, and the scopes around it.

    `clause` is the one being read ("" for the select list): what a name of the select list means there depends on it.
    `aggregated` are the names given to aggregates.
    """

    __slots__ = (
        "aggregated",
        "alias_nodes",
        "aliases",
        "by_alias",
        "clause",
        "ctes",
        "memo",
        "merged",
        "parent",
        "pending",
        "rows",
        "scalars",
        "siblings",
        "sources",
        "unstarred",
        "windows",
    )

    def __init__(self, parent: Scope | None, ctes: dict[str, Result]) -> None:
        self.parent = parent
        self.ctes = ctes
        self.siblings: Scope | None = None
        self.sources: list[Result] = []
        self.by_alias: dict[str, Result] = {}
        self.merged: dict[str, Col] = {}
        self.aliases: dict[str, Col] = {}
        self.alias_nodes: dict[str, Any] = {}
        self.aggregated: set[str] = set()
        self.scalars: dict[str, Any] = {}
        self.clause = ""
        self.pending: dict[str, Any] = {}
        self.memo: dict[str, Col] = {}
        self.rows = Rows()
        self.unstarred: set[int] = set()
        self.windows: dict[str, Any] = {}

    def add(self, alias: str | None, rel: Result) -> None:
        self.sources.append(rel)
        self.rows.parents.append(rel.rows)
        self.memo.clear()
        if alias:
            before = self.by_alias.get(alias)
            self.by_alias[alias] = rel if before is None or before is rel else SharedAlias(before, rel)

    def valued(self, key: str) -> Col | None:
        """BigQuery: `unnest(a) as a`: the alias hides the array of that name, in whichever source it is."""
        rel = self.by_alias.get(key)
        return rel.value if rel is not None else None

    def around(self) -> Iterator[Scope]:
        """This scope and those around it, from the inside out."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent


def merge(cols: list[Col], *, subtype: int = IDENTITY) -> Deps:
    """The union of what several columns depend on."""
    found: Deps = {}
    for col in cols:
        for key, site in col.deps.items():
            if subtype == TRANSFORMATION and subtype_of(key) == IDENTITY:
                key = used_as(key, TRANSFORMATION)
            found.setdefault(key, site)
    return found


def ambiguous(refs: Refs, key: str, name: str, choices: list[Col], nearest: Col | None = None) -> Col:
    """A column that one of `choices` is, and nothing says which; most likely `nearest`, if it is one of the innermost scope's."""
    deps: Deps = {}
    plain: set[int] = set()
    likely = -1
    for col in choices:
        for dep in col.deps:
            relation, column, path, _, candidates, masked = refs.column_of(dep)
            if subtype_of(dep) == IDENTITY and not masked and not path and column.lower() == name.lower():
                plain.update(candidates or (relation,))
                likely = relation if col is nearest else likely
            else:
                deps.setdefault(refs.doubted(dep), None)
    if plain:
        only = next(iter(plain)) if len(plain) == 1 else likely
        deps[refs.key(only, name, "", AMBIGUOUS, tuple(sorted(plain)))] = None
    return Col(key, name, deps, base=True, access=True)
