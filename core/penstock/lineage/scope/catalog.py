"""Known relations and their columns, found by exact name, by default schema, or by a unique suffix. No SQL trees."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

import msgspec

from penstock.lineage.dialects.rules import Rules
from penstock.lineage.records import Parts

Columns = Mapping[str, str | None] | Iterable[str]
"""Column names, or a mapping from column name to its type."""

Schema = Mapping[str | Parts, Columns]
"""Relation -> columns. A relation is text as one writes it in SQL (`raw.orders`), and so are then its columns; or it is
a tuple of parts as the warehouse stores them, with its columns likewise."""


# What a type with named fields is called in one dialect or another.
_HAS_FIELDS = re.compile(r"\b(?:struct|row|object|tuple|nested|map)\s*[(<]", re.IGNORECASE)


class Entry(msgspec.Struct, frozen=True):
    """A relation as far as it is known. `names` maps comparable to stored column names; None: not known.

    `structs`: of those that have fields, the type as text. `more`: there are columns beside `names`. `candidates` are set when
    several relations answer to the name: none is chosen. `waits_for` is the model that has to be derived before anything is known.
    """

    parts: Parts
    names: dict[str, str] | None = None
    more: bool = False
    candidates: tuple[Parts, ...] = ()
    waits_for: str | None = None
    structs: dict[str, str] = {}


class Waiting(Exception):
    """A lookup met the relation of a model that is not derived yet. `model` is its key; derive it, then ask again."""

    def __init__(self, model: str) -> None:
        super().__init__(model)
        self.model = model


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
        self._memo: dict[Parts, Parts | Entry] = {}
        self._digests: dict[Parts, bytes] = {}
        self.asked: set[Parts] = set()
        self.shared = False
        for relation, columns in (schema or {}).items():
            if isinstance(relation, str):
                self.add(self.parts_of(relation), self._stored(columns))
            else:
                self.add(relation, columns)

    def parts_of(self, text: str) -> Parts:
        """The stored parts of a relation written as SQL: `raw."Orders"`."""
        parts: list[str] = []
        for part, quoted in _split(text):
            parts.append(part if quoted else self._rules.stores(part))
        return tuple(parts)

    def add(self, parts: Parts, columns: Columns | None, *, more: bool = False) -> None:
        """Makes a relation known, or replaces what was known; `columns` None: it exists, its columns are not known."""
        if columns is None:
            self._put(Entry(parts, None, more))
        else:
            self._put(Entry(parts, self._names(columns), more, structs=self._structs(columns)))

    def learn(self, parts: Parts, names: dict[str, str], types: Mapping[str, str], *, more: bool) -> None:
        """The same, of columns by their comparable names."""
        structs = self._structs({name: types.get(name) for name in names.values()}) if types else {}
        self._put(Entry(parts, names, more, structs=structs))

    def expect(self, parts: Parts, model: str) -> None:
        """The relation of a model that is still to be derived."""
        self._put(Entry(parts, waits_for=model))

    def _put(self, entry: Entry) -> None:
        key = self._key(entry.parts)
        if key not in self._entries:
            self._by_name.setdefault(key[-1], []).append(key)
            self._folded.setdefault(tuple(part.lower() for part in key), []).append(key)
            self._memo.clear()
        self._entries[key] = entry
        self._digests.pop(key, None)

    def find(self, parts: Parts) -> Entry:
        """The relation that SQL means by `parts`; one that is not known comes back with the defaults filled in.

        Raises Waiting when it is the relation of a model that is not derived yet.
        """
        entry = self._at(self._place(parts))
        if entry.waits_for is not None:
            raise Waiting(entry.waits_for)
        self.asked.add(parts)
        return entry

    def entries(self) -> Iterable[Entry]:
        """All that was made known."""
        return self._entries.values()

    def waits_for(self, parts: Parts) -> str | None:
        """The model that has to be derived before `find(parts)` has an answer."""
        return self._at(self._place(parts)).waits_for

    def _place(self, parts: Parts) -> Parts | Entry:
        place = self._memo.get(parts)
        if place is None:
            place = self._memo[parts] = self._find(parts)
        return place

    def _at(self, place: Parts | Entry) -> Entry:
        return place if isinstance(place, Entry) else self._entries[place]

    def digest(self, parts: Parts) -> bytes:
        """What `find(parts)` would answer, as a hash: equal exactly when nothing about it has changed."""
        entry = self.find(parts)
        place = self._place(parts)
        key = entry.parts if isinstance(place, Entry) else place
        found = self._digests.get(key)
        if found is None:
            names = entry.names and list(entry.names.values())
            facts: tuple[Any, ...] = (entry.parts, names, entry.more, entry.candidates)
            if entry.structs:
                facts += (sorted(entry.structs.items()),)
            found = self._digests[key] = blake2b(repr(facts).encode(), digest_size=12).digest()
        if parts and parts[-1].endswith("*"):
            alike = [(one.parts, one.names, one.structs) for one in self.like(parts[:-1], parts[-1][:-1])]
            return blake2b(found + repr(alike).encode(), digest_size=12).digest()
        return found

    def like(self, prefix: Parts, start: str) -> list[Entry]:
        """Known relations of that schema whose name begins with `start`, in order of name."""
        keys = [
            key
            for name in self._by_name
            if name.startswith(start)
            for key in self._by_name[name]
            if key[:-1][-len(prefix) :] == prefix or not prefix
        ]
        found = [self._entries[key] for key in sorted(keys)]
        for entry in found:
            if entry.waits_for is not None:
                raise Waiting(entry.waits_for)
        return found

    def _names(self, columns: Columns) -> dict[str, str]:
        key = self._rules.column_key
        return {key(name): name for name in columns}

    def _stored(self, columns: Columns) -> Columns:
        """Columns written as SQL, as the warehouse stores them."""
        if isinstance(columns, Mapping):
            return {self.parts_of(name)[0]: kind for name, kind in columns.items()}
        return [self.parts_of(name)[0] for name in columns]

    def _structs(self, columns: Columns) -> dict[str, str]:
        if not isinstance(columns, Mapping):
            return {}
        key = self._rules.column_key
        return {
            key(name): kind
            for name, kind in columns.items()
            if kind and kind[-1] in ")>]" and _HAS_FIELDS.search(kind)
        }

    def _key(self, parts: Parts) -> Parts:
        key = self._rules.relation_key
        return tuple(key(part) for part in parts)

    def use(self, database: str | None, schema: str | None) -> None:
        """USE in a script: other defaults from here on. A catalog that models share keeps its own."""
        if self.shared:
            return
        self._database = database or self._database
        self._schema = schema or (None if database else self._schema)
        self._memo.clear()

    def full(self, parts: Parts) -> Parts:
        """The name with the defaults filled in."""
        if len(parts) == 1 and self._schema:
            parts = (self._schema, *parts)
        if len(parts) == 2 and self._database:
            parts = (self._database, *parts)
        return parts

    def _find(self, parts: Parts) -> Parts | Entry:
        """The key of the entry that is meant, or an entry made up for what is not known."""
        full = self.full(parts)
        key = self._key(full)
        if not key:
            return Entry(full)
        for depth in range(len(key)):
            if key[depth:] in self._entries:
                return key[depth:]
        longer = [other for other in self._by_name.get(key[-1], ()) if other[-len(key) :] == key]
        if not longer and self._rules.relation_quotes_matter:
            longer = self._folded_alike(key)
        if len(longer) == 1:
            return longer[0]
        return Entry(full, candidates=tuple(self._entries[other].parts for other in longer))

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
