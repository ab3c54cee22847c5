"""Which tables a destination has, whatever the server's statistics know of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.integration import Outcome
from tests.unit.penstock_airbyte.replays import Replay, record, state
from tests.unit.penstock_postgres.loading import PostgresLoading as Loading
from tests.unit.penstock_postgres.loading import connection_at

pytestmark = pytest.mark.slow


def test_what_exists_is_told_without_an_estimate(loading: Loading) -> None:
    loading.ask("CREATE TABLE fresh AS SELECT generate_series(1, 100001) AS id")
    loading.ask("CREATE TABLE empty (id int) PARTITION BY RANGE (id)")
    loading.ask("CREATE VIEW seen AS SELECT id FROM fresh")
    names = ("fresh", "empty", "seen", "absent")
    places = {name: loading.destination.relation("public", name) for name in names}
    assert loading.ask("SELECT reltuples FROM pg_class WHERE relname = 'fresh'") == [(-1,)]
    assert loading.destination.holding(places.values()) == {
        places["fresh"]: True,
        places["empty"]: False,
        places["seen"]: True,
    }
    assert loading.destination.holding([]) == {}


@pytest.mark.long
def test_a_large_table_that_was_never_analysed_keeps_its_state(tmp_path: Path, loading: Loading) -> None:
    """It was taken for one that is gone: its stream was read from the beginning, and came a second time."""
    shop = Replay(tmp_path)
    shop.settings["warehouse"] = {"type": "postgres", **connection_at(loading.url, tmp_path).settings}
    shop.read(record({"id": 1}), state(1))
    shop.bench.sync(1)
    loading.ask("ALTER TABLE raw.users SET (autovacuum_enabled = false)")
    loading.ask("INSERT INTO raw.users SELECT u.* FROM raw.users u, generate_series(1, 100101)")
    assert shop.bench.sync(2).outcome is Outcome.SUCCESS
    assert shop.given(1)[0]["stream"]["stream_state"] == {"id": 1}
