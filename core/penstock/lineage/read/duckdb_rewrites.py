"""Forms of DuckDB that sqlglot does not read, said in tokens that it reads. Every token keeps its place in the text."""

from __future__ import annotations

from sqlglot.tokenizer_core import Token, TokenType

from penstock.lineage.read.token_words import like, past_brackets, rewritten, word, words_at

_KINDS = frozenset({"MACRO", "FUNCTION"})
_GIVES = frozenset({":=", "=>"})


def by_position(tokens: list[Token]) -> list[Token]:
    """`insert into t by position select ...` without what is so anyway."""
    for at in range(2, len(tokens) - 1):
        if words_at(tokens, at, 2) == ["BY", "POSITION"] and words_at(tokens, at + 2, 1) != ["="]:
            return [*tokens[:at], *by_position(tokens[at + 2 :])]
    return tokens


def macro_defaults(tokens: list[Token]) -> list[Token]:
    """`create macro m(a, b := 1) as ...` as `(a, b default null)`: which ones a call may leave out, and not what they are then."""
    made = list(tokens)
    for at in range(len(tokens) - 3, 0, -1):
        if word(tokens[at]) in _KINDS and words_at(tokens, start := _past_name(tokens, at), 1) == ["("]:
            end = past_brackets(tokens, start)
            made[start + 1 : end - 1] = _without_values(tokens[start + 1 : end - 1])
    return rewritten(tokens, made)


def _past_name(tokens: list[Token], at: int) -> int:
    at += 2
    while words_at(tokens, at, 1) == ["."]:
        at += 2
    return at


def _without_values(parameters: list[Token]) -> list[Token]:
    kept: list[Token] = []
    depth, given = 0, False
    for one in parameters:
        said = word(one)
        depth += (said in ("(", "[", "{")) - (said in (")", "]", "}"))
        if said in _GIVES and not given:
            given = True
            kept += (like(one, TokenType.DEFAULT, "default"), like(one, TokenType.NULL, "null"))
        given = given and not (said == "," and depth == 0)
        if not given:
            kept.append(one)
    return kept


def ordered_pivots(tokens: list[Token]) -> list[Token]:
    """`pivot t on a using sum(b) order by c limit 3` as `from (pivot ...) order by c limit 3`."""
    made = list(tokens)
    for at in range(len(tokens) - 1, -1, -1):
        starts = at == 0 or word(tokens[at - 1]) in (";", "(", "AS")
        if word(tokens[at]) not in ("PIVOT", "UNPIVOT") or not starts:
            continue
        end = at + 1
        while end < len(tokens) and word(tokens[end]) not in _BEHIND_PIVOTS:
            end = past_brackets(tokens, end)
        if end < len(tokens) and word(tokens[end]) in ("ORDER BY", "LIMIT"):
            site, last = tokens[at], tokens[end - 1]
            before = [like(site, TokenType.FROM, "from"), like(site, TokenType.L_PAREN, "(")]
            made[at:end] = [*before, *tokens[at:end], like(last, TokenType.R_PAREN, ")")]
    return rewritten(tokens, made)


_BEHIND_PIVOTS = frozenset({"ORDER BY", "LIMIT", ";", ")"})
