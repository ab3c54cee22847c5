"""A text's tokens as segments: each clause, each item of a list, each predicate, with the segment that it stands in."""

from __future__ import annotations

from itertools import compress
from operator import attrgetter

from sqlglot.tokenizer_core import Token, TokenType

from penstock.lineage.read.bounds import (
    A_BRANCH,
    A_CLOSE,
    A_COMMA,
    AN_OPEN,
    JOIN_WORDS,
    JOINS_ON,
    MATCHING,
    ROLES,
    ROLES_WITH_BRANCHES,
    after_distinct,
    after_view,
    is_bound,
    starts_query,
)

CLAUSE, LIST = 0, 1
_type_of = attrgetter("token_type")
_T_CASE, _T_END, _T_SELECT = TokenType.CASE, TokenType.END, TokenType.SELECT
_T_THEN, _T_WHEN = TokenType.THEN, TokenType.WHEN


def read_segments(
    tokens: list[Token], segments: list[list[int]], base: int, *, branches: bool, lists: bool
) -> None:
    """Reads the segments of a text off its tokens, in the order in which they open. The first token is number `base`.
    Without `lists` what a function's parentheses hold is no segment of its own: nobody asks for a single argument.
    """
    roles = ROLES_WITH_BRANCHES if branches else ROLES
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
        if role == A_COMMA:
            if is_query or lists:
                closing = segments[current]
                closing[1] = place - 1
                current = len(segments)
                append([place + 1, place, closing[2], closing[3]])
        elif role == AN_OPEN:
            stack.append((current, is_query))
            is_query = starts_query(tokens, at)
            if is_query or lists or tokens[at - 1].text in MATCHING:
                is_clause = is_query or tokens[at - 1].text in MATCHING
                append([place + 1, place, current, CLAUSE if is_clause else LIST])
                current = len(segments) - 1
        elif role == A_CLOSE:
            if not stack:
                continue
            opened, was_query = stack.pop()
            if opened != current and segments[current][2] == opened:
                segments[current][1] = place - 1
            current, is_query = opened, was_query
        elif role == A_BRANCH:
            kind = tokens[at].token_type
            cases += (kind == _T_CASE) - (kind == _T_END and cases > 0)
            if not cases and kind in (_T_WHEN, _T_THEN):
                current = _next(segments, current, place, base + _after_matched(tokens, at + 1))
        elif is_query and is_bound(tokens, at, kind := tokens[at].token_type):
            start = after_distinct(tokens, at + 1) if kind == _T_SELECT else after_view(tokens, at + 1)
            end = at
            if JOINS_ON[kind]:
                while base + end > segments[current][0] and tokens[end - 1].token_type in JOIN_WORDS:
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
