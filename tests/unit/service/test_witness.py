"""Where others may write at any time: what a step made is told of only when nothing else can have written into it, or into what it read."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from penstock import registry
from penstock.assets import AssetKey, ToolRef
from penstock.project import load_project
from penstock.service.contents import Holdings
from penstock.service.observe import look
from penstock.service.witness import Looked, Witness
from penstock.service.workspace import Workspace
from tests.doubles.snowflake.estate import Estate
from tests.doubles.snowflake.server import SnowflakeDouble
from tests.e2e.test_snowflake import PASSWORD, manifest

CONFIG = """
name: shop
warehouses:
  main: {{type: snowflake, account: acme-main, host: 127.0.0.1, port: {port}, protocol: http, user: PENSTOCK,
         password: "${{SNOWFLAKE_PASSWORD}}", role: READER, warehouse: WH, database: analytics}}
dbt:
  transform: {{manifest: manifest.json, warehouse: main}}
"""
ORDERS, REVENUE = ("ANALYTICS", "RAW", "ORDERS"), ("ANALYTICS", "MARTS", "REVENUE")
MODEL = ToolRef("dbt", "transform", "model.shop.revenue")


class Step:
    """One that makes REVENUE of ORDERS, and is looked around."""

    def __init__(self, root: Path, double: SnowflakeDouble) -> None:
        self.estate = double.estate
        (root / "penstock.yml").write_text(CONFIG.format(port=double.port))
        (root / "manifest.json").write_text(json.dumps(manifest()))
        environ = {**os.environ, "SNOWFLAKE_PASSWORD": PASSWORD}
        workspace = Workspace(
            load_project(root, environment=None, integrations=registry.names(), environ=environ),
            environ=environ,
        )
        graph, holdings = look(workspace, may_call=True).graph, Holdings(workspace, wakes=True)
        self.witness = Witness(graph, holdings, close=600.0)  # however slowly a clock is told
        self.strict = Witness(graph, holdings, close=0.0)

    def made(self, witness: Witness) -> Looked:
        before = witness.before([MODEL])
        self.estate.table(REVENUE, [("REVENUE", "NUMBER")], [[1]])
        return before


def told(witness: Witness, before: Looked) -> set[AssetKey]:
    witness.ended([MODEL], before)
    return set(witness.after)


@pytest.fixture
def step(tmp_path: Path) -> Iterator[Step]:
    estate = Estate()
    estate.table(ORDERS, [("CUSTOMER_ID", "NUMBER"), ("AMOUNT", "NUMBER")], [[1, 2]])
    with SnowflakeDouble(estate) as double:
        yield Step(tmp_path, double)


def test_what_nobody_else_touched_is_told(step: Step) -> None:
    before = step.made(step.witness)
    step.witness.done(MODEL, time.time())
    assert [key.name for key in told(step.witness, before)] == ["ANALYTICS.MARTS.REVENUE"]


def test_what_was_written_after_it_was_made_is_not(step: Step) -> None:
    before = step.made(step.strict)
    step.strict.done(MODEL, time.time() - 60)  # its last change came a minute later
    assert told(step.strict, before) == set()


def test_a_clock_that_is_ahead_hides_no_write(step: Step) -> None:
    before = step.made(step.strict)
    step.strict.done(MODEL, time.time() + 3600)  # as another machine told it
    step.estate.write(REVENUE, [[2]])
    assert told(step.strict, before) == set()


def test_what_was_never_said_to_be_made_is_not(step: Step) -> None:
    assert told(step.witness, step.made(step.witness)) == set()


def test_what_was_read_while_it_changed_is_not(step: Step) -> None:
    before = step.made(step.witness)
    step.estate.write(ORDERS, [[2, 3]])
    step.witness.done(MODEL, time.time())
    assert told(step.witness, before) == set()
