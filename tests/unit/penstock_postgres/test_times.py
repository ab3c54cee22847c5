"""Of two rows of one key the newer stays, also where one of them does not say when it was emitted."""

from __future__ import annotations

import pytest

from tests.unit.penstock_duckdb.test_times import CASES, check_against_what_is_there, merging, written
from tests.unit.penstock_postgres.loading import PostgresLoading as Loading

pytestmark = pytest.mark.slow


def test_the_newer_of_two_rows_stays(loading: Loading) -> None:
    for rows, kept in CASES:
        loading.load(written(rows), merging(loading))
        assert loading.ask("SELECT id, v FROM raw.t ORDER BY id") == kept, rows
        loading.ask("DROP TABLE raw.t")


def test_a_row_without_a_time_against_those_that_are_there(loading: Loading) -> None:
    check_against_what_is_there(loading)
