"""Streams whose names PostgreSQL has for itself, or whose schemas are their namespaces', in a real database."""

from __future__ import annotations

from pathlib import Path

import psycopg

from penstock.integration import Outcome
from tests.contract.cases import settings_of
from tests.tools.postgres import PostgresServer
from tests.unit.penstock_airbyte.replays import Replay, record, state
from tests.unit.penstock_airbyte.sources import USERS, Shop, user

OWN = ["ctid", "xmin", "tableoid", "_penstock_place", "_penstock_exact_5", "a b"]


def test_a_field_that_is_called_like_a_column_of_every_table_is_loaded(
    tmp_path: Path, server: PostgresServer
) -> None:
    url = server.url()
    shop = Replay(
        tmp_path,
        "incremental_append_dedup",
        {"id": {"type": "integer"}, **{name: {"type": "number"} for name in OWN}},
    )
    shop.settings["warehouse"] = {"type": "postgres", **settings_of(url)}
    shop.read(record({"id": 1, **{name: place for place, name in enumerate(OWN)}}), state(1))
    result = shop.bench.sync()
    assert result.outcome is Outcome.SUCCESS, result.message
    with psycopg.connect(url) as session:
        found = session.execute(
            "SELECT ctid_1, xmin_1, tableoid_1, __penstock_place, __penstock_exact_5, a_b FROM raw.users"
        )
        assert found.fetchall() == [tuple(range(len(OWN)))]


def test_each_namespace_has_its_schema(tmp_path: Path, server: PostgresServer) -> None:
    url = server.url()
    tables = {
        "a": {**USERS, "name": "users", "namespace": "one", "rows": [user(1, 1)]},
        "b": {**USERS, "name": "users", "namespace": "T-2", "rows": [user(2, 1), user(3, 1)]},
    }
    shop = Shop(tmp_path, tables, namespace_definition="source")
    shop.settings["warehouse"] = {"type": "postgres", **settings_of(url)}
    result = shop.bench.sync()
    assert result.outcome is Outcome.SUCCESS, result.message
    with psycopg.connect(url) as session:
        places = session.execute(
            "SELECT table_schema FROM information_schema.tables WHERE table_name = 'users' ORDER BY 1"
        ).fetchall()
        relations = [asset.relation for asset in shop.bench.observe().assets if asset.relation]
        assert sorted((relation.schema,) for relation in relations) == sorted(places)
        counts = [session.execute(f'SELECT count(*) FROM "{r.schema}".users').fetchone() for r in relations]
    assert counts == [(1,), (2,)]
