"""Jobs under faults: lost answers, runs of others, cancels, words that nobody knows. What counts is how many runs there are."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from penstock.errors import ToolError
from penstock.integration import (
    Connection,
    Handle,
    Outcome,
    Reused,
)
from penstock_databricks.client import Client
from penstock_databricks.jobs.api import JobsApi
from tests.doubles.databricks import DatabricksDouble, Estate, JobRecord
from tests.tools.jobs import KEY, JobAttempt, run, until

LONG = 3600.0  # a run that has not ended by itself when it is first seen, however long that takes


class Attempt(JobAttempt):
    def __init__(self, double: DatabricksDouble, root: Path, **payload: Any) -> None:
        settings: dict[str, object] = {"host": double.url, "token": double.token}
        connection = Connection(type="databricks", settings=settings, base=root)
        super().__init__(lambda: JobsApi(Client(connection)), root, "11", **payload)
        self.double = double

    @property
    def job(self) -> JobRecord:
        return self.double.estate.jobs[0]

    @property
    def started(self) -> int:
        return self.double.triggers["score"]


@pytest.fixture
def double() -> Iterator[DatabricksDouble]:
    with DatabricksDouble(Estate(jobs=[JobRecord(job_id=11, name="score")])) as started:
        yield started


LOST = [
    {"drop": True, "after": True},
    {"status": 502, "after": True, "body": "<html>"},
    {"status": 500, "after": True, "body": {"error_code": "INTERNAL_ERROR", "message": "oops"}},
    {"status": 429, "headers": {"Retry-After": "0"}},
    {"status": 200, "after": True, "body": {}},
]


@pytest.mark.parametrize("fault", LOST)
def test_a_trigger_whose_answer_is_lost_makes_one_run(
    double: DatabricksDouble, tmp_path: Path, fault: dict[str, Any]
) -> None:
    double.fault(path="/run-now", **fault)
    attempt = Attempt(double, tmp_path)
    assert asyncio.run(attempt.whole()).outcome is Outcome.SUCCESS
    assert attempt.started == 1


def test_another_process_goes_on_with_the_same_run(double: DatabricksDouble, tmp_path: Path) -> None:
    async def work() -> None:
        attempt = Attempt(double, tmp_path)
        attempt.job.seconds = 1.0
        first = attempt.runner()
        handle = await attempt.begun(first)
        following = asyncio.create_task(attempt.followed(first, handle))
        await until(lambda: attempt.started == 1)
        following.cancel()
        second = attempt.runner()
        found = await second.find(attempt.step, KEY, attempt.intent)
        assert isinstance(found, Handle)
        assert (await attempt.followed(second, found)).outcome is Outcome.SUCCESS
        assert attempt.started == 1

    run(work)


def test_what_was_never_sent_is_told_as_never_started(double: DatabricksDouble, tmp_path: Path) -> None:
    async def work() -> None:
        attempt = Attempt(double, tmp_path)
        runner = attempt.runner()
        intent = await runner.prepare(attempt.step, KEY)
        assert await attempt.runner().find(attempt.step, KEY, intent) is None

    run(work)


def test_another_machine_finds_the_run_by_its_token(double: DatabricksDouble, tmp_path: Path) -> None:
    async def work() -> None:
        (tmp_path / "one").mkdir()
        (tmp_path / "two").mkdir()
        attempt = Attempt(double, tmp_path / "one")
        await attempt.whole()
        there = Attempt(double, tmp_path / "two")
        runner = there.runner()
        found = await runner.find(there.step, KEY, attempt.intent)
        assert isinstance(found, Handle)
        assert (await there.followed(runner, found)).outcome is Outcome.SUCCESS
        assert attempt.started == 1

    run(work)


def test_a_run_of_somebody_else_is_waited_for(double: DatabricksDouble, tmp_path: Path) -> None:
    async def work() -> None:
        double.estate.jobs[0].seconds = LONG
        other = double.estate.start(double.estate.jobs[0], by="schedule")
        attempt = Attempt(double, tmp_path)
        running = asyncio.create_task(attempt.whole())
        await until(lambda: f"waiting for run {other.run_id}" in attempt.told)
        assert attempt.started == 0
        double.estate.jobs[0].seconds = 0.1
        assert (await running).outcome is Outcome.SUCCESS
        assert attempt.started == 1
        assert double.estate.runs[-1].started >= other.ends()

    run(work)


def test_a_run_of_somebody_else_is_adopted_where_that_is_wanted_and_not_cancelled(
    double: DatabricksDouble, tmp_path: Path
) -> None:
    async def work() -> None:
        double.estate.jobs[0].seconds = LONG
        double.estate.start(double.estate.jobs[0], by="schedule")
        attempt = Attempt(double, tmp_path, adopt=True)
        runner = attempt.runner()
        following = asyncio.create_task(attempt.followed(runner, handle := await attempt.begun(runner)))
        await asyncio.sleep(0.2)
        await runner.cancel(handle)
        assert (await following).outcome is Outcome.CANCELLED
        assert "started by somebody else" in attempt.told
        assert not double.cancels and attempt.started == 0

    run(work)


def test_our_run_is_cancelled_and_the_end_awaited(double: DatabricksDouble, tmp_path: Path) -> None:
    async def work() -> None:
        attempt = Attempt(double, tmp_path)
        attempt.job.seconds = LONG
        runner = attempt.runner()
        following = asyncio.create_task(attempt.followed(runner, handle := await attempt.begun(runner)))
        await until(lambda: attempt.started == 1)
        await runner.cancel(handle)
        assert (await following).outcome is Outcome.CANCELLED
        assert double.cancels["score"] >= 1
        assert not double.estate.active(attempt.job)

    run(work)


def test_a_run_whose_number_was_never_heard_is_cancelled_all_the_same(
    double: DatabricksDouble, tmp_path: Path
) -> None:
    async def work() -> None:
        attempt = Attempt(double, tmp_path)
        attempt.job.seconds = LONG
        double.fault(path="/run-now", after=True, status=502, body="<html>", times=5)
        runner = attempt.runner()
        following = asyncio.create_task(attempt.followed(runner, handle := await attempt.begun(runner)))
        await until(lambda: attempt.started == 1)
        await runner.cancel(handle)
        assert (await following).outcome is Outcome.CANCELLED
        assert attempt.started == 1
        assert not double.estate.active(attempt.job)

    run(work)


def test_a_state_that_nobody_knows_counts_as_running(double: DatabricksDouble, tmp_path: Path) -> None:
    double.estate.jobs[0].state = "HIBERNATING"
    attempt = Attempt(double, tmp_path)
    assert asyncio.run(attempt.whole()).outcome is Outcome.SUCCESS
    assert "HIBERNATING" in attempt.told


@pytest.mark.parametrize(
    ("result", "code", "outcome", "retryable"),
    [
        ("FAILED", "RUN_EXECUTION_ERROR", Outcome.ERROR, False),
        ("TIMEDOUT", "", Outcome.ERROR, False),
        ("SUCCESS_WITH_FAILURES", "SUCCESS_WITH_FAILURES", Outcome.WARN, True),
        ("CANCELED", "USER_CANCELED", Outcome.CANCELLED, False),
    ],
)
def test_how_a_run_ends(
    double: DatabricksDouble, tmp_path: Path, result: str, code: str, outcome: Outcome, retryable: bool
) -> None:
    double.estate.jobs[0].result, double.estate.jobs[0].code = result, code
    finished = asyncio.run(Attempt(double, tmp_path).whole())
    assert (finished.outcome, finished.retryable) == (outcome, retryable)


def test_a_job_that_is_deleted_before_it_starts_is_one_line(double: DatabricksDouble, tmp_path: Path) -> None:
    double.estate.jobs.clear()
    attempt = Attempt(double, tmp_path)
    finished = asyncio.run(attempt.whole())
    assert finished.outcome is Outcome.ERROR
    assert "was not started" in str(finished.message) and "does not exist" in str(finished.message)


def test_a_run_that_is_deleted_while_it_goes_on_is_not_started_again(
    double: DatabricksDouble, tmp_path: Path
) -> None:
    async def work() -> None:
        attempt = Attempt(double, tmp_path)
        attempt.job.seconds = LONG
        runner = attempt.runner()
        following = asyncio.create_task(attempt.followed(runner, await attempt.begun(runner)))
        await until(lambda: attempt.started == 1)
        double.estate.runs.clear()
        finished = await following
        assert finished.outcome is Outcome.ERROR and not finished.retryable
        assert "deleted" in str(finished.message)

    run(work)


def test_silence_for_longer_than_patience_is_not_tried_again(
    double: DatabricksDouble, tmp_path: Path
) -> None:
    double.fault(path="/runs/get", status=503, times=None)
    attempt = Attempt(double, tmp_path, patience=0.3)
    finished = asyncio.run(attempt.whole())
    assert finished.outcome is Outcome.ERROR and not finished.retryable
    assert "may still go on" in str(finished.message)


def test_a_recent_run_serves_and_an_old_one_does_not(double: DatabricksDouble, tmp_path: Path) -> None:
    async def work() -> None:
        record = double.estate.start(double.estate.jobs[0], by="schedule")
        record.started -= 60
        attempt = Attempt(double, tmp_path, max_age=3600.0)
        runner = attempt.runner()
        reused = await runner.start(attempt.step, KEY, await runner.prepare(attempt.step, KEY))
        assert isinstance(reused, Reused) and str(record.run_id) in reused.provenance.job
        record.started -= 7200
        assert isinstance(await attempt.begun(attempt.runner()), Handle)

    run(work)


def test_nothing_is_started_without_permission(double: DatabricksDouble, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="says never"):
        asyncio.run(Attempt(double, tmp_path, may_start=False).whole())
    assert not double.posts
