"""A relation that several statements of a text have written to: each of its columns holds what any of them gave."""

from __future__ import annotations

from penstock.lineage.scope.dependencies import Deps, Refs
from penstock.lineage.scope.results import Col, EmptyRelation, OpenStar, Result, merge


class Together(Result):
    """The columns that are not known of what was written: a name means its column in every part, not in one of them."""

    __slots__ = ("parts",)

    def __init__(self, parts: list[Result]) -> None:
        super().__init__()
        self.parts = parts

    @property
    def is_open(self) -> bool:
        return True

    def guess(self, key: str, name: str) -> list[Col]:
        found = [col for part in self.parts for col in _given(part, key, name)]
        return found if len(found) < 2 else [Col(key, name, merge(found))]

    def relations(self) -> set[int]:
        return {relation for part in self.parts for relation in part.relations()}


class AnyOf(Result):
    """Columns whose names are not known: each may hold any of the values."""

    __slots__ = ("_deps", "_refs")

    def __init__(self, refs: Refs, deps: Deps) -> None:
        super().__init__()
        self._refs = refs
        self._deps = deps

    @property
    def is_open(self) -> bool:
        return True

    def guess(self, key: str, name: str) -> list[Col]:
        if key == "*":
            return [Col(key, name, self._deps)]
        return [Col(key, name, {self._refs.doubted(dep): site for dep, site in self._deps.items()})]


def grown(before: Result, more: Result) -> Result:
    """`before` after another statement has written `more` to it. It stays open; a closed one gets no other columns."""
    made = Result()
    made.rows.parents.append(before.rows)
    if more.rows is not before.rows:
        made.rows.parents.append(more.rows)
    new = [col for col in more.listing() if before.is_open and before.find(col.key) is None]
    for col in (*before.listing(), *new):
        found = [*_given(before, col.key, col.name), *_given(more, col.key, col.name)]
        made.add(Col(col.key, col.name, merge(found)) if len(found) > 1 else col)
    if before.is_open:  # where the written columns stand among the others is not known
        at = before.open_stars[0].at if before.open_stars else 0
        made.open_stars = [OpenStar(Together(_parts(before, more)), at)]
    return made


def _given(rel: Result, key: str, name: str) -> list[Col]:
    known = rel.find(key)
    return [known] if known is not None else rel.guess(key, name)


def _parts(before: Result, more: Result) -> list[Result]:
    """Flat, however many statements write to it. An empty relation gives nothing: it is left out where others are open."""
    star = before.open_stars[0].rel if len(before.open_stars) == 1 else before
    parts = star.parts if isinstance(star, Together) else [before]
    if more.is_open:
        parts = [*(one for one in parts if not isinstance(one, EmptyRelation)), more]
    return parts
