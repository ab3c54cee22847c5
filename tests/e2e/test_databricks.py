"""A Databricks workspace from the command line: its catalog joined with dbt's documents, its jobs run, against the stand-in."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.doubles.airbyte import AirbyteDouble
from tests.doubles.airbyte.landing import land_in_duckdb
from tests.doubles.airbyte.shop import shop_estate
from tests.doubles.databricks import DatabricksDouble, Estate, JobRecord, RunRecord, table
from tests.doubles.databricks.billing import bill, lineage, open_tables
from tests.support import ROOT
from tests.tools.command import Done, environ, penstock, start
from tests.tools.jobs import wait

PACE = json.dumps({"first": 0.05, "slowest": 0.2, "limited": 0.2, "recancel": 0.5})

PROJECT = """
name: shop
warehouses:
  main: {type: databricks, host: "${WORKSPACE}", token: "${TOKEN}", catalog: shop, http_path: /sql/1.0/warehouses/abc}
databricks:
  work:
    warehouse: main
    start: always
    jobs:
      train: {id: 12, reads: [shop.scores.customers], writes: [shop.scores.model]}
      score customers: {reads: [shop.marts.orders], writes: [shop.scores.customers]}
"""


class Project:
    def __init__(self, root: Path, double: DatabricksDouble) -> None:
        self.root = root
        self.double = double
        self.env = environ(None, WORKSPACE=double.url, TOKEN=double.token, PENSTOCK_DATABRICKS_PACE=PACE)
        (root / "penstock.yml").write_text(PROJECT)
        (root / ".git").mkdir()

    def __call__(self, *arguments: str, code: int = 0) -> Done:
        done = penstock(self.root, *arguments, env=self.env)
        assert done.code == code, done
        return done

    def setting(self, old: str, new: str) -> None:
        file = self.root / "penstock.yml"
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    def job(self, name: str) -> JobRecord:
        return next(job for job in self.double.estate.jobs if job.name == name)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    estate = Estate(
        tables=[
            table("shop.marts.orders", {"id": "bigint", "amount": "decimal(10,2)"}, comment="All orders"),
            table("shop.scores.customers", {"id": "bigint", "score": "double"}),
            table(
                "shop.scores.best",
                {"id": "bigint"},
                table_type="VIEW",
                view_definition="SELECT id FROM shop.scores.customers WHERE score > 0.9",
            ),
        ],
        jobs=[JobRecord(job_id=11, name="score customers"), JobRecord(job_id=12, name="train")],
        empty_pages=True,
        page=1,
    )
    with DatabricksDouble(estate) as double:
        yield Project(tmp_path, double)


@pytest.mark.slow
def test_catalog_and_jobs_are_one_graph_and_run_in_order(project: Project) -> None:
    shown = project("refresh").out + project("assets").out
    assert "orders" in shown and "best" in shown
    upstream = project("lineage", "best.id", "--upstream").out
    assert "customers" in upstream

    made = next(one for one in project.double.estate.tables if one["full_name"] == "shop.scores.customers")
    made["columns"] = [*made["columns"], {**made["columns"][0], "name": "segment", "position": 9}]
    done = project("run")
    assert "succeeded" in done.out
    known = {one["name"]: one for one in project("assets", "--json").json()["assets"]}
    assert "segment" in {one["name"] for one in known["customers"]["columns"]}, "what the run made is known"
    first, second = project.double.estate.runs
    assert (first.job.name, second.job.name) == ("score customers", "train")
    assert second.started >= first.ends()
    assert all(count == 1 for count in project.double.triggers.values())

    _cost_is_told_when_the_bill_is_there(project)
    kept = [path.read_bytes() for path in (project.root / ".penstock").rglob("*") if path.is_file()]
    assert not any(project.double.token.encode() in content for content in kept)
    assert project.double.token not in done.out + done.err + project("doctor").out


def _cost_is_told_when_the_bill_is_there(project: Project) -> None:
    open_tables(project.double)
    first = project.double.estate.runs[0]
    hour = time.time() - 1860  # what ends in the very second of the question is told next time
    bill(project.double, hour - 1800, 3.0, run=first.run_id)
    bill(project.double, hour - 1800, 8.0, warehouse="abc")
    told = project("cost", "--json").json()
    lines = {line["name"]: line["money"] for line in told["lines"]}
    assert {name: money for name, money in lines.items() if money} == {"customers": {"USD": 1.5}}
    assert told["billing"]["unattributed"] == {"USD": 4.0} and told["billing"]["list_price"]
    project.double.estate.warehouse_state = "STOPPED"
    assert "1.5 USD" in project("runs", "1").out
    assert "1.5 USD" in project("status").out
    by_run = project("cost", "--kept", "--by", "run")
    assert "1.5 USD" in by_run.out and "list price" in by_run.err
    (project.root / ".penstock" / "usage" / "main.msgpack").unlink()
    assert "is not running" in project("cost").err


@pytest.mark.slow
def test_a_job_is_never_started_unless_the_project_says_so(project: Project) -> None:
    project.setting("    start: always\n", "")
    done = project("run", "--start", "always", code=2)
    assert "says never" in done.err
    project.setting("warehouse: main\n", "warehouse: main\n    start: ask\n")
    done = project("run", code=2)
    assert "nobody can be asked here" in done.err
    assert not project.double.triggers


@pytest.mark.slow
def test_a_killed_coordinator_goes_on_with_the_same_run(project: Project) -> None:
    project.job("score customers").seconds = 3600.0
    running = start(project.root, "run", "-s", "customers", env=project.env)
    wait(lambda: project.double.triggers["score customers"] == 1)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    project.job("score customers").seconds = 0.1
    done = project("run", "--resume")
    assert "succeeded" in done.out
    assert project.double.triggers == {"score customers": 1}
    assert not project.double.cancels


@pytest.mark.slow
def test_a_trigger_whose_answer_is_lost_makes_one_run(project: Project) -> None:
    project.double.fault(path="/run-now", method="POST", after=True, drop=True, times=2)
    done = project("run", "-s", "customers")
    assert "succeeded" in done.out
    assert project.double.posts["score customers"] > 1
    assert project.double.triggers == {"score customers": 1}


@pytest.mark.slow
def test_a_run_killed_from_outside_is_told_as_such(project: Project) -> None:
    project.job("score customers").seconds = 3600.0
    running = start(project.root, "run", env=project.env)
    wait(lambda: len(project.double.estate.runs) == 1)
    project.double.estate.runs[0].cancelled_at = time.time()
    out, err = running.communicate(timeout=60)
    assert running.returncode == 1
    assert "somebody else" in str(out) + str(err)
    assert project.double.triggers == {"score customers": 1}


THREE_TOOLS = """
  lake: {type: databricks, host: "${WORKSPACE}", token: "${TOKEN}", catalog: shop}
databricks:
  work:
    warehouse: lake
    start: always
    jobs:
      score customers:
        reads: ["main:shop.marts.customer_revenue"]
        writes: [shop.scores.customers]
"""


@pytest.mark.slow
def test_a_sync_a_model_and_a_job_run_one_after_the_other(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    ignored = shutil.ignore_patterns(".penstock", "*.duckdb", "target", "logs")
    shutil.copytree(ROOT / "examples" / "airbyte_api", root, ignore=ignored)
    (root / ".git").mkdir()
    file = root / "penstock.yml"
    file.write_text(file.read_text().replace("\nairbyte:", THREE_TOOLS + "airbyte:", 1))
    read: list[int] = []

    def begins(run: RunRecord) -> None:
        """What the job would read: the model's rows, of a file that nobody writes any longer."""
        with duckdb.connect(str(root / "shop.duckdb"), read_only=True) as connection:
            row = connection.execute("SELECT count(*) FROM marts.customer_revenue").fetchone()
        read.append(row[0] if row else 0)

    airbyte = AirbyteDouble(shop_estate(root / "shop.duckdb"), land=land_in_duckdb)
    workspace = DatabricksDouble(
        Estate(
            tables=[table("shop.scores.customers", {"id": "bigint", "score": "double"})],
            jobs=[JobRecord(job_id=11, name="score customers", seconds=0.1)],
            started=begins,
        )
    )
    pace = json.dumps({"first": 0.1, "slowest": 0.3, "doubt": 2.0, "limited": 0.3, "recancel": 1.0})
    with airbyte, workspace:
        env = environ(
            AIRBYTE_SERVER=airbyte.url,
            PENSTOCK_AIRBYTE_PACE=pace,
            WORKSPACE=workspace.url,
            TOKEN=workspace.token,
            PENSTOCK_DATABRICKS_PACE=PACE,
        )
        done = penstock(root, "build", "-s", "+customers", env=env)
    assert done.code == 0, done
    assert sum(airbyte.triggers.values()) >= 1
    assert workspace.triggers == {"score customers": 1}
    assert len(read) == 1 and read[0] > 0


WRONG = [
    ("    start: always", "    start: sometimes", "ask, never, always"),
    ("writes: [shop.scores.customers]", "writes: [customers]", "write catalog.schema.table"),
    ("writes: [shop.scores.customers]", "writes: [shop.scores.model]", "two jobs write shop.scores.model"),
    ("warehouse: main", "warehouse: mian", "did you mean 'main'"),
    ("  work:", "  main:", "has the name of its warehouse"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("old", "new", "expected"), WRONG)
def test_a_wrong_word_is_one_clear_line(project: Project, old: str, new: str, expected: str) -> None:
    project.setting(old, new)
    done = project("refresh", code=2)
    assert expected in done.err and "internal error" not in done.err
    assert not project.double.triggers


@pytest.mark.long
def test_what_a_job_writes_is_told_by_the_lineage_of_its_runs_and_kept(project: Project) -> None:
    project.setting(
        "score customers: {reads: [shop.marts.orders], writes: [shop.scores.customers]}",
        "score customers: {}",
    )
    project("refresh")
    assert (
        "what the job 'score customers' writes is not known"
        in penstock(project.root, "doctor", env=project.env).out
    )
    open_tables(project.double)
    lineage(project.double, 11, "shop.marts.orders", "shop.scores.customers")
    lineage(project.double, 12, "shop.scores.customers", "shop.scores.model")
    for state in ("RUNNING", "STOPPED"):
        project.double.estate.warehouse_state = state
        project("refresh")
        plan = project("plan", "-s", "+customers").out
        assert "build     customers" in plan and "orders" in plan


@pytest.mark.slow
def test_a_job_that_is_not_there_or_there_twice_is_a_finding_and_not_run(project: Project) -> None:
    project.setting("id: 12", "id: 99")
    project.double.estate.jobs.append(JobRecord(job_id=13, name="score customers"))
    project("refresh")
    told = penstock(project.root, "doctor", env=project.env)
    assert "there is no job 99" in told.out + told.err
    assert "2 jobs in" in told.out + told.err
    done = penstock(project.root, "run", env=project.env)
    assert done.code == 2 and "internal error" not in done.err
    assert not project.double.posts
