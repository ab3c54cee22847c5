"""Texts that repeat a fragment are read in steps that grow as the text does, whatever a pattern looks for behind the fragment."""

from __future__ import annotations

import contextlib
import time

import pytest

from penstock.lineage import LineageError, column_lineage

# dialect, what stands first, what is repeated, and how often
_CASES = (
    ("oracle", "prompt x\nselect a ", "/* b ", 600),
    ("oracle", "prompt x\nselect ", "q'[b ", 1000),
    ("mysql", "select a ", "/*!50001 b ", 700),
    ("duckdb", "select ${x} ", "/* b ", 1000),
    ("duckdb", "select ${", "b", 4000),
    ("tsql", "", "output a, ", 400),
    ("postgres", "select 'b ", '"x ', 800),
    ("postgres", "select a ", "/* b ", 800),
    ("oracle", "select * from t match_recognize (pattern (a) subset ", "a = (b)  ", 300),
    ("oracle", "select a from t ", "versions between scn b ", 200),
    ("oracle", "create materialized view ", "q'[", 1200),
    ("mysql", "export table a", "a-", 1500),
    ("mysql", "load data infile '", "''", 4000),
)


def _seconds(sql: str, dialect: str) -> float:
    start = time.process_time()
    with contextlib.suppress(LineageError):
        column_lineage(sql, dialect=dialect)
    return time.process_time() - start


@pytest.mark.parametrize(("dialect", "first", "repeated", "times"), _CASES)
def test_twice_the_text_does_not_take_four_times_as_long(
    dialect: str, first: str, repeated: str, times: int
) -> None:
    for _ in range(
        8
    ):  # a text four times as long takes 4 times as long, or 16 times: one good measurement is enough
        short = max(_seconds(first + repeated * times, dialect), 0.0005)
        if _seconds(first + repeated * times * 4, dialect) < 10 * short:
            return
    pytest.fail("the time grows with the square of the length")
