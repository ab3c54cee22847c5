"""Known relations and their columns, found by exact name, by default schema, or by a unique suffix. No SQL trees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from penstock.lineage.records import Parts
from penstock.lineage.rules import Rules

Columns = Mapping[str, str | None] | Iterable[str]
"""Column names, or a mapping from column name to its type."""

Schema = Mapping[str | Parts, Columns]
"""Relation -> columns. A relation is a tuple of stored parts, or text as one writes it in SQL (`raw.orders`)."""


class Entry(msgspec.Struct, frozen=True):
    """A relation as far as it is known. `names` maps comparable to stored column names; None: not known.

    `candidates` are set when several relations answer to the name: none is chosen.
    """

    parts: Parts
    names: dict[str, str] | None = None
    candidates: tuple[Parts, ...] = ()


class Catalog:
    """Looks relations up by the parts that SQL gives, one to three of them."""

    def __init__(
        self, rules: Rules, schema: Schema | None, database: str | None, default_schema: str | None
    ) -> None:
        self._rules = rules
        self._database = database
        self._schema = default_schema
        self._entries: dict[Parts, Entry] = {}
        self._by_name: dict[str, list[Parts]] = {}
        self._folded: dict[Parts, list[Parts]] = {}
        self._memo: dict[Parts, Entry] = {}
        for relation, columns in (schema or {}).items():
            self.add(self.parts_of(relation) if isinstance(relation, str) else relation, columns)

    def parts_of(self, text: str) -> Parts:
        """The stored parts of a relation written as SQL: `raw."Orders"`."""
        parts: list[str] = []
        for part, quoted in _split(text):
            parts.append(part if quoted else self._rules.stores(part))
        return tuple(parts)

    def add(self, parts: Parts, columns: Columns | None) -> None:
        """Makes a relation known, or replaces what was known; `columns` None: it exists, its columns are not known."""
        names = None if columns is None else self._names(columns)
        key = self._key(parts)
        if key not in self._entries:
            self._by_name.setdefault(key[-1], []).append(key)
            self._folded.setdefault(tuple(part.lower() for part in key), []).append(key)
        self._entries[key] = Entry(parts, names)
        self._memo.clear()

    def find(self, parts: Parts) -> Entry:
        """The relation that SQL means by `parts`; one that is not known comes back with the defaults filled in."""
        entry = self._memo.get(parts)
        if entry is None:
            entry = self._memo[parts] = self._find(parts)
        return entry

    def like(self, prefix: Parts, start: str) -> list[Entry]:
        """Known relations of that schema whose name begins with `start`, in order of name."""
        keys = [
            key
            for name in self._by_name
            if name.startswith(start)
            for key in self._by_name[name]
            if key[:-1][-len(prefix) :] == prefix or not prefix
        ]
        return [self._entries[key] for key in sorted(keys)]

    def _names(self, columns: Columns) -> dict[str, str]:
        key = self._rules.column_key
        return {key(name): name for name in columns}

    def _key(self, parts: Parts) -> Parts:
        key = self._rules.relation_key
        return tuple(key(part) for part in parts)

    def full(self, parts: Parts) -> Parts:
        """The name with the defaults filled in."""
        if len(parts) == 1 and self._schema:
            parts = (self._schema, *parts)
        if len(parts) == 2 and self._database:
            parts = (self._database, *parts)
        return parts

    def _find(self, parts: Parts) -> Entry:
        full = self.full(parts)
        key = self._key(full)
        for depth in range(len(key)):
            entry = self._entries.get(key[depth:])
            if entry is not None:
                return entry
        longer = [other for other in self._by_name.get(key[-1], ()) if other[-len(key) :] == key]
        if not longer and self._rules.relation_quotes_matter:
            longer = self._folded_alike(key)
        if len(longer) == 1:
            return self._entries[longer[0]]
        if longer:
            return Entry(full, None, tuple(self._entries[other].parts for other in longer))
        return Entry(full)

    def _folded_alike(self, key: Parts) -> list[Parts]:
        """Names that differ only by case: schemas are often written in the wrong one."""
        folded = tuple(part.lower() for part in key)
        for depth in range(len(folded)):
            alike = self._folded.get(folded[depth:])
            if alike:
                return alike
        return [
            other
            for name, others in self._folded.items()
            if name[-len(folded) :] == folded
            for other in others
        ]


def _split(text: str) -> Iterable[tuple[str, bool]]:
    """Splits `a."b.c".d` at the dots outside quotes (", ` or [])."""
    closing = {'"': '"', "`": "`", "[": "]"}
    part, quoted, until = "", False, ""
    for letter in text:
        if until:
            if letter == until:
                until = ""
            else:
                part += letter
        elif letter in closing and not part:
            until, quoted = closing[letter], True
        elif letter == ".":
            yield part, quoted
            part, quoted = "", False
        else:
            part += letter
    yield part, quoted
