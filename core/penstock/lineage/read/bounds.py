"""Which tokens open, part and close segments: clauses, items of lists, predicates. Reads no segment itself."""

from __future__ import annotations

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
JOIN_WORDS = types(
    "LEFT", "RIGHT", "FULL", "INNER", "OUTER", "CROSS", "NATURAL", "SEMI", "ANTI", "ASOF", "STRAIGHT_JOIN", "GLOBAL",
    "ANY", "ALL", "POSITIONAL", "LATERAL", "ARRAY", "DISTINCT",
)  # fmt: skip
_OPENS, _STARTS_QUERY = marked(_OPEN), marked(_QUERY_STARTS)
JOINS_ON = marked(_JOINING)
_OPERATORS = types("EQ", "PLUS", "DASH", "STAR", "SLASH", "COMMA", "GT", "LT", "DPIPE")
# What a token is to the segments. By number, since an enum's member takes long to hash.
A_COMMA, AN_OPEN, A_CLOSE, A_BRANCH, A_BOUND = range(1, 6)


def _roles(*, branches: bool) -> bytes:
    roles = bytearray(max(TokenType) + 1)
    for role, kinds in (
        (A_BOUND, _BOUNDS),
        (A_BRANCH, _BRANCHES if branches else ()),
        (A_COMMA, (_COMMA,)),
        (AN_OPEN, _OPEN),
        (A_CLOSE, _CLOSE),
    ):
        for kind in kinds:
            roles[kind] = role
    return bytes(roles)


ROLES, ROLES_WITH_BRANCHES = _roles(branches=False), _roles(branches=True)
MATCHING = frozenset({"match_condition", "MATCH_CONDITION"})
# By names of our own: an enum looks each of its members up anew, which costs more than all the rest here.
_T_ALIAS = TokenType.ALIAS
_T_ALL = TokenType.ALL
_T_APPLY = TokenType.APPLY
_T_DISTINCT = TokenType.DISTINCT
_T_EQ = TokenType.EQ
_T_EXCEPT = TokenType.EXCEPT
_T_FROM = TokenType.FROM
_T_INSERT = TokenType.INSERT
_T_L_PAREN = TokenType.L_PAREN
_T_NUMBER = TokenType.NUMBER
_T_OFFSET = TokenType.OFFSET
_T_ON = TokenType.ON
_T_PIPE_GT = TokenType.PIPE_GT
_T_STAR = TokenType.STAR
_T_VALUES = TokenType.VALUES
_T_WITH = TokenType.WITH


def starts_query(tokens: list[Token], at: int) -> bool:
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


def is_bound(tokens: list[Token], at: int, kind: TokenType) -> bool:
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
        return before in JOIN_WORDS
    if kind == _T_VALUES:
        return before not in _OPERATORS
    return True


def after_view(tokens: list[Token], at: int) -> int:
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


def after_distinct(tokens: list[Token], at: int) -> int:
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
