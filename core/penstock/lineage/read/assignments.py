"""What procedural code puts into variables, by its words: FETCH, assignments, texts that are run later. Runs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from sqlglot.tokenizer_core import Token, TokenType

from penstock.lineage.read.keywords import BODIES

TEXTS = BODIES | {TokenType.NATIONAL_STRING}
_GIVES = frozenset({":=", "=", "DEFAULT"})
_MARKS = frozenset({"@", ":", "$"})
JOINS = frozenset({"||", "+"})
# What before `=` or behind a query says that its value is a part of what a name gets.
_ADDING = frozenset({")", "]", "+", "-", "*", "/", "%", "|", "||", "&", "^"})
_GO_ON = _ADDING | {"::", ".", "[", "COLLATE", "AT"}
_ROWS_OF_TRIGGERS = frozenset({"NEW", "OLD"})


class Assignment(msgspec.Struct, frozen=True):
    """`name` gets the value of the tokens from `start` to before `end`."""

    name: str
    start: int
    end: int

    @property
    def of_row(self) -> bool:
        """`set new.a = ...` in a trigger."""
        return self.name.upper().split(".")[0] in _ROWS_OF_TRIGGERS and "." in self.name


def fetched(
    words: Sequence[str], tokens: Sequence[Token], first: int, last: int
) -> tuple[str, list[str]] | None:
    """`FETCH NEXT FROM c INTO @x, @y`: the cursor, and where its columns go."""
    if words[first] != "FETCH" or "INTO" not in words[first:last]:
        return None
    into = words.index("INTO", first, last)
    before = [at for at in range(first + 1, into) if words[at] not in ("BULK", "COLLECT")]
    names = [tokens[at].text for at in range(into + 1, last) if words[at].isidentifier()]
    return (tokens[before[-1]].text, names) if before else None


def assignments(words: Sequence[str], tokens: Sequence[Token], first: int, last: int) -> Iterator[Assignment]:
    """`LET x := ...`, `SET x = ..., y = ...`, `x := ...`, `new.x := ...`."""
    said = words[first] in ("LET", "SET", "DECLARE")
    at = first + said
    gives = next((place for place in range(at, last) if words[place] in _GIVES), last)
    if gives >= last or (not said and words[gives] != ":="):
        return
    names = [at for at in range(at, gives) if words[at] not in _MARKS]
    if not names or not words[names[0]].isidentifier():
        return
    dotted = len(names) > 2 and words[names[1]] == "."
    name = "".join(tokens[one].text for one in (names[:3] if dotted else names[:1]))
    end = _end_of_item(words, gives + 1, last) if words[first] == "SET" else last
    yield Assignment(name, gives + 1, end)
    if end < last and words[first] == "SET" and words[end] == ",":
        for one in assignments(
            ("SET", *words[end + 1 : last]), (tokens[first], *tokens[end + 1 : last]), 0, last - end
        ):
            yield Assignment(one.name, one.start + end, one.end + end)


def _end_of_item(words: Sequence[str], at: int, last: int) -> int:
    depth = 0
    for place in range(at, last):
        depth += (words[place] == "(") - (words[place] == ")")
        if words[place] == "," and not depth:
            return place
    return last


def is_one_text(tokens: Sequence[Token], words: Sequence[str], at: int) -> bool:
    """Whether a text stands at `at`, whole: not put together with others."""
    return (
        at < len(tokens)
        and tokens[at].token_type in TEXTS
        and (at + 1 >= len(words) or words[at + 1] not in JOINS)
    )


def is_all_of_value(words: Sequence[str], first: int, last: int, *, bare: bool) -> bool:
    """Whether what a name gets is the query from `first` to `last` and nothing else: `x := (select ...);`."""
    while words[first - 1] == "(" and first > 1:
        first -= 1
    while words[last : last + 1] == [")"]:
        last += 1
    following = words[last] if last < len(words) else ";"
    whole = following in (";", ",") or (bare and following not in _GO_ON)
    return whole and words[first - 1] in ("=", ":=", "DEFAULT") and words[first - 2] not in _ADDING
