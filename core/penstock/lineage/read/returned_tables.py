"""T-SQL's functions that fill a table and return it: `create function f (@x int) returns @r table (a int) as begin ... end`."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot.tokenizer_core import Token

from penstock.lineage.read.pieces import Piece
from penstock.lineage.read.token_words import past_brackets

_DECLARES = "declare "  # as many letters as RETURNS and the blank behind it


def inline_end(words: Sequence[str], tokens: list[Token], at: int) -> int | None:
    """The token after a function that is one query: `returns table as return (select ...)`; None of any other."""
    opens = next((one for one in range(at, min(at + 12, len(words))) if words[one] == "("), len(words))
    end = past_brackets(tokens, opens)
    if list(words[end : end + 2]) != ["RETURNS", "TABLE"]:
        return None
    return next((one for one in range(end, len(words)) if words[one] in (";", "GO")), len(words))


def returned_table(words: Sequence[str], tokens: list[Token], at: int) -> tuple[Piece, Piece] | None:
    """For a function that begins at `at`: its table as a variable that is declared, and, for behind its body, the function
    as the query of that variable. None of any other function."""
    opens = next((one for one in range(at, min(at + 12, len(words))) if words[one] == "("), None)
    if opens is None:
        return None
    end = past_brackets(tokens, opens)
    if list(words[end : end + 2]) != ["RETURNS", "@"] or list(words[end + 3 : end + 5]) != ["TABLE", "("]:
        return None
    last = past_brackets(tokens, end + 4)
    declared = Piece(tokens[end].start, tokens[last - 1].end + 1, before=_DECLARES)
    gives = f" returns table as return (select * from @{tokens[end + 2].text})"
    return declared, Piece(tokens[at].start, tokens[end - 1].end + 1, behind=gives)
