"""Where an expression stands in the source text.

The tree knows the places of names only. Each select item, predicate and list item is a segment of the tokens, and an
expression is the segment around its first name: most are read off the tokens near that name, and where that does not do all segments
of the text are read, once.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from itertools import chain
from typing import Any

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from penstock.lineage.read.nearby import near
from penstock.lineage.read.segments import CLAUSE, LIST, read_segments

Span = tuple[int, int]

# The word first and then what is before it: so the search can look for letters.
_COLUMNS = re.compile(r"columns(?<=\bcolumns)\s*\(")
_INSERTS_MANY = re.compile(r"insert(?<=\binsert)\s+(?:all|first)\b")
_EQ, _ALIAS = TokenType.EQ, TokenType.ALIAS


class Spans:
    """Finds the span of a node of one text. Built once per text; nothing is read before the first question."""

    def __init__(self, sql: str, shown: str | None = None) -> None:
        """`shown` is the text as it was given, where `sql` says the same in other letters in the same places."""
        self.sql = sql
        self.shown = shown if shown is not None and len(shown) == len(sql) else sql
        self._tokens: list[Token] = []
        self._unread: list[list[Token]] = []
        self._starts: list[int] = []
        self._segments: list[list[int]] = []  # first token, last token, parent, kind
        self._memo: dict[int, Span | None] = {}
        self._texts: dict[Span, str] = {}
        self._has_pipes = "|" in sql and "|>" in sql  # the sign first: to look for two takes far longer

    @cached_property
    def has_columns(self) -> bool:
        lower = self.sql.lower()
        return "columns" in lower and bool(_COLUMNS.search(lower))

    def add(self, tokens: list[Token]) -> None:
        """The tokens of the text, or of one statement of it; statements come in their order."""
        self._unread.append(tokens)

    @property
    def tokens(self) -> list[Token]:
        return [*self._tokens, *chain.from_iterable(self._unread)]

    def of(self, node: Any) -> Span | None:
        """Start and end offsets of `node`; None when nothing in it has a place."""
        if node.__class__ is exp.Column:
            return _of_column(node)
        found = self._memo.get(id(node), False)
        if found is False:
            found = self._memo[id(node)] = self._of(node)
        return found  # type: ignore[return-value]  # False is replaced above

    def of_name(self, node: Any) -> Span | None:
        """The first name in `node`."""
        anchor = _anchor(node)
        return None if anchor is None else (anchor[0], anchor[0] + 1)

    def text(self, span: Span) -> str:
        text = self._texts.get(span)
        if text is None:
            end = span[1]
            if self.shown is not self.sql:  # a placeholder may be read as something shorter
                while self.sql[end : end + 1] == " " != self.shown[end]:
                    end += 1
            text = self._texts[span] = self.shown[span[0] : end]
        return text

    def _of(self, node: Any) -> Span | None:
        kind = node.__class__
        if kind is exp.Column:
            return _of_column(node)
        if kind is exp.Star:
            span = _of_star(node)
            return span if span is not None and self.sql[span[1] - 1] == "*" else None
        if kind is exp.Identifier:
            return _of_names([node])
        anchor = _anchor(node)
        if anchor is None:
            return None
        if not self._tokens and len(self._unread) == 1 and not self._has_pipes:
            found = near(self._unread[0], node, *anchor)
            if found is not None:
                return found
        if _in_pattern(node):
            return self._extent(node)
        if self._unread:
            self._read_all()
        return self._around(node, *anchor)

    def _extent(self, node: Any) -> Span:
        """From the first name of an expression to its last, with the parentheses that these open."""
        places = [one._meta for one in node.walk() if one._meta and "start" in one._meta]
        start, end = min(meta["start"] for meta in places), max(meta["end"] for meta in places) + 1
        for _ in range(self.sql.count("(", start, end) - self.sql.count(")", start, end)):
            end = self.sql.find(")", end) + 1 or end
        return start, end

    def _read_all(self) -> None:
        lower = self.sql.lower()
        branches = "merge" in lower or ("insert" in lower and bool(_INSERTS_MANY.search(lower)))
        lists = branches or "values" in lower or "replace" in lower
        for tokens in self._unread:
            read_segments(tokens, self._segments, len(self._tokens), branches=branches, lists=lists)
            self._tokens.extend(tokens)
        self._unread = []
        tokens = self._tokens
        last = len(tokens) - 1
        self._starts = [tokens[one[0] if one[0] < last else last].start for one in self._segments]

    def _around(self, node: Any, offset: int, crossed: int) -> Span | None:
        segments, tokens = self._segments, self._tokens
        at = bisect_right(self._starts, offset) - 1
        while at >= 0 and (segments[at][1] < segments[at][0] or tokens[segments[at][1]].end < offset):
            at = segments[at][2]
        parent = node.parent
        listed = parent.__class__ is exp.Tuple or _in_star(parent)
        while at >= 0 and (crossed or (segments[at][3] == LIST and not listed)):
            if segments[at][3] == CLAUSE:
                crossed -= 1
            at = segments[at][2]
        if at < 0:
            return None
        first, last = segments[at][0], segments[at][1]
        if parent.__class__ is exp.Alias:
            first, last = self._without_alias(parent, first, last)
        elif parent.__class__ is exp.EQ and parent.parent.__class__ in _ASSIGNING:
            first = self._after_equals(first, last)
        return (tokens[first].start, tokens[last].end + 1) if first <= last else None

    def _after_equals(self, first: int, last: int) -> int:
        """`a = expression`: where the expression begins."""
        for at in range(first, last):
            if self._tokens[at].token_type == _EQ:
                return at + 1
        return first

    def _without_alias(self, alias: Any, first: int, last: int) -> tuple[int, int]:
        ident = alias.args.get("alias")
        start = ident._meta.get("start") if ident is not None and ident._meta else None
        if start is None:
            return first, last
        tokens = self._tokens
        if tokens[first].start == start:  # T-SQL: name = expression
            return min(first + 2, last), last
        at = last
        while at > first and tokens[at].start != start:
            at -= 1
        if at == first:
            return first, last
        return first, at - 2 if tokens[at - 1].token_type == _ALIAS else at - 1


def _in_pattern(node: Any) -> bool:
    """Inside MATCH_RECOGNIZE clauses have no commas of a query between them."""
    parent = node.parent
    while parent is not None and not isinstance(parent, exp.Query):
        if parent.__class__ is exp.MatchRecognize:
            return True
        parent = parent.parent
    return False


def _in_star(parent: Any) -> bool:
    """`* replace (expression as a)`."""
    return parent.__class__ is exp.Alias and parent.parent.__class__ is exp.Star


def _of_names(idents: list[Any]) -> Span | None:
    first, last = idents[0]._meta, idents[-1]._meta
    if not first or not last or "start" not in first or "end" not in last:
        return None
    return first["start"], last["end"] + 1


def _of_column(node: Any) -> Span | None:
    args = node.args
    last = args["this"]
    first = args.get("catalog") or args.get("db") or args.get("table") or last
    start, end = first._meta, last._meta
    if not start or not end or "start" not in start or "end" not in end:
        return None
    return start["start"], end["end"] + 1


def _of_star(node: Any) -> Span | None:
    own = _of_names([node])
    if own is None:
        return None
    parent = node.parent
    if parent.__class__ is exp.Column:
        table = parent.args.get("table")
        if table is not None and table._meta and "start" in table._meta:
            return table._meta["start"], own[1]
    return own


def _anchor(node: Any) -> tuple[int, int] | None:
    """The offset of the first name in an expression, and how many subqueries it stands in; the fewest, if it can be."""
    parent = node.parent
    if parent.__class__ is exp.Alias:
        ident = parent.args.get("alias")
        if ident is not None and ident.__class__ is exp.Identifier and ident._meta and "start" in ident._meta:
            return ident._meta["start"], 0
    first = node
    while isinstance(first, exp.Expr) and first.__class__ not in _QUERIES:
        meta = first._meta
        if meta and "start" in meta:
            return meta["start"], 0
        first = next(iter(first.args.values()), None)
    return _fewest_crossed(node)


def _fewest_crossed(node: Any) -> tuple[int, int] | None:
    best: tuple[int, int] | None = None
    stack = [(node, 0)]
    while stack:
        one, crossed = stack.pop()
        meta = one._meta
        if meta and "start" in meta:
            if not crossed:
                return meta["start"], 0
            if best is None or crossed < best[1]:
                best = meta["start"], crossed
        inner = crossed + (one.__class__ in _QUERIES)
        children: list[Any] = []
        for value in one.args.values():
            if value.__class__ is list:
                children.extend(item for item in value if isinstance(item, exp.Expr))
            elif isinstance(value, exp.Expr):
                children.append(value)
        stack.extend((child, inner) for child in reversed(children))
    return best


_QUERIES = frozenset({exp.Select, exp.Values})
_ASSIGNING = frozenset({exp.Update, exp.OnConflict})
