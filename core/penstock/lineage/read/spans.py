"""Where an expression stands in the source text.

The tree knows the places of names only, so the clauses are read off the tokens once: each select item, predicate and
list item is a segment, and an expression is the segment around its first name.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from operator import attrgetter
from typing import Any

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

Span = tuple[int, int]


def _types(*names: str) -> frozenset[TokenType]:
    return frozenset(getattr(TokenType, name) for name in names if hasattr(TokenType, name))


_COMMA = TokenType.COMMA
_OPEN, _CLOSE = _types("L_PAREN", "L_BRACE", "L_BRACKET"), _types("R_PAREN", "R_BRACE", "R_BRACKET")
_BOUNDS = _types(
    "SELECT", "FROM", "WHERE", "PREWHERE", "GROUP_BY", "HAVING", "QUALIFY", "ORDER_BY", "LIMIT", "UNION", "INTERSECT",
    "EXCEPT", "JOIN", "ON", "USING", "SEMICOLON", "VALUES", "SET", "INTO", "WINDOW", "CLUSTER_BY", "SORT_BY",
    "DISTRIBUTE_BY", "CONNECT_BY", "START_WITH", "ORDER_SIBLINGS_BY", "WITH", "INSERT", "RETURNING", "LATERAL", "FETCH", "OFFSET",
    "APPLY", "PIPE_GT", "FOR",
)  # fmt: skip
_BRANCHES = _types("WHEN", "THEN", "CASE", "END")
_QUERY_STARTS = _types(
    "SELECT", "WITH", "FROM", "VALUES", "INSERT", "UPDATE", "DELETE", "MERGE", "PIVOT", "UNPIVOT", "TABLE"
)
_VIEW_WORDS, _VIEW_BEFORE = _types("VIEW", "OUTER"), _types("LATERAL", "VIEW")
_JOINING = _types("JOIN", "APPLY", "LATERAL")
_BEFORE_SOURCE = _types("FROM", "JOIN")
_JOIN_WORDS = _types(
    "LEFT", "RIGHT", "FULL", "INNER", "OUTER", "CROSS", "NATURAL", "SEMI", "ANTI", "ASOF", "STRAIGHT_JOIN", "GLOBAL",
    "ANY", "ALL", "POSITIONAL", "LATERAL", "ARRAY", "DISTINCT",
)  # fmt: skip
_OPERATORS = _types("EQ", "PLUS", "DASH", "STAR", "SLASH", "COMMA", "GT", "LT", "DPIPE")
_CLAUSE, _LIST = 0, 1
# What a token is to the segments. By number, since an enum's member takes long to hash.
_NOTHING, _A_COMMA, _AN_OPEN, _A_CLOSE, _A_BRANCH, _A_BOUND = range(6)


def _roles(*, branches: bool) -> bytes:
    roles = bytearray(max(TokenType) + 1)
    for role, kinds in (
        (_A_BOUND, _BOUNDS),
        (_A_BRANCH, _BRANCHES if branches else ()),
        (_A_COMMA, (_COMMA,)),
        (_AN_OPEN, _OPEN),
        (_A_CLOSE, _CLOSE),
    ):
        for kind in kinds:
            roles[kind] = role
    return bytes(roles)


_ROLES, _ROLES_WITH_BRANCHES = _roles(branches=False), _roles(branches=True)
_type_of = attrgetter("token_type")
_COLUMNS = re.compile(r"\bcolumns\s*\(")
_MATCHING = frozenset({"match_condition", "MATCH_CONDITION"})
_INSERTS_MANY = re.compile(r"\binsert\s+(?:all|first)\b")
# By names of our own: an enum looks each of its members up anew, which costs more than all the rest here.
_T_ALIAS = TokenType.ALIAS
_T_ALL = TokenType.ALL
_T_APPLY = TokenType.APPLY
_T_CASE = TokenType.CASE
_T_DISTINCT = TokenType.DISTINCT
_T_END = TokenType.END
_T_EQ = TokenType.EQ
_T_EXCEPT = TokenType.EXCEPT
_T_FROM = TokenType.FROM
_T_INSERT = TokenType.INSERT
_T_L_PAREN = TokenType.L_PAREN
_T_NUMBER = TokenType.NUMBER
_T_OFFSET = TokenType.OFFSET
_T_ON = TokenType.ON
_T_PIPE_GT = TokenType.PIPE_GT
_T_SELECT = TokenType.SELECT
_T_STAR = TokenType.STAR
_T_THEN = TokenType.THEN
_T_VALUES = TokenType.VALUES
_T_WHEN = TokenType.WHEN
_T_WITH = TokenType.WITH


class Spans:
    """Finds the span of a node of one text. Built once per text; nothing is read before the first question."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self._tokens: list[Token] = []
        self._unread: list[list[Token]] = []
        self._starts: list[int] = []
        self._segments: list[list[int]] = []  # first token, last token, parent, kind
        self._memo: dict[int, Span | None] = {}
        self._texts: dict[Span, str] = {}
        lower = sql.lower()
        self.has_columns = "columns" in lower and bool(_COLUMNS.search(lower))
        self._matches = "match_recognize" in lower
        self._branches = "merge" in lower or ("insert" in lower and bool(_INSERTS_MANY.search(lower)))
        self._lists = self._branches or "values" in lower or "replace" in lower

    def add(self, tokens: list[Token]) -> None:
        """The tokens of the text, or of one statement of it; statements come in their order."""
        self._unread.append(tokens)

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
            text = self._texts[span] = self.sql[span[0] : span[1]]
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
        if self._matches and _in_pattern(node):
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
        for tokens in self._unread:
            options = {"branches": self._branches, "lists": self._lists}
            _read(tokens, self._segments, len(self._tokens), **options)
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
        while at >= 0 and (crossed or (segments[at][3] == _LIST and not listed)):
            if segments[at][3] == _CLAUSE:
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
            if self._tokens[at].token_type == _T_EQ:
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
        return first, at - 2 if tokens[at - 1].token_type == _T_ALIAS else at - 1


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


def _read(tokens: list[Token], segments: list[list[int]], base: int, *, branches: bool, lists: bool) -> None:
    """Reads the segments of a text off its tokens, in the order in which they open. The first token is number `base`.
    Without `lists` what a function's parentheses hold is no segment of its own: nobody asks for a single argument.
    """
    roles = _ROLES_WITH_BRANCHES if branches else _ROLES
    stack: list[
        tuple[int, bool]
    ] = []  # the open segment of each parenthesis, and whether a query stands in it
    current, is_query, cases = len(segments), True, 0
    append = segments.append
    append([base, base + len(tokens) - 1, -1, _CLAUSE])
    for at, kind in enumerate(map(_type_of, tokens)):
        role = roles[kind]
        if not role:
            continue
        place = base + at
        if role == _A_COMMA:
            if is_query or lists:
                closing = segments[current]
                closing[1] = place - 1
                current = len(segments)
                append([place + 1, place, closing[2], closing[3]])
        elif role == _AN_OPEN:
            stack.append((current, is_query))
            is_query = _starts_query(tokens, at)
            if is_query or lists or tokens[at - 1].text in _MATCHING:
                is_clause = is_query or tokens[at - 1].text in _MATCHING
                append([place + 1, place, current, _CLAUSE if is_clause else _LIST])
                current = len(segments) - 1
        elif role == _A_CLOSE:
            if not stack:
                continue
            opened, was_query = stack.pop()
            if opened != current and segments[current][2] == opened:
                segments[current][1] = place - 1
            current, is_query = opened, was_query
        elif role == _A_BRANCH:
            cases += (kind == _T_CASE) - (kind == _T_END and cases > 0)
            if not cases and kind in (_T_WHEN, _T_THEN):
                current = _next(segments, current, place, base + _after_matched(tokens, at + 1))
        elif is_query and _is_bound(tokens, at, kind):
            start = _after_distinct(tokens, at + 1) if kind == _T_SELECT else _after_view(tokens, at + 1)
            end = at
            if kind in _JOINING:
                while base + end > segments[current][0] and tokens[end - 1].token_type in _JOIN_WORDS:
                    end -= 1
            current = _next(segments, current, base + end, base + start)
    segments[current][1] = base + len(tokens) - 1


def _next(segments: list[list[int]], current: int, end: int, start: int) -> int:
    """Closes the open segment before token `end` and opens its neighbour at token `start`."""
    _, _, parent, kind = segments[current]
    segments[current][1] = end - 1
    segments.append([start, start - 1, parent, kind])
    return len(segments) - 1


def _after_matched(tokens: list[Token], at: int) -> int:
    """`WHEN NOT MATCHED BY SOURCE AND condition`: where the condition begins."""
    words = [token.text.upper() for token in tokens[at : at + 6]]
    if "MATCHED" not in words[:2]:
        return at
    return at + words.index("AND") + 1 if "AND" in words else at


def _starts_query(tokens: list[Token], at: int) -> bool:
    """Whether a query, or a join, stands in the parenthesis at `at`."""
    before = at - 1
    while before >= 0 and tokens[before].token_type == _T_L_PAREN:
        before -= 1
    if before >= 0 and tokens[before].token_type in _BEFORE_SOURCE and tokens[at].token_type == _T_L_PAREN:
        return True
    at += 1
    while at < len(tokens) and tokens[at].token_type in _OPEN:
        at += 1
    return at < len(tokens) and tokens[at].token_type in _QUERY_STARTS


def _is_bound(tokens: list[Token], at: int, kind: TokenType) -> bool:
    """`is distinct from` and `* except (...)` are no clauses."""
    if not at:
        return True
    before = tokens[at - 1].token_type
    if kind == _T_WITH:
        return tokens[at - 1].text.upper() == "START"
    if kind == _T_FROM:
        return before != _T_DISTINCT
    if kind == _T_EXCEPT:
        return before != _T_STAR
    if kind == _T_INSERT:
        return at + 1 < len(tokens) and tokens[at + 1].token_type not in _OPEN
    if kind == _T_OFFSET:
        return before != _T_WITH
    if kind == _T_APPLY:
        return before in _JOIN_WORDS
    if kind == _T_VALUES:
        return before not in _OPERATORS
    return True


def _after_view(tokens: list[Token], at: int) -> int:
    """`LATERAL VIEW [OUTER] explode(x)`; BigQuery's `|> EXTEND x`."""
    if at < len(tokens) and tokens[at - 1].token_type == _T_PIPE_GT:
        return (
            at + 1
            if tokens[at].text.upper() in ("EXTEND", "AGGREGATE", "SET", "AS", "CALL", "RENAME")
            else at
        )
    while (
        at < len(tokens)
        and tokens[at].token_type in _VIEW_WORDS
        and tokens[at - 1].token_type in _VIEW_BEFORE
    ):
        at += 1
    return at


def _after_distinct(tokens: list[Token], at: int) -> int:
    """The first token of the select list: DISTINCT, DISTINCT ON (...), ALL, TOP n and AS STRUCT are not in it."""
    if at + 1 < len(tokens) and tokens[at].token_type == _T_ALIAS:
        return at + 2
    if at >= len(tokens) or tokens[at].token_type not in (_T_DISTINCT, _T_ALL):
        if (
            at + 2 < len(tokens)
            and tokens[at].text.upper() == "TOP"
            and tokens[at + 1].token_type == _T_NUMBER
        ):
            return at + 2
        return at
    at += 1
    if at < len(tokens) and tokens[at].token_type == _T_ON:
        depth = 0
        for later in range(at + 1, len(tokens)):
            kind = tokens[later].token_type
            depth += (kind in _OPEN) - (kind in _CLOSE)
            if not depth:
                return later + 1
    return at
