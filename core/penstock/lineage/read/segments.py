"""A text's tokens as segments: each clause, each item of a list, each predicate, with the segment that it stands in."""

from __future__ import annotations

from itertools import compress
from operator import attrgetter

from sqlglot.tokenizer_core import Token, TokenType

from penstock.lineage.read.token_kinds import marked, types

_COMMA = TokenType.COMMA
_OPEN, _CLOSE = types("L_PAREN", "L_BRACE", "L_BRACKET"), types("R_PAREN", "R_BRACE", "R_BRACKET")
_BOUNDS = types(
    "SELECT", "FROM", "WHERE", "PREWHERE", "GROUP_BY", "HAVING", "QUALIFY", "ORDER_BY", "LIMIT", "UNION", "INTERSECT",
    "EXCEPT", "JOIN", "ON", "USING", "SEMICOLON", "VALUES", "SET", "INTO", "WINDOW", "CLUSTER_BY", "SORT_BY",
    "DISTRIBUTE_BY", "CONNECT_BY", "START_WITH", "ORDER_SIBLINGS_BY", "WITH", "INSERT", "RETURNING", "LATERAL", "FETCH", "OFFSET",
    "APPLY", "PIPE_GT", "FOR",
)  # fmt: skip
_BRANCHES = types("WHEN", "THEN", "CASE", "END")
_QUERY_STARTS = types(
    "SELECT", "WITH", "FROM", "VALUES", "INSERT", "UPDATE", "DELETE", "MERGE", "PIVOT", "UNPIVOT", "TABLE"
)
_VIEW_WORDS, _VIEW_BEFORE = types("VIEW", "OUTER"), types("LATERAL", "VIEW")
_JOINING = types("JOIN", "APPLY", "LATERAL")
_BEFORE_SOURCE = marked(types("FROM", "JOIN"))
_JOIN_WORDS = types(
    "LEFT", "RIGHT", "FULL", "INNER", "OUTER", "CROSS", "NATURAL", "SEMI", "ANTI", "ASOF", "STRAIGHT_JOIN", "GLOBAL",
    "ANY", "ALL", "POSITIONAL", "LATERAL", "ARRAY", "DISTINCT",
)  # fmt: skip
_OPENS, _STARTS_QUERY = marked(_OPEN), marked(_QUERY_STARTS)
_JOINS_ON = marked(_JOINING)
_OPERATORS = types("EQ", "PLUS", "DASH", "STAR", "SLASH", "COMMA", "GT", "LT", "DPIPE")
CLAUSE, LIST = 0, 1
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
_MATCHING = frozenset({"match_condition", "MATCH_CONDITION"})
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


def read_segments(
    tokens: list[Token], segments: list[list[int]], base: int, *, branches: bool, lists: bool
) -> None:
    """Reads the segments of a text off its tokens, in the order in which they open. The first token is number `base`.
    Without `lists` what a function's parentheses hold is no segment of its own: nobody asks for a single argument.
    """
    roles = _ROLES_WITH_BRANCHES if branches else _ROLES
    stack: list[
        tuple[int, bool]
    ] = []  # the open segment of each parenthesis, and whether a query stands in it
    current, is_query, cases = len(segments), True, 0
    append = segments.append
    append([base, base + len(tokens) - 1, -1, CLAUSE])
    told = bytes(map(roles.__getitem__, map(_type_of, tokens)))
    for at in compress(range(len(tokens)), told):
        role = told[at]
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
                append([place + 1, place, current, CLAUSE if is_clause else LIST])
                current = len(segments) - 1
        elif role == _A_CLOSE:
            if not stack:
                continue
            opened, was_query = stack.pop()
            if opened != current and segments[current][2] == opened:
                segments[current][1] = place - 1
            current, is_query = opened, was_query
        elif role == _A_BRANCH:
            kind = tokens[at].token_type
            cases += (kind == _T_CASE) - (kind == _T_END and cases > 0)
            if not cases and kind in (_T_WHEN, _T_THEN):
                current = _next(segments, current, place, base + _after_matched(tokens, at + 1))
        elif is_query and _is_bound(tokens, at, kind := tokens[at].token_type):
            start = _after_distinct(tokens, at + 1) if kind == _T_SELECT else _after_view(tokens, at + 1)
            end = at
            if _JOINS_ON[kind]:
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
    if before >= 0 and _BEFORE_SOURCE[tokens[before].token_type] and tokens[at].token_type == _T_L_PAREN:
        return True
    at += 1
    while at < len(tokens) and _OPENS[tokens[at].token_type]:
        at += 1
    return at < len(tokens) and bool(_STARTS_QUERY[tokens[at].token_type])


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
