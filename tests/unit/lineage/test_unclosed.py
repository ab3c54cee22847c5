"""Where a quote or a comment without its end begins, found without reading the text once for each quote in it."""

from __future__ import annotations

import pytest
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token

from penstock.lineage import LineageError, column_lineage
from penstock.lineage.read.parse import Reader
from penstock.lineage.read.unclosed import unclosed

_CASES = (
    ("postgres", "select 'a' from t\n /* b /* c */", (2, 2)),
    ("postgres", "select 1; -- /*\n select a /* b /* c */", (2, 11)),
    ("mysql", "select a /* b /* c", (1, 10)),
    ("postgres", "select '\n' \"a /*", (2, 3)),
    ("snowflake", "select 'b', $$ a 'c'", (1, 13)),
    ("duckdb", "/*", (1, 1)),
    ("tsql", "select [a], 'it''s", (1, 13)),
)


@pytest.mark.parametrize(("dialect", "sql", "place"), _CASES)
def test_the_place_is_told(dialect: str, sql: str, place: tuple[int, int]) -> None:
    with pytest.raises(LineageError) as told:
        column_lineage(sql, dialect=dialect)
    assert (told.value.line, told.value.column) == place


@pytest.mark.parametrize("sql", ["select 'b " + '"x ' * 101, "select a " + "/* b " * 100])
def test_the_text_is_read_no_more_often_however_many_quotes_it_has(sql: str) -> None:
    reader = Reader("postgres")
    read: list[str] = []

    def tokenize(text: str) -> list[Token]:
        read.append(text)
        return reader.tokens(text)

    with pytest.raises(TokenError) as failure:
        reader.tokens(sql)
    told = unclosed(sql, failure.value, tokenize, "postgres")
    assert len(read) <= 1
    assert told.column in (8, 10)
