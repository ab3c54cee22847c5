"""A Databricks workspace from the command line: its catalog joined with dbt's documents, its jobs run, against the stand-in."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.doubles.databricks import DatabricksDouble, Estate, JobRecord, table
from tests.tools.command import Done, environ, penstock, start

PACE = json.dumps({"first": 0.05, "slowest": 0.2, "limited": 0.2, "recancel": 0.5})

PROJECT = """
name: shop
warehouses:
  main: {type: databricks, host: "${WORKSPACE}", token: "${TOKEN}", catalog: shop}
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


def wait(until: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not until():
        assert time.monotonic() < end
        time.sleep(0.02)


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

    done = project("run")
    assert "succeeded" in done.out
    first, second = project.double.estate.runs
    assert (first.job.name, second.job.name) == ("score customers", "train")
    assert second.started >= first.ends()
    assert all(count == 1 for count in project.double.triggers.values())

    kept = [path.read_bytes() for path in (project.root / ".penstock").rglob("*") if path.is_file()]
    assert not any(project.double.token.encode() in content for content in kept)
    assert project.double.token not in done.out + done.err + project("doctor").out


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
    project.job("score customers").seconds = 4.0
    running = start(project.root, "run", "-s", "customers", env=project.env)
    wait(lambda: project.double.triggers["score customers"] == 1)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
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
    project.job("score customers").seconds = 30.0
    running = start(project.root, "run", env=project.env)
    wait(lambda: len(project.double.estate.runs) == 1)
    project.double.estate.runs[0].cancelled_at = time.time()
    out, err = running.communicate(timeout=60)
    assert running.returncode == 1
    assert "somebody else" in str(out) + str(err)
    assert project.double.triggers == {"score customers": 1}
