"""The shape of a query, and how two of them differ. Records only."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from penstock.lineage.records import Parts


class Shape(msgspec.Struct, frozen=True, array_like=True):
    """What a query gives, apart from how it is written. `rows` is a digest of everything that decides which rows there are and of all
    that is not one column's alone; `columns` the output's names in order, each with the digest of its value. None: the columns cannot
    be told one by one, and `rows` stands for all. `words` is what is written, as a digest that no order or layout changes."""

    rows: str
    columns: tuple[tuple[str, str], ...] | None
    words: str


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between two texts of one query.

    `whole`: which rows there are, or what cannot be told apart. `changed`: columns of both with other values; `added` and `removed`
    by name; `moved`: those that are in both stand in another order. None of it: the texts differ in form only.
    """

    whole: bool = False
    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    moved: bool = False

    @property
    def cosmetic(self) -> bool:
        return not (self.whole or self.changed or self.listing)

    @property
    def listing(self) -> bool:
        """Whether the list of columns is another one: what has a star, or a name without a qualifier, may mean something else."""
        return bool(self.added or self.removed or self.moved)


class Outside(msgspec.Struct, frozen=True):
    """What is known of the relations that a query reads, by their parts as the warehouse stores them.

    `names` gives a relation the same name in every environment; `columns` all of its columns in order, None where they are not known
    for certain. Two shapes can be compared when both were made with the same knowledge. `made` is the shape of the query that makes a
    relation, where its name and columns shall stand for that: the shape of a query is then that of all above it."""

    names: Callable[[Parts], str] = ".".join
    columns: Callable[[Parts], tuple[str, ...] | None] = lambda _parts: None
    made: Callable[[Parts], Shape | None] = lambda _parts: None
