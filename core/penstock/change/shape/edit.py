"""From two texts to how they differ: by their shapes, with what is written as the net under the tree."""

from __future__ import annotations

from collections import Counter
from typing import Any

from penstock.change.shape.records import Edit, Outside, Shape
from penstock.change.shape.scope import Unshaped, digest
from penstock.change.shape.tokens import HINTS, tokens_of, written
from penstock.change.volatile import volatility

NORMAL = "1"
"""The version of the normal form. Shapes of two versions say nothing about each other: the texts are kept, and shaped anew."""

_NOTHING = Outside()


class _Read:
    """One text, parsed. `lost`: what is written and not in the tree."""

    def __init__(self, sql: str, dialect: str, outside: Outside) -> None:
        self.tokens = tokens_of(sql, dialect)
        self.words: Counter[str] = Counter()
        self.shape: Shape | None = None
        self._dialect = dialect
        self._sql = sql
        self.tree: Any = _parsed(sql, dialect) if self.tokens is not None else None
        if self.tree is not None and self.tokens is not None:
            self.words = written(self.tokens, _names(self.tree))
            self.shape = _shaped(self.tree, sql, dialect, outside, self.words)

    def lost(self) -> Counter[str] | None:
        """What the tree does not carry; what it would say of its own accord counts likewise. None: not known."""
        from sqlglot.errors import SqlglotError

        try:
            told = tokens_of(self.tree.sql(dialect=self._dialect or None, comments=False), self._dialect)
        except (SqlglotError, ValueError, RecursionError):
            return None
        if told is None:
            return None
        again = written(told, _names(self.tree))
        return Counter(
            {
                word: self.words[word] - again[word]
                for word in self.words | again
                if self.words[word] != again[word]
            }
        )


def shape_of(sql: str, dialect: str, outside: Outside = _NOTHING) -> Shape | None:
    """None when the text cannot be followed: it is then only the same as itself."""
    return _Read(sql, dialect, outside).shape


def same_but_for_form(one: str, other: str, dialect: str, outside: Outside = _NOTHING) -> bool:
    """Whether both give the same rows and columns of the same relations. False where that is not certain."""
    return edit_between(one, other, dialect, outside).cosmetic


def edit_between(old: str, new: str, dialect: str, outside: Outside = _NOTHING) -> Edit:
    """How the new text differs from the old one. `outside` is what is known now: it is taken for both. A hint is a comment that counts."""
    if old == new:
        return Edit()
    if any(mark in text for text in (old, new) for mark in HINTS):
        return Edit(whole=True)
    before, after = _Read(old, dialect, outside), _Read(new, dialect, outside)
    if before.tokens is None or after.tokens is None:
        return Edit(whole=True)
    if _plain(before.tokens) == _plain(after.tokens):
        return Edit()
    if before.shape is None or after.shape is None:
        return Edit(whole=True)
    found = _compared(before.shape, after.shape)
    if found.whole or before.shape.words == after.shape.words:
        return found
    lost = before.lost()
    return found if lost is not None and lost == after.lost() else Edit(whole=True)


def _plain(tokens: Any) -> list[tuple[str, str]]:
    return [(token.token_type.name, token.text) for token in tokens]


def _compared(old: Shape, new: Shape) -> Edit:
    if old.rows != new.rows or old.columns is None or new.columns is None:
        return Edit(whole=old.rows != new.rows or old.columns != new.columns)
    before, after = dict(old.columns), dict(new.columns)
    if len(before) != len(old.columns) or len(after) != len(new.columns):
        return Edit(whole=old.columns != new.columns)
    both = [name for name, _ in old.columns if name in after]
    changed = tuple(name for name in both if before[name] != after[name])
    # `max(a)` of another query: the warehouse's name for it is not known.
    if any(name.startswith("(") for name in changed):
        return Edit(whole=True, changed=changed)
    return Edit(
        changed=changed,
        added=tuple(name for name in after if name not in before),
        removed=tuple(name for name in before if name not in after),
        moved=both != [name for name in after if name in before],
    )


def _parsed(sql: str, dialect: str) -> Any:
    from sqlglot import parse
    from sqlglot.errors import SqlglotError

    from penstock.lineage.read.bare_joins import are_many

    try:
        if are_many(sql, dialect):
            return None
        found = [one for one in parse(sql, read=dialect or None) if one is not None]
    except (SqlglotError, ValueError, RecursionError):
        return None
    return found[0] if len(found) == 1 else None


def _names(tree: Any) -> Counter[str]:
    from sqlglot import exp

    return Counter(one.name.lower() for one in tree.find_all(exp.Identifier) if not one.args.get("quoted"))


def _shaped(tree: Any, sql: str, dialect: str, outside: Outside, words: Counter[str]) -> Shape | None:
    from penstock.change.shape.query import Queries
    from penstock.lineage.dialects.rules import rules

    apart = volatility(sql, dialect) is not None
    walk = Queries(rules(dialect), dialect, outside, apart=apart)
    try:
        found = walk.derive(tree, None, {})
    except (Unshaped, RecursionError):
        return None
    columns = tuple(found.columns) if found.columns is not None else None
    return Shape(found.rows, columns, digest(*sorted(words.items())))
