"""Executed truth on Snowflake's stand-in: after random edits of files, rows and definitions a run with reuse leaves what one without it makes.

`PENSTOCK_EDITS=40 pytest tests/e2e/test_reuse_truth_snowflake.py -s` for more rounds; needless builds are printed.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.test_reuse_on_snowflake import FILES, Kiosk, kiosk_in
from tests.tools.fakesnow import fakesnow

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.xdist_group("reuse-snowflake")]

ROUNDS = int(os.environ.get("PENSTOCK_EDITS", "6"))
MORE = {
    "dbt_project.yml": FILES["dbt_project.yml"] + "vars: {floor: 5}\n",
    "seeds/rates.csv": "kind,rate\na,2\nb,3\n",
    "macros/twice.sql": "{% macro twice(x) %}{{ x }} * 2{% endmacro %}",
    "models/stg.sql": "select id, price, kind from {{ source('raw', 'things') }} where price > {{ var('floor') }}",
    "models/doubled.sql": "{{ config(materialized='view') }} select id, kind, {{ twice('price') }} as price from {{ ref('stg') }}",
    "models/rated.sql": "select d.id, d.price * r.rate as price from {{ ref('doubled') }} d join {{ ref('rates') }} r on r.kind = d.kind",
    "models/kinds.sql": "select kind, count(*) as n from {{ ref('stg') }} group by kind",
    "models/wide.sql": "{{ config(materialized='view') }} select k.kind, k.n, r.rate from {{ ref('kinds') }} k join {{ ref('rates') }} r on r.kind = k.kind",
    "models/last.sql": "select sum(n) as n, sum(rate) as rate from {{ ref('wide') }}",
}
TABLES = ("STG", "TOTAL", "NAMES", "RATES", "RATED", "KINDS", "LAST", "DOUBLED", "WIDE")


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[Kiosk]:
    with fakesnow(tmp_path) as warehouse:
        yield kiosk_in(tmp_path, warehouse, {**FILES, **MORE})


def held(kiosk: Kiosk) -> dict[str, list[str]]:
    return {
        name: sorted(repr(row) for row in kiosk.warehouse.run(f"select * from SHOP.MARTS.{name}"))
        for name in TABLES
    }


class Editor:
    """What people do to such a project, at random."""

    def __init__(self, kiosk: Kiosk, chance: random.Random) -> None:
        self._kiosk = kiosk
        self._chance = chance

    def __call__(self) -> str:
        kinds: list[Callable[[], str]] = [self._sql, self._sql, self._comment, self._macro, self._var, self._seed, self._rows, self._rows, self._by_hand, self._drop]  # fmt: skip
        return self._chance.choice(kinds)()

    def _write(self, name: str, text: str) -> str:
        (self._kiosk.root / name).write_text(text)
        return f"{name}: {text.strip()}"

    def _some(self) -> int:
        return self._chance.randint(1, 9)

    def _sql(self) -> str:
        name, text = self._chance.choice(
            [
                (
                    "kinds",
                    f"select kind, count(*) + {self._some()} as n from {{{{ ref('stg') }}}} group by kind",
                ),
                ("total", f"select sum(price) + {self._some()} as total from {{{{ ref('doubled') }}}}"),
                (
                    "names",
                    f"select lower(name) || '{self._some()}' as name from {{{{ source('raw', 'people') }}}}",
                ),
                ("wide", MORE["models/wide.sql"].replace("k.n,", f"k.n + {self._some()} as n,")),
                ("stg", MORE["models/stg.sql"].replace("price,", f"price + {self._some()} as price,")),
            ]
        )
        return self._write(f"models/{name}.sql", text)

    def _comment(self) -> str:
        path = self._kiosk.root / self._chance.choice(
            ["models/stg.sql", "models/rated.sql", "models/wide.sql"]
        )
        return self._write(str(path.relative_to(self._kiosk.root)), path.read_text() + f"\n-- {self._some()}")

    def _macro(self) -> str:
        return self._write(
            "macros/twice.sql", f"{{% macro twice(x) %}}{{{{ x }}}} * {self._some()}{{% endmacro %}}"
        )

    def _var(self) -> str:
        return self._write("dbt_project.yml", FILES["dbt_project.yml"] + f"vars: {{floor: {self._some()}}}\n")

    def _seed(self) -> str:
        return self._write("seeds/rates.csv", f"kind,rate\na,{self._some()}\nb,{self._some()}\n")

    def _run(self, sql: str) -> str:
        self._kiosk.warehouse.run(sql)
        return sql

    def _rows(self) -> str:
        some = self._some()
        return self._run(
            self._chance.choice(
                [
                    f"insert into SHOP.RAW.THINGS values ({some}, {10 * some}, 'a')",
                    f"update SHOP.RAW.THINGS set price = price + {some}",
                    f"delete from SHOP.RAW.THINGS where id = {some}",
                    f"update SHOP.RAW.PEOPLE set name = 'P{some}'",
                    "update SHOP.RAW.PEOPLE set name = 'nobody' where 1 = 0",
                ]
            )
        )

    def _by_hand(self) -> str:
        return self._run(
            self._chance.choice(
                [
                    "update SHOP.MARTS.KINDS set n = 77",
                    "delete from SHOP.MARTS.STG where id = 1",
                    "insert into SHOP.MARTS.NAMES values ('by hand')",
                    "create or replace view SHOP.MARTS.WIDE as select kind, n, 0 as rate from SHOP.MARTS.KINDS",
                    "create or replace table SHOP.MARTS.TOTAL as select 5 as total",
                    "update SHOP.MARTS.RATES set rate = 1",
                ]
            )
        )

    def _drop(self) -> str:
        return self._run(f"drop table SHOP.MARTS.{self._chance.choice(['KINDS', 'TOTAL', 'RATED', 'LAST'])}")


def test_a_run_with_reuse_ends_as_one_without(kiosk: Kiosk) -> None:
    chance = random.Random(int(os.environ.get("PENSTOCK_SEED", "1")))
    edit = Editor(kiosk, chance)
    needless = built = 0
    for _ in range(ROUNDS):
        edits = [edit() for _ in range(chance.randint(1, 3))]
        before = held(kiosk) if not any(one.startswith("drop") for one in edits) else {}
        made = kiosk.built()
        with_reuse = held(kiosk)
        kiosk("run", "--no-reuse")
        assert with_reuse == held(kiosk), edits
        built += len(made)
        needless += sum(before.get(name.upper()) == with_reuse.get(name.upper()) for name in made)
    print(f"\n{ROUNDS} rounds: {built} built of {ROUNDS * len(TABLES)}, {needless} of them to the same rows")
