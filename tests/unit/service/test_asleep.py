"""A plan that may not start a suspended warehouse leaves to the run what only the rows decide; the code it judges itself."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from penstock import registry
from penstock.assets import AssetKey, Recipe
from penstock.change import MadeFrom, Want, output_version, version
from penstock.project import load_project
from penstock.service.contents import Holdings
from penstock.service.observe import look
from penstock.service.reusing import Reuse
from penstock.service.workspace import Workspace
from penstock.store import open_store
from tests.doubles.snowflake.estate import Estate
from tests.doubles.snowflake.server import SnowflakeDouble
from tests.e2e.test_snowflake import PASSWORD, manifest
from tests.unit.service.test_witness import CONFIG, ORDERS, REVENUE

KEY = AssetKey("snowflake://acme-main", "ANALYTICS.MARTS.REVENUE")
READ = AssetKey("snowflake://acme-main", "ANALYTICS.RAW.ORDERS")
FIRST = Recipe(form="incremental", settings="s", template="t")


class Made:
    """REVENUE, made of ORDERS as they are by run 1, in a warehouse that sleeps."""

    def __init__(self, root: Path, double: SnowflakeDouble) -> None:
        self.estate = double.estate
        (root / "penstock.yml").write_text(CONFIG.format(port=double.port))
        (root / "manifest.json").write_text(json.dumps(manifest()))
        environ = {**os.environ, "SNOWFLAKE_PASSWORD": PASSWORD}
        project = load_project(root, environment=None, integrations=registry.names(), environ=environ)
        self.workspace = Workspace(project, environ=environ)
        self.graph = look(self.workspace, may_call=True).graph
        self._record()
        self.estate.warehouses["WH"].state = "SUSPENDED"

    def _record(self) -> None:
        places = {key: self.graph.assets[key].relation for key in (KEY, READ)}
        found = Holdings(self.workspace, wakes=True).of({one: (None,) for one in places.values() if one})
        read = version(found[places[READ]], Want(True))  # type: ignore[index]
        output = output_version(found[places[KEY]])  # type: ignore[index]
        assert read is not None and output is not None
        self.made_by(FIRST)
        made = MadeFrom(
            recipe=FIRST, reads={READ: None}, inputs={READ: read}, output=output, run=1, at=time.time()
        )
        store = open_store(self.workspace.project.store_url(), root=self.workspace.project.root)
        store.record_made_from(
            self.workspace.project.environment, 1, time.time(), {KEY: msgspec.msgpack.encode(made)}
        )
        store.close()

    def made_by(self, recipe: Recipe) -> None:
        """As its tool tells it, which is not there."""
        producers = self.graph.producers
        ref = self.graph.assets[KEY].producer
        assert ref is not None and isinstance(producers, dict)
        producers[ref] = msgspec.structs.replace(producers[ref], recipe=recipe)

    def planned(self) -> tuple[str, str]:
        judged = Reuse(self.workspace, self.graph, Holdings(self.workspace, apart=True)).judge(KEY, ())
        assert judged is not None and not judged.reuse
        return judged.code, judged.reason

    def decided(self) -> tuple[bool, str]:
        judged = Reuse(self.workspace, self.graph, Holdings(self.workspace, wakes=True)).again([KEY])[KEY]
        return judged.reuse, judged.code


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    estate = Estate()
    estate.table(ORDERS, [("CUSTOMER_ID", "NUMBER"), ("AMOUNT", "NUMBER")], [[1, 2]])
    estate.table(REVENUE, [("CUSTOMER_ID", "NUMBER"), ("REVENUE", "NUMBER")], [[1, 2]])
    with SnowflakeDouble(estate) as double:
        yield Made(tmp_path, double)


def test_the_run_decides(made: Made) -> None:
    code, reason = made.planned()
    assert code == "undecided" and reason.startswith("decided by the run: ") and "WH is suspended" in reason
    assert made.estate.warehouses["WH"].wakes == 0
    assert made.decided() == (True, "same")
    assert made.estate.warehouses["WH"].wakes == 1
    made.estate.write(ORDERS, [[2, 3]])
    assert made.decided() == (False, "new-data")


def test_its_code_is_judged_without_a_look(made: Made) -> None:
    made.made_by(msgspec.structs.replace(FIRST, template="other"))
    code, reason = made.planned()
    assert code == "code" and "only new rows follow it" in reason
