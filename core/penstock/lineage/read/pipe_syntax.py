"""Pipe syntax (`from t |> where ... |> select ...`): tokens in, a tree whose operators stand in order. Nothing is derived."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from penstock.lineage.read import tree

PIPES = "pipes"
"""The arg of a Select that holds the query a pipe begins with and its operators, each with its `OPERATOR` in `meta`."""
OPERATOR = "operator"

Parse = Callable[[list[Token]], list[Any]]
_PLACE = "__piped_"
_BEGINS = frozenset({TokenType.FROM, TokenType.SELECT})
_ENDS = frozenset({TokenType.R_PAREN, TokenType.SEMICOLON})
_SETS = frozenset({"UNION", "INTERSECT", "EXCEPT"})
_JOINS = frozenset({"JOIN", "LEFT", "RIGHT", "FULL", "INNER", "CROSS", "NATURAL", "SEMI", "ANTI", "LATERAL"})
# What these operators have behind them is read as a select list.
_LISTS = {
    "SELECT": "select",
    "EXTEND": "extend",
    "WINDOW": "extend",
    "SET": "set",
    "DROP": "drop",
    "RENAME": "rename",
    "AS": "as",
}
_CLAUSES = frozenset({"WHERE", "ORDER BY", "LIMIT", "OFFSET", "ASSERT", "DISTINCT"})
_OF_SOURCES = {"PIVOT": "pivot", "UNPIVOT": "pivot", "TABLESAMPLE": "sample", "MATCH_RECOGNIZE": "matched"}


def has_pipes(tokens: list[Token]) -> bool:
    return any(token.token_type == TokenType.PIPE_GT for token in tokens)


def read_pipes(tokens: list[Token], parse: Parse) -> list[Any]:
    """The statements of a text with pipes in it, wherever they stand. What `parse` raises is not caught."""
    chains: list[list[list[Token]]] = []
    while (deepest := _deepest(tokens)) is not None:
        start, end = deepest
        segments = _split(tokens[start:end], TokenType.PIPE_GT)
        begin = _beginning(segments[0])
        placed = _placeholder(tokens[start], len(chains))
        tokens = [*tokens[:start], *segments[0][:begin], *placed, *tokens[end:]]
        chains.append([segments[0][begin:], *segments[1:]])
    return _resolved([one for one in parse(tokens) if one is not None], chains, parse)


def _deepest(tokens: list[Token]) -> tuple[int, int] | None:
    """The stretch around a pipe inside which there is no deeper one."""
    depth, best, found = 0, -1, -1
    for at, token in enumerate(tokens):
        kind = token.token_type
        depth += (kind == TokenType.L_PAREN) - (kind == TokenType.R_PAREN)
        if kind == TokenType.PIPE_GT and depth > best:
            best, found = depth, at
    return None if found < 0 else (_bound(tokens, found, -1), _bound(tokens, found, 1))


def _bound(tokens: list[Token], at: int, step: int) -> int:
    """Where the parenthesis, the statement or the text around token `at` begins or ends."""
    depth = 0
    while 0 <= at < len(tokens):
        kind = tokens[at].token_type
        depth += step * ((kind == TokenType.L_PAREN) - (kind == TokenType.R_PAREN))
        if depth < 0 or (not depth and kind == TokenType.SEMICOLON):
            break
        at += step
    return at + 1 if step < 0 else at


def _split(tokens: list[Token], at: TokenType) -> list[list[Token]]:
    """The stretches between tokens of that type outside parentheses."""
    found: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        kind = token.token_type
        depth += (kind == TokenType.L_PAREN) - (kind == TokenType.R_PAREN)
        if not depth and kind == at:
            found.append([])
        else:
            found[-1].append(token)
    return found


def _beginning(tokens: list[Token]) -> int:
    """Where the query begins behind CREATE ... AS, INSERT INTO ... or WITH."""
    depth = 0
    for at, token in enumerate(tokens):
        kind = token.token_type
        if not depth and kind in _BEGINS:
            return at
        depth += (kind == TokenType.L_PAREN) - (kind == TokenType.R_PAREN)
    return 0


def _made(like: Token, *words: tuple[TokenType, str]) -> list[Token]:
    return [Token(kind, text, like.line, like.col, like.start, like.start) for kind, text in words]


def _placeholder(like: Token, number: int) -> list[Token]:
    name = (TokenType.VAR, f"{_PLACE}{number}")
    return _made(like, (TokenType.SELECT, "select"), (TokenType.STAR, "*"), (TokenType.FROM, "from"), name)


def _resolved(trees: list[Any], chains: list[list[list[Token]]], parse: Parse) -> list[Any]:
    """The trees with each placeholder replaced by the pipe it stands for."""
    made = []
    for root in trees:
        for node in list(root.find_all(exp.Select)):
            source = node.args.get(tree.FROM)
            name = source.this.name if source is not None and isinstance(source.this, exp.Table) else ""
            if not name.startswith(_PLACE):
                continue
            piped = _pipe(chains[int(name.removeprefix(_PLACE))], chains, parse)
            if node.args.get(tree.WITH) is not None:
                piped.set(tree.WITH, node.args[tree.WITH])
            if node is root:
                root = piped
            else:
                node.replace(piped)
        made.append(root)
    return made


def _pipe(segments: list[list[Token]], chains: list[list[list[Token]]], parse: Parse) -> Any:
    def parsed(tokens: list[Token]) -> Any:
        return _resolved(parse(tokens), chains, parse)[0]

    nodes = [parsed(segments[0])]
    for tokens in segments[1:]:
        nodes.extend(_operators(tokens, parsed))
    piped = exp.Select()
    piped.set(PIPES, nodes)
    return piped


def _operators(tokens: list[Token], parse: Callable[[list[Token]], Any]) -> list[Any]:
    """The nodes of one operator; what is not known is told by parsing it as it stands."""
    if not tokens:
        return []
    first, rest = tokens[0], tokens[1:]
    word = first.text.upper()
    select = _made(first, (TokenType.SELECT, "select"))
    one = _made(first, (TokenType.NUMBER, "1"))
    if word == "AGGREGATE":
        return [_aggregate(first, rest, parse)]
    if word in _LISTS:
        return [_marked(parse([*select, *rest]), _LISTS[word])]
    if word in _CLAUSES:
        if word == "DISTINCT":
            return [_marked(parse([*select, first, *one]), "clause")]
        clause = [*_made(first, (TokenType.WHERE, "where")), *rest] if word == "ASSERT" else tokens
        return [_marked(parse([*select, *one, *clause]), "assert" if word == "ASSERT" else "clause")]
    if word in _SETS:
        return _set_operators(tokens, [*select, *one], parse)
    left = [
        *select,
        *_made(first, (TokenType.STAR, "*"), (TokenType.FROM, "from"), (TokenType.VAR, "__left")),
    ]
    if word in _JOINS:
        return [_marked(parse([*left, *tokens]), "join")]
    if word in _OF_SOURCES:
        return [_marked(parse([*left, *tokens]), _OF_SOURCES[word])]
    if word == "CALL":
        return [_marked(parse([*left[:-1], *rest]), "call")]
    return [_marked(parse(tokens), word.lower())]


def _marked(node: Any, operator: str) -> Any:
    node.meta[OPERATOR] = operator
    return node


def _aggregate(first: Token, tokens: list[Token], parse: Callable[[list[Token]], Any]) -> Any:
    """`AGGREGATE sum(a) AS s GROUP BY b AS c DESC`: two select lists, the second as the `group` of the first."""
    at = next((at for at in range(len(tokens)) if _groups(tokens, at)), len(tokens))
    keys = tokens[at + 1 :]
    if at < len(tokens) and tokens[at].text.upper() == "GROUP":  # GROUP AND ORDER BY
        keys = tokens[at + 3 :]
    select = _made(first, (TokenType.SELECT, "select"))
    node = _marked(
        parse([*select, *_unordered(tokens[:at] or _made(first, (TokenType.NULL, "null")))]), "aggregate"
    )
    node.set("expressions", node.expressions if at else [])
    if keys:
        node.set("keys", parse([*select, *_unordered(keys)]).expressions)
    return node


def _groups(tokens: list[Token], at: int) -> bool:
    texts = [token.text.upper() for token in tokens[at : at + 3]]
    return texts[:1] == ["GROUP BY"] or texts == ["GROUP", "AND", "ORDER BY"]


def _unordered(tokens: list[Token]) -> list[Token]:
    """A select list without the ASC and DESC, NULLS FIRST and NULLS LAST that a pipe allows in it."""
    gone = {at for at, one in enumerate(tokens) if one.token_type in (TokenType.ASC, TokenType.DESC)}
    for at, one in enumerate(tokens[:-1]):
        if one.text.upper() == "NULLS" and tokens[at + 1].text.upper() in ("FIRST", "LAST"):
            gone |= {at, at + 1}
    return [one for at, one in enumerate(tokens) if at not in gone]


def _set_operators(tokens: list[Token], left: list[Token], parse: Callable[[list[Token]], Any]) -> list[Any]:
    """`UNION ALL (query), (query)`: one set operation for each query."""
    opens = next((at for at, one in enumerate(tokens) if one.token_type == TokenType.L_PAREN), len(tokens))
    head = tokens[:opens]
    return [
        _marked(parse([*left, *head, *query]), "combine") for query in _split(tokens[opens:], TokenType.COMMA)
    ]
