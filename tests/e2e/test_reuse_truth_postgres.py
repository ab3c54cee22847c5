"""Executed truth on PostgreSQL: after random edits of files, rows and definitions, and beside a client who writes during runs, a run with reuse
leaves what dbt alone makes in an empty schema, every view included.

`PENSTOCK_EDITS=40 pytest tests/e2e/test_reuse_truth_postgres.py -s` for more rounds; needless builds are printed.
"""

from __future__ import annotations

import os
import random
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.tools.environment import environ_of, real_environment
from tests.tools.postgres import new_server
from tests.tools.stall import FILES, Stall, stall_in

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.xdist_group("reuse-postgres")]

ROUNDS = int(os.environ.get("PENSTOCK_EDITS", "4"))
MORE = {
    "dbt_project.yml": FILES["dbt_project.yml"] + "vars: {floor: 5}\n",
    "seeds/rates.csv": "kind,rate\na,2\nb,3\n",
    "macros/twice.sql": "{% macro twice(x) %}{{ x }} * 2{% endmacro %}",
    "models/stg.sql": "select id, price, kind from {{ source('raw', 'things') }} where price > {{ var('floor') }}",
    "models/doubled.sql": "{{ config(materialized='view') }} select id, kind, {{ twice('price') }} as price from {{ ref('stg') }}",
    "models/above.sql": "{{ config(materialized='view') }} select kind, price from {{ ref('doubled') }}",
    "models/rated.sql": "select d.id, d.price * r.rate as price from {{ ref('above') }} a join {{ ref('doubled') }} d on d.kind = a.kind join {{ ref('rates') }} r on r.kind = d.kind",
    "models/kinds.sql": "select kind, count(*) as n from {{ ref('stg') }} group by kind",
    "models/wide.sql": "{{ config(materialized='view') }} select k.kind, k.n, r.rate from {{ ref('kinds') }} k join {{ ref('rates') }} r on r.kind = k.kind",
    "models/last.sql": "select sum(n) as n, sum(rate) as rate from {{ ref('wide') }}",
    "models/kept.sql": "{{ config(materialized='incremental', unique_key='id') }} select id, price from {{ ref('stg') }}",
    "models/shown.sql": "{{ config(materialized='view') }} select count(*) as n from {{ ref('kept') }}",
}
NAMES = ("stg", "doubled", "above", "rated", "kinds", "wide", "last", "total", "names", "rates")
ADDED_TO = ("kept", "shown")  # they hold what was there once: that they are there is compared


def held(stall: Stall, schema: str) -> dict[str, list[str]]:
    found = {name: sorted(repr(row) for row in stall.sql(f"select * from {schema}.{name}")) for name in NAMES}
    for name in ADDED_TO:
        stall.sql(f"select * from {schema}.{name}")
    return found


def by_dbt_alone(stall: Stall) -> dict[str, list[str]]:
    stall.sql("drop schema if exists fresh cascade")
    dbt = real_environment("1.11-postgres") / "dbt"
    told = subprocess.run(
        [dbt, "build", "--profiles-dir", ".", "--target", "fresh", "--target-path", "target_fresh"],
        cwd=stall.root,
        env=environ_of("1.11-postgres"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout
    return held(stall, "fresh")


@contextmanager
def churned(stall: Stall) -> Iterator[None]:
    """All rows are taken away and loaded again, the same ones, over and over."""
    over = threading.Event()

    def churn() -> None:
        with psycopg.connect(stall.url, autocommit=True) as session:
            session.execute("create table raw.copy as select * from raw.things")
            while not over.is_set():
                session.execute("delete from raw.things")
                session.execute("insert into raw.things select * from raw.copy")
                over.wait(0.05)
            session.execute("drop table raw.copy")

    churning = threading.Thread(target=churn)
    churning.start()
    try:
        yield
    finally:
        over.set()
        churning.join()


class Editor:
    """What people do to such a project, at random."""

    def __init__(self, stall: Stall, chance: random.Random) -> None:
        self._stall = stall
        self._chance = chance

    def __call__(self) -> str:
        kinds: list[Callable[[], str]] = [
            self._sql, self._sql, self._stored, self._comment, self._macro, self._var, self._seed, self._rows, self._rows, self._by_hand,
            self._by_hand, self._drop,
        ]  # fmt: skip
        return self._chance.choice(kinds)()

    def _write(self, name: str, text: str) -> str:
        self._stall.write(name, text)
        return f"{name}: {text.strip()}"

    def _some(self) -> int:
        return self._chance.randint(1, 9)

    def _sql(self) -> str:
        some = self._some()
        name, before, after = self._chance.choice(
            [
                ("kinds", "count(*)", f"count(*) + {some}"),
                ("wide", "k.n,", f"k.n + {some} as n,"),
                ("stg", "price,", f"price + {some} as price,"),
                ("above", "price from", f"price + {some} as price from"),
                ("last", "sum(n)", f"sum(n) + {some}"),
            ]
        )
        return self._write(f"models/{name}.sql", MORE[f"models/{name}.sql"].replace(before, after))

    def _stored(self) -> str:
        """A view that becomes a table, or a table that becomes a view."""
        name = self._chance.choice(["stg", "above", "kinds", "wide", "total"])
        path = self._stall.root / f"models/{name}.sql"
        kind = self._chance.choice(["view", "table"])
        sql = path.read_text().partition("}}")[2] if "config(" in path.read_text() else path.read_text()
        return self._write(f"models/{name}.sql", f"{{{{ config(materialized='{kind}') }}}} {sql}")

    def _comment(self) -> str:
        name = self._chance.choice(["models/stg.sql", "models/rated.sql", "models/wide.sql"])
        return self._write(name, (self._stall.root / name).read_text() + f"\n-- {self._some()}")

    def _macro(self) -> str:
        return self._write(
            "macros/twice.sql", f"{{% macro twice(x) %}}{{{{ x }}}} * {self._some()}{{% endmacro %}}"
        )

    def _var(self) -> str:
        return self._write("dbt_project.yml", FILES["dbt_project.yml"] + f"vars: {{floor: {self._some()}}}\n")

    def _seed(self) -> str:
        return self._write("seeds/rates.csv", f"kind,rate\na,{self._some()}\nb,{self._some()}\n")

    def _run(self, *choices: str) -> str:
        """Of a name that may be a table or a view by now, some do not work, and change nothing."""
        sql = self._chance.choice(choices)
        try:
            self._stall.sql(*sql.split(";"))
        except psycopg.Error as error:
            return f"{sql}: {error}"
        return sql

    def _rows(self) -> str:
        some = self._some()
        return self._run(
            f"insert into raw.things values ({some}, {10 * some}, 'a')",
            f"update raw.things set price = price + {some}",
            f"delete from raw.things where id = {some}",
            f"update raw.people set name = 'P{some}'",
            "update raw.people set name = name",
            "alter table raw.things alter price type bigint",
            "truncate raw.people; insert into raw.people values ('Ann')",
        )

    def _by_hand(self) -> str:
        return self._run(
            "update marts.kinds set n = 77",
            "delete from marts.stg where id = 1",
            "insert into marts.names values ('by hand')",
            "drop view marts.wide; create view marts.wide as select kind, n, 0 as rate from marts.kinds",
            "drop table marts.total; create table marts.total as select 5 as total",
            "update marts.rates set rate = 1",
            "alter table marts.names rename to former; create table marts.names as select 'x' as name; drop table marts.former",
            "alter table marts.kinds add more int",
            "truncate marts.rated",
        )

    def _drop(self) -> str:
        return self._run(
            *(f"drop {kind} marts.{name} cascade" for kind in ("table", "view") for name in NAMES[:8])
        )


@pytest.fixture
def stall(tmp_path: Path) -> Iterator[Stall]:
    server = new_server()
    server.start(fsync=False)
    made = stall_in(tmp_path, server.url(), {**FILES, **MORE})
    yield made
    server.remove()


def test_a_run_with_reuse_ends_as_dbt_alone(stall: Stall) -> None:
    seed = int(os.environ.get("PENSTOCK_SEED", "1"))
    chance = random.Random(seed)
    edit = Editor(stall, chance)
    needless = built = 0
    before = held(stall, "marts")
    for number in range(ROUNDS):
        edits = [edit() for _ in range(chance.randint(1, 3))]
        if chance.random() < 0.3:
            with churned(stall):
                stall("run")
            edits.append("beside a client who loads the same rows again and again")
        made = stall.built()
        now = held(stall, "marts")
        assert now == by_dbt_alone(stall), (seed, number, edits, made)
        built += len(made)
        needless += sum(before.get(name) == now.get(name) for name in made)
        before = now
    total = ROUNDS * (len(NAMES) + len(ADDED_TO))
    print(f"\n{ROUNDS} rounds: {built} built of {total}, {needless} of them to the same rows")
