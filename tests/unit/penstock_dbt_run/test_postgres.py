"""A warehouse that is a server: nothing stays connected between steps, and its fall fails by name what it takes along."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from penstock.integration import ItemStarted, Outcome, StepEvent
from tests.tools.environment import environ_of
from tests.tools.jobs import wait
from tests.tools.postgres import PostgresServer, new_server
from tests.unit.penstock_dbt_run.bench import Bench
from tests.unit.penstock_dbt_run.shop import write_shop
from tests.unit.penstock_dbt_run.test_following import until

pytestmark = pytest.mark.long

PROFILE = """
shop:
  target: dev
  outputs:
    dev: {{type: postgres, host: 127.0.0.1, port: {port}, user: postgres, password: "", dbname: postgres, schema: shop, threads: 2}}
"""
FILES: dict[str, str | None] = {
    "models/days.sql": "{{ config(materialized='table') }}\nselect 1 as day\n",
    "models/asleep.sql": "{{ config(materialized='table') }}\nselect pg_sleep(600) from {{ ref('days') }}\n",
    "models/below.sql": "select * from {{ ref('asleep') }}\n",
}
ITEMS = ("model.shop.days", "model.shop.asleep", "model.shop.below")


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    made = new_server()
    made.start(fsync=False)
    yield made
    made.remove()


@pytest.fixture
def bench(server: PostgresServer, tmp_path: Path) -> Iterator[Bench]:
    write_shop(tmp_path, {**FILES, "profiles.yml": PROFILE.format(port=server.port)})
    made = Bench(tmp_path, environ_of("1.11-postgres"))
    yield made
    made.close()


def connections(server: PostgresServer) -> int:
    import psycopg

    with psycopg.connect(f"host=127.0.0.1 port={server.port} user=postgres dbname=postgres") as opened:
        row = opened.execute(
            "select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"
        ).fetchone()
    assert row is not None
    return int(row[0])


def fall(server: PostgresServer) -> None:
    """kill -9 of the server's first process; the others end when they see that."""
    import psycopg

    with psycopg.connect(f"host=127.0.0.1 port={server.port} user=postgres dbname=postgres") as opened:
        row = opened.execute("select setting from pg_settings where name = 'data_directory'").fetchone()
    assert row is not None
    os.kill(int((Path(row[0]) / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)


def asleep(event: StepEvent) -> bool:
    return isinstance(event, ItemStarted) and event.item == "model.shop.asleep"


def test_nothing_stays_connected_between_steps(bench: Bench, server: PostgresServer) -> None:
    ran = bench.run("seed.shop.people", "model.shop.stg_people", "model.shop.orders")
    assert ran.outcome is Outcome.SUCCESS
    assert ran.end_of("model.shop.orders").rows == 3, "this adapter reports a table's rows"
    wait(lambda: connections(server) == 0)  # the server sees a moment later that a session is gone


def test_a_cancel_reaches_the_server(bench: Bench, server: PostgresServer) -> None:
    from tests.unit.penstock_dbt_run.test_following import cancel

    ran = asyncio.run(until(bench, ITEMS, asleep, cancel))
    assert ran.outcomes == dict(
        zip(ITEMS, (Outcome.SUCCESS, Outcome.CANCELLED, Outcome.CANCELLED), strict=True)
    )
    wait(lambda: connections(server) == 0)  # the server sees a moment later that a session is gone


def test_a_server_that_falls_in_the_middle(bench: Bench, server: PostgresServer) -> None:
    ran = asyncio.run(until(bench, ITEMS, asleep, lambda ran: fall(server)))
    assert ran.outcomes["model.shop.days"] is Outcome.SUCCESS
    assert ran.outcomes["model.shop.asleep"] is Outcome.ERROR
    assert ran.outcomes["model.shop.below"] in (Outcome.SKIPPED, Outcome.ERROR)
    assert ran.outcome is Outcome.ERROR and ran.finished.retryable
    down = bench.run("model.shop.days")
    assert down.outcomes == {"model.shop.days": Outcome.ERROR}
    assert "refused" in (down.finished.message or "") and "Traceback" not in (down.finished.message or "")
    assert down.finished.retryable
    first = server._process
    assert first is not None
    first.wait()
    server.start(fsync=False)
    assert bench.run("model.shop.days").outcome is Outcome.SUCCESS
