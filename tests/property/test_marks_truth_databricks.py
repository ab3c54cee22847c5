"""Executed truth of Databricks' marks: whatever others do to a table and to what it is made of, what is reused holds what would be made.

`PENSTOCK_EDITS=500 pytest tests/property/test_marks_truth_databricks.py -s` for more rounds; needless builds are printed.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from penstock import registry
from penstock.assets import AssetKey, Recipe, Relation, ToolRef
from penstock.change import MadeFrom, Now, Want, judge, output_version, version
from penstock.integration import Content
from penstock.project import load_project
from penstock.service.contents import Holdings
from penstock.service.observe import look
from penstock.service.witness import Witness
from penstock.service.workspace import Workspace
from tests.doubles.databricks import DatabricksDouble, Estate, table
from tests.e2e.test_snowflake import manifest

ROUNDS = int(os.environ.get("PENSTOCK_EDITS", "15"))
CONFIG = """
name: shop
warehouses: {{main: {{type: databricks, host: "{url}", token: "${{TOKEN}}", catalog: shop, http_path: /sql/1.0/warehouses/abc}}}}
dbt: {{transform: {{manifest: manifest.json, warehouse: main}}}}
"""
MODEL = ToolRef("dbt", "transform", "model.shop.revenue")
RECIPE = Recipe(form="table", settings="s", template="t")
Rows = tuple[int | None, ...]


class Delta:
    """A table with its log, and what each version of it held."""

    def __init__(self, estate: Estate, name: str, chance: random.Random) -> None:
        self.name = name
        self._estate = estate
        self._chance = chance
        self._ids = 0
        self._held: list[Rows] = []
        self.create((1, 2))

    @property
    def rows(self) -> Rows:
        return self._held[-1]

    def create(self, rows: Rows, ago: float = 500.0) -> None:
        self._ids += 1
        self._estate.tables[:] = [one for one in self._estate.tables if one["full_name"] != self.name]
        self._estate.tables.append(
            table(self.name, {"amount": "bigint"}, table_id=f"{self.name}-{self._ids}")
        )
        self._estate.history[self.name] = []
        self._held.clear()
        self.add("CREATE TABLE AS SELECT", rows, ago)

    def add(self, operation: str, rows: Rows, ago: float = 500.0) -> None:
        moment = datetime.fromtimestamp(time.time() - ago, UTC).isoformat(timespec="milliseconds")
        self._estate.history[self.name].append((len(self._held), moment, operation))
        self._held.append(rows)

    def touch(self, other: Rows, ago: float = 500.0) -> str:
        """What somebody may do to it."""
        some, rows = self._chance.randint(1, 9), self.rows
        ways: dict[str, Callable[[], Rows]] = {
            "WRITE": lambda: (*rows, some),
            "DELETE": lambda: rows[1:],
            "MERGE": lambda: rows,
            "UPDATE": lambda: tuple(None if one is None else one + 1 for one in rows),
            "RESTORE": lambda: self._chance.choice(self._held),
            "CLONE": lambda: other,
            "CHANGE COLUMN": lambda: tuple(None for _ in rows),
            "FSCK": lambda: rows[:-1],
            "OPTIMIZE": lambda: rows,
            "VACUUM END": lambda: rows,
            "ANALYZE": lambda: rows,
            "made anew": lambda: other if some > 5 else (some,),
        }
        way = self._chance.choice(list(ways))
        if way == "made anew":
            self.create(ways[way](), ago)
        else:
            self.add(way, ways[way](), ago)
        return f"{self.name} {way}"


def made_of(rows: Rows) -> Rows:
    return (sum(one or 0 for one in rows),)


class Shop:
    def __init__(self, root: Path, double: DatabricksDouble, chance: random.Random) -> None:
        self._chance = chance
        self.orders = Delta(double.estate, "shop.raw.orders", chance)
        self.revenue = Delta(double.estate, "shop.marts.revenue", chance)
        (root / "penstock.yml").write_text(CONFIG.format(url=double.url))
        text = json.dumps(manifest()).replace("ANALYTICS.RAW.ORDERS", "shop.raw.orders")
        text = text.replace("ANALYTICS.MARTS.REVENUE", "shop.marts.revenue").replace(
            "snowflake", "databricks"
        )
        (root / "manifest.json").write_text(text)
        environ = {**os.environ, "TOKEN": double.token}
        project = load_project(root, environment=None, integrations=registry.names(), environ=environ)
        workspace = Workspace(project, environ=environ)
        graph = look(workspace, may_call=True).graph
        self.key, self.read = graph.by_ref[MODEL], graph.upstream[graph.by_ref[MODEL]][0]
        self._places = {key: graph.assets[key].relation for key in (self.key, self.read)}
        self._holdings = Holdings(workspace, wakes=True)
        self._witness = Witness(graph, self._holdings)
        self.made: MadeFrom | None = None

    def _contents(self) -> dict[AssetKey, Content]:
        wanted: dict[Relation, tuple[None]] = {one: (None,) for one in self._places.values() if one}
        found = self._holdings.of(wanted)
        return {key: found[one] for key, one in self._places.items() if one in found}

    def reuses(self) -> bool:
        if self.made is None:
            return False
        found = self._contents()
        now = Now(
            recipe=RECIPE,
            output=output_version(found.get(self.key)),
            there=self.key in found,
            inputs={self.read: version(found.get(self.read), Want(True))},
            names={self.read: "orders"},
        )
        return judge("revenue", now, self.made).reuse

    def build(self) -> str:
        """As a run does; somebody else may write before it has been made, and after."""
        self._witness.after.clear()
        before = self._witness.before([MODEL])
        meanwhile = [
            self.orders.touch(self.revenue.rows, 400.0) if self._chance.random() < 0.2 else "",
        ]
        self.revenue.add("CREATE OR REPLACE TABLE AS SELECT", made_of(self.orders.rows), 300.0)
        self._witness.done(MODEL, time.time() - 200.0)
        if self._chance.random() < 0.3:
            touched = self._chance.choice((self.orders, self.revenue))
            meanwhile.append(touched.touch(made_of(self.orders.rows), 100.0))
        self._witness.ended([MODEL], before)
        self.made = self._recorded()
        return ", ".join(meanwhile)

    def _recorded(self) -> MadeFrom | None:
        looked, found = self._witness.after.get(self.key), self._contents()
        if looked is None or any(looked.get(one) != output_version(found.get(key)) for key, one in self._places.items() if one):  # fmt: skip
            return None
        read, output = version(found.get(self.read), Want(True)), output_version(found.get(self.key))
        if read is None or output is None:
            return None
        return MadeFrom(
            recipe=RECIPE, reads={self.read: None}, inputs={self.read: read}, output=output, run=1, at=0.0
        )


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    chance = random.Random(int(os.environ.get("PENSTOCK_SEED", "1")))
    with DatabricksDouble(Estate()) as double:
        yield Shop(tmp_path, double, chance)


def test_what_is_reused_holds_what_would_be_made(shop: Shop) -> None:
    chance = random.Random(7)
    reused = needless = 0
    said: list[str] = []
    for _ in range(ROUNDS):
        for _ in range(chance.choice((0, 0, 1, 2))):
            one = chance.choice((shop.orders, shop.revenue))
            said.append(one.touch(shop.orders.rows))
        right = shop.revenue.rows == made_of(shop.orders.rows)
        if shop.reuses():
            assert right, said[-8:]
            reused += 1
        else:
            needless += right
            said.append(f"built ({shop.build()})")
    assert reused
    print(f"\n{ROUNDS} rounds: {reused} reused, {needless} built to the same rows")
