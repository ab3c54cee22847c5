"""What functions are given behind words: values that are passed to JSON, types that it returns, names inside BigQuery's WITH."""

from __future__ import annotations

from sqlglot.tokenizer_core import Token, TokenType

from penstock.lineage.read.token_words import like, past_brackets, word, words_at

_NAMES = frozenset({TokenType.VAR, TokenType.IDENTIFIER})
_OF_JSON = frozenset(
    {"JSON_OBJECT", "JSON_ARRAY", "JSON_OBJECTAGG", "JSON_ARRAYAGG", "JSON_VALUE", "JSON_QUERY", "JSON_SERIALIZE", "JSON_SCALAR", "JSON_TRANSFORM", "JSON_MERGEPATCH"}
)  # fmt: skip
_BEHIND_TYPES = frozenset(
    {"NULL", "ERROR", "DEFAULT", "WITH", "WITHOUT", "ABSENT", "EMPTY", "FORMAT", "TRUE", "FALSE"}
)


def without_returned_types(tokens: list[Token]) -> list[Token]:
    """`json_arrayagg(a order by b returning clob)`: the type that a function of JSON gives is no column."""
    gone: set[int] = set()
    for at in range(len(tokens) - 1):
        if word(tokens[at]) not in _OF_JSON or tokens[at + 1].token_type != TokenType.L_PAREN:
            continue
        end, place = past_brackets(tokens, at + 1) - 1, at + 2
        while place < end:
            if word(tokens[place]) == "RETURNING":
                while place < end and word(tokens[place]) not in _BEHIND_TYPES:
                    gone.add(place)
                    place += 1
                break
            place = past_brackets(tokens, place)
    return [one for at, one in enumerate(tokens) if at not in gone] if gone else tokens


_ASKING = frozenset({"JSON_EXISTS", "JSON_VALUE", "JSON_QUERY"})
_BEHIND_PASSED = _BEHIND_TYPES | {"RETURNING", "KEEP", "OMIT", "UNKNOWN"}


def passed_values(tokens: list[Token]) -> list[Token]:
    """`json_value(a, '$.x[$y]' passing b as y)` as `json_value((a, b), '$.x[$y]')`: what is passed decides what is found."""
    for at in range(len(tokens) - 1):
        if word(tokens[at]) not in _ASKING or tokens[at + 1].token_type != TokenType.L_PAREN:
            continue
        end = past_brackets(tokens, at + 1) - 1
        first = next((one for one in range(at, end) if word(tokens[one]) == "PASSING"), end)
        comma = next((one for one in range(at, end) if tokens[one].token_type == TokenType.COMMA), end)
        if comma < first < end:
            last = first + 1
            while last < end and word(tokens[last]) not in _BEHIND_PASSED:
                last = past_brackets(tokens, last)
            values = _arguments(tokens, first + 1, last)
            said = tokens[at + 2 : comma]
            for one in values:
                named = words_at(one, len(one) - 2, 1) == ["AS"]
                said += [like(tokens[comma], TokenType.COMMA, ","), *(one[:-2] if named else one)]
            rest = passed_values(tokens[last:])
            return [*tokens[: at + 2], *_bracketed(said), *tokens[comma:first], *rest]
    return tokens


def named_values(tokens: list[Token]) -> list[Token]:
    """BigQuery's `with(x as a + 1, x * b)` as `((a + 1) * b)`: each name stands for what it was given."""
    for at in range(len(tokens) - 1, -1, -1):
        if tokens[at].token_type != TokenType.WITH or words_at(tokens, at + 1, 1) != ["("]:
            continue
        end = past_brackets(tokens, at + 1)
        *given, result = _arguments(tokens, at + 2, end - 1)
        values: dict[str, list[Token]] = {}
        for one in given:
            if words_at(one, 1, 1) != ["AS"]:
                return tokens
            if _grows(one, values):
                return tokens  # `a as b + b, c as a + a, ...` doubles with each name
            values[word(one[0])] = _in_place(one[2:], values)
        if _grows(result, values):
            return tokens
        return named_values([*tokens[:at], *_bracketed(_in_place(result, values)), *tokens[end:]])
    return tokens


_LONGEST = 20_000


def _grows(tokens: list[Token], values: dict[str, list[Token]]) -> bool:
    return sum(len(values.get(word(one), ())) for one in tokens) > _LONGEST


def _arguments(tokens: list[Token], at: int, end: int) -> list[list[Token]]:
    found: list[list[Token]] = [[]]
    while at < end:
        following = past_brackets(tokens, at)
        if tokens[at].token_type == TokenType.COMMA:
            found.append([])
        else:
            found[-1] += tokens[at:following]
        at = following
    return found


def _in_place(tokens: list[Token], values: dict[str, list[Token]]) -> list[Token]:
    made: list[Token] = []
    for at, one in enumerate(tokens):
        is_part = at > 0 and tokens[at - 1].token_type == TokenType.DOT
        held = None if is_part or one.token_type not in _NAMES else values.get(word(one))
        made += [one] if held is None else _bracketed(held)
    return made


def _bracketed(tokens: list[Token]) -> list[Token]:
    if not tokens:
        return tokens
    return [like(tokens[0], TokenType.L_PAREN, "("), *tokens, like(tokens[-1], TokenType.R_PAREN, ")")]
