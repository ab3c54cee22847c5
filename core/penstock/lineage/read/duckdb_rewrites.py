"""Forms of DuckDB that sqlglot does not read, said in tokens that it reads. Every token keeps its place in the text."""

from __future__ import annotations

from sqlglot.tokenizer_core import Token

from penstock.lineage.read.token_words import past_brackets, word, words_at

_KINDS = frozenset({"MACRO", "FUNCTION"})


def by_position(tokens: list[Token]) -> list[Token]:
    """`insert into t by position select ...` without what is so anyway."""
    for at in range(2, len(tokens) - 1):
        if words_at(tokens, at, 2) == ["BY", "POSITION"] and words_at(tokens, at + 2, 1) != ["="]:
            return [*tokens[:at], *by_position(tokens[at + 2 :])]
    return tokens


def macro_defaults(tokens: list[Token]) -> list[Token]:
    """`create macro m(a, b := 1) as ...` without the values that parameters have where none is given."""
    made = list(tokens)
    for at in range(len(tokens) - 3, 0, -1):
        if word(tokens[at]) in _KINDS and words_at(tokens, at + 2, 1) == ["("]:
            end = past_brackets(tokens, at + 2)
            made[at + 3 : end - 1] = _without_values(tokens[at + 3 : end - 1])
    return made if len(made) != len(tokens) else tokens


def _without_values(parameters: list[Token]) -> list[Token]:
    kept: list[Token] = []
    depth, given = 0, False
    for one in parameters:
        said = word(one)
        depth += (said in ("(", "[", "{")) - (said in (")", "]", "}"))
        given = (given or said == ":=") and not (said == "," and depth == 0)
        if not given:
            kept.append(one)
    return kept
