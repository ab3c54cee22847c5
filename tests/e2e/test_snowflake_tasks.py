"""Tasks of a Snowflake account from the command line: run in order behind a sync and a model, adopted after a kill, never unasked."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.doubles.airbyte import AirbyteDouble
from tests.doubles.airbyte.landing import land_in_duckdb
from tests.doubles.airbyte.shop import shop_estate
from tests.doubles.snowflake.estate import Estate
from tests.doubles.snowflake.server import SnowflakeDouble
from tests.doubles.snowflake.tasks import Behaviour, GraphRun
from tests.support import ROOT
from tests.tools.command import Done, environ, penstock, start
from tests.tools.jobs import wait

PACE = json.dumps({"first": 0.05, "slowest": 0.2, "limited": 0.2, "recancel": 0.5, "doubt": 1.0})
WAREHOUSE = """{{type: snowflake, account: acme-main, host: 127.0.0.1, port: {port}, protocol: http, user: PENSTOCK,
    password: "${{SNOWFLAKE_PASSWORD}}", role: READER, warehouse: WH, database: shop, schema: jobs}}"""
PROJECT = """
name: shop
warehouses:
  main: %s
snowflake:
  work:
    warehouse: main
    start: always
    jobs:
      score: {{reads: [SHOP.MARTS.ORDERS], writes: [SHOP.SCORES.CUSTOMERS]}}
      train: {{task: shop.jobs.train_model, reads: [SHOP.SCORES.CUSTOMERS], writes: [SHOP.SCORES.MODEL]}}
"""


def account() -> Estate:
    estate = Estate()
    estate.table(("SHOP", "MARTS", "ORDERS"), [("ID", "NUMBER"), ("AMOUNT", "FLOAT")], [[1, 2.5]])
    estate.table(("SHOP", "SCORES", "CUSTOMERS"), [("ID", "NUMBER"), ("SCORE", "FLOAT")])
    estate.table(
        ("SHOP", "SCORES", "BEST"),
        [("ID", "NUMBER")],
        kind="DYNAMIC TABLE",
        sql="create dynamic table BEST target_lag = '1 hour' warehouse = WH as select ID from SHOP.SCORES.CUSTOMERS",
    )
    estate.task(("SHOP", "JOBS", "SCORE"), "insert into SHOP.SCORES.CUSTOMERS select 1, 2.0")
    estate.task(("SHOP", "JOBS", "TRAIN_MODEL"), "call TRAIN()")
    return estate


class Project:
    def __init__(self, root: Path, double: SnowflakeDouble) -> None:
        self.root = root
        self.double = double
        self.tasks = double.estate.tasks
        self.env = environ(
            None, SNOWFLAKE_PASSWORD=double.estate.users["PENSTOCK"], PENSTOCK_SNOWFLAKE_PACE=PACE
        )
        (root / "penstock.yml").write_text((PROJECT % WAREHOUSE).format(port=double.port))
        (root / ".git").mkdir()

    def __call__(self, *arguments: str, code: int = 0) -> Done:
        done = penstock(self.root, *arguments, env=self.env)
        assert done.code == code, done
        return done

    def setting(self, old: str, new: str) -> None:
        file = self.root / "penstock.yml"
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new))


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with SnowflakeDouble(account()) as double:
        yield Project(tmp_path, double)


@pytest.mark.slow
def test_tasks_and_the_catalog_are_one_graph_and_run_in_order(project: Project) -> None:
    project("refresh")
    assets = {one["name"]: one for one in project("assets", "--json").json()["assets"]}
    assert assets["BEST"]["materialized"] == "dynamic_table"
    assert "CUSTOMERS" in project("lineage", "BEST.ID", "--upstream").out

    assert "succeeded" in project("run").out
    assert project.tasks.started == {"SCORE": 1, "TRAIN_MODEL": 1}
    rows = {row["name"]: row for row in project.tasks.rows()}
    assert rows["TRAIN_MODEL"]["scheduled_time"] >= rows["SCORE"]["completed_time"]


@pytest.mark.slow
def test_a_task_is_never_started_unless_the_project_says_so(project: Project) -> None:
    project.setting("    start: always\n", "")
    assert "says never" in project("run", "--start", "always", code=2).err
    assert not project.tasks.started


@pytest.mark.slow
def test_a_killed_coordinator_goes_on_with_the_same_run(project: Project) -> None:
    how = project.tasks.behaviours["SCORE"] = Behaviour(seconds=3600.0)
    running = start(project.root, "run", "-s", "CUSTOMERS", env=project.env)
    wait(lambda: project.tasks.started["SCORE"] == 1)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    how.seconds = 0.1
    assert "succeeded" in project("run", "--resume").out
    assert project.tasks.started == {"SCORE": 1} and not project.tasks.cancels


@pytest.mark.slow
def test_a_run_cancelled_from_outside_is_told_as_such(project: Project) -> None:
    project.tasks.behaviours["SCORE"] = Behaviour(seconds=3600.0)
    running = start(project.root, "run", "-s", "CUSTOMERS", env=project.env)
    wait(lambda: project.tasks.started["SCORE"] == 1)
    project.tasks.cancel(("SHOP", "JOBS", "SCORE"))
    out, err = running.communicate(timeout=60)
    assert running.returncode == 1 and "somebody else" in str(out) + str(err)
    assert project.tasks.started == {"SCORE": 1}


@pytest.mark.slow
def test_what_cannot_be_started_is_a_finding(project: Project) -> None:
    project.setting("shop.jobs.train_model", "nothing_there")
    project.double.estate.task(("SHOP", "JOBS", "ROOT"), "select 1", predecessors="[]")
    project.double.estate.rows(
        """UPDATE meta.main.tasks SET predecessors = '["SHOP.JOBS.ROOT"]' WHERE name = 'SCORE' RETURNING 1"""
    )
    project("refresh")
    told = penstock(project.root, "doctor", env=project.env)
    assert "there is no task SHOP.JOBS.NOTHING_THERE" in told.out + told.err
    assert "SHOP.JOBS.SCORE follows ROOT" in told.out + told.err


@pytest.mark.slow
def test_a_sync_a_model_and_a_task_run_one_after_the_other(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    shutil.copytree(
        ROOT / "examples" / "airbyte_api",
        root,
        ignore=shutil.ignore_patterns(".penstock", "*.duckdb", "target", "logs"),
    )
    (root / ".git").mkdir()
    read: list[int] = []

    def begins(run: GraphRun) -> None:
        """What the task would read: the model's rows, of a file that nobody writes any longer."""
        with duckdb.connect(str(root / "shop.duckdb"), read_only=True) as connection:
            row = connection.execute("SELECT count(*) FROM marts.customer_revenue").fetchone()
        read.append(row[0] if row else 0)

    estate = account()
    estate.tasks.begins = begins
    airbyte = AirbyteDouble(shop_estate(root / "shop.duckdb"), land=land_in_duckdb)
    pace = json.dumps({"first": 0.1, "slowest": 0.3, "doubt": 2.0, "limited": 0.3, "recancel": 1.0})
    with airbyte, SnowflakeDouble(estate) as snowflake:
        lake = WAREHOUSE.format(port=snowflake.port)
        jobs = 'score: {reads: ["main:shop.marts.customer_revenue"], writes: [SHOP.SCORES.CUSTOMERS]}'
        told = f"\n  lake: {lake}\nsnowflake:\n  work: {{warehouse: lake, start: always, jobs: {{{jobs}}}}}\n"
        file = root / "penstock.yml"
        file.write_text(file.read_text().replace("\nairbyte:", f"{told}airbyte:", 1))
        env = environ(
            AIRBYTE_SERVER=airbyte.url,
            PENSTOCK_AIRBYTE_PACE=pace,
            PENSTOCK_SNOWFLAKE_PACE=PACE,
            SNOWFLAKE_PASSWORD=estate.users["PENSTOCK"],
        )
        done = penstock(root, "build", "-s", "+SCORES.CUSTOMERS", env=env)
    assert done.code == 0, done
    assert sum(airbyte.triggers.values()) >= 1
    assert estate.tasks.started == {"SCORE": 1}
    assert len(read) == 1 and read[0] > 0
