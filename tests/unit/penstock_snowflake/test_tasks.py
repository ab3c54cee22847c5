"""Tasks under faults: lost answers, runs of others, cancels, graphs. What counts is how many runs there are."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from penstock.errors import ToolError
from penstock.integration import Connection, Handle, Outcome, Reused
from penstock.integration.jobs import ProblemKind, RemoteProblem, Trigger
from penstock_snowflake.tasks.api import TasksApi
from penstock_snowflake.tasks.graph import TaskGraph
from tests.doubles.snowflake.estate import Estate
from tests.doubles.snowflake.server import SnowflakeDouble
from tests.doubles.snowflake.tasks import Behaviour
from tests.tools.jobs import KEY, PACE, JobAttempt, run, until

GRAPH = TaskGraph(
    database="SHOP",
    schema="JOBS",
    root="SCORE",
    id="id-SCORE",
    predecessors={"SCORE": (), "LEFT": ("SCORE",), "BOTH": ("LEFT", "SCORE")},
)


class Died(Exception):
    """The process is gone."""


class Attempt(JobAttempt):
    """An attempt at the graph of the task SCORE."""

    def __init__(self, double: SnowflakeDouble, root: Path, **payload: Any) -> None:
        connection = Connection(
            type="snowflake", settings=double.settings(database="SHOP", schema="JOBS"), base=root
        )
        job = msgspec.json.encode(GRAPH).decode()
        super().__init__(lambda: TasksApi(connection, PACE.doubt), root, job, **payload)
        self.connection, self.job = connection, job
        self.tasks = double.estate.tasks

    @property
    def started(self) -> int:
        return self.tasks.started["SCORE"]


@pytest.fixture
def estate() -> Estate:
    estate = Estate()
    estate.task(("SHOP", "JOBS", "SCORE"), "insert into SCORES select 1")
    estate.task(("SHOP", "JOBS", "LEFT"), "select 1", predecessors='["SHOP.JOBS.SCORE"]')
    estate.task(("SHOP", "JOBS", "BOTH"), "select 1", predecessors='["SHOP.JOBS.SCORE","SHOP.JOBS.LEFT"]')
    return estate


def test_the_whole_graph_is_one_run_and_carries_its_parameters(
    double: SnowflakeDouble, tmp_path: Path
) -> None:
    attempt = Attempt(double, tmp_path, parameters={"day": "it's \\ 1"})
    assert asyncio.run(attempt.whole()).outcome is Outcome.SUCCESS
    (made,) = attempt.tasks.runs
    assert msgspec.json.decode(made.config or "")["day"] == "it's \\ 1"
    states = [(row["name"], row["state"]) for row in attempt.tasks.rows()]
    assert states == [("SCORE", "SUCCEEDED"), ("LEFT", "SUCCEEDED"), ("BOTH", "SUCCEEDED")]


@pytest.mark.parametrize("config", [True, False])
@pytest.mark.parametrize("after", [True, False])
def test_a_start_whose_answer_is_lost_makes_one_run(
    double: SnowflakeDouble, tmp_path: Path, after: bool, config: bool
) -> None:
    """The process dies with the answer; the next one looks into the history, where the statement is or is not."""

    async def work() -> None:
        attempt = Attempt(double, tmp_path)
        double.estate.history_tells_config = config
        first = attempt.runner()
        handle = await attempt.begun(first)
        api = first._api
        sent = api.start

        def dies(trigger: Any) -> str:
            if after:
                sent(trigger)
            raise Died

        api.start = dies  # type: ignore[method-assign]
        with pytest.raises(Died):
            await attempt.followed(first, handle)
        found = await (second := attempt.runner()).find(attempt.step, KEY, attempt.intent)
        assert isinstance(found, Handle)
        assert (await attempt.followed(second, found)).outcome is Outcome.SUCCESS
        assert attempt.started == 1

    run(work)


def test_a_history_that_comes_late_is_as_old_as_its_question(double: SnowflakeDouble, tmp_path: Path) -> None:
    """Read before the statement arrived, told when the doubt is over: a second start would make a second run."""
    attempt = Attempt(double, tmp_path)
    asked = len(double.statements)
    # By this clock a minute passes while the history is read.
    api = TasksApi(
        attempt.connection, doubt=30.0, clock=lambda: 1e9 if len(double.statements) == asked else 1e9 + 60
    )
    with pytest.raises(RemoteProblem, match="not known yet"):
        api.earlier(Trigger(job=attempt.job, token="t", parameters={}, first_at=1e9, last_at=1e9))
    assert len(double.statements) > asked
    api.close()


def test_a_start_may_have_arrived_until_its_answer_failed(double: SnowflakeDouble, tmp_path: Path) -> None:
    """Doubt counts from then, not from when the start was sent."""

    async def work() -> None:
        attempt = Attempt(double, tmp_path)
        first = attempt.runner()
        handle = await attempt.begun(first)
        failed_at = 0.0

        def fails(trigger: Trigger) -> str:
            nonlocal failed_at
            if failed_at:
                raise Died
            time.sleep(0.05)
            failed_at = time.time()
            raise RemoteProblem(ProblemKind.SERVER, "no answer")

        first._api.start = fails  # type: ignore[method-assign]
        first._api.earlier = lambda trigger: None  # type: ignore[method-assign]
        with pytest.raises(Died):
            await attempt.followed(first, handle)
        (mark,) = tmp_path.rglob("trigger.json")
        told = msgspec.json.decode(mark.read_bytes())
        assert told["first_at"] < failed_at <= told["last_at"]

    run(work)


def test_another_process_goes_on_with_the_same_run(double: SnowflakeDouble, tmp_path: Path) -> None:
    async def work() -> None:
        attempt = Attempt(double, tmp_path)
        attempt.tasks.behaviours["SCORE"] = Behaviour(seconds=1.0)
        first = attempt.runner()
        following = asyncio.create_task(attempt.followed(first, await attempt.begun(first)))
        await until(lambda: attempt.started == 1)
        following.cancel()
        found = await (second := attempt.runner()).find(attempt.step, KEY, attempt.intent)
        assert isinstance(found, Handle)
        assert (await attempt.followed(second, found)).outcome is Outcome.SUCCESS
        assert attempt.started == 1

    run(work)


def test_another_machine_finds_the_run_by_its_tag(double: SnowflakeDouble, tmp_path: Path) -> None:
    """Also one of the same name: a container that begins again without its disk."""

    async def work() -> None:
        (tmp_path / "one").mkdir()
        (tmp_path / "two").mkdir()
        attempt = Attempt(double, tmp_path / "one")
        await attempt.whole()
        there = Attempt(double, tmp_path / "two")
        found = await (runner := there.runner()).find(there.step, KEY, attempt.intent)
        assert isinstance(found, Handle)
        assert (await there.followed(runner, found)).outcome is Outcome.SUCCESS
        assert attempt.started == 1

    run(work)


def test_our_run_is_cancelled_task_by_task(double: SnowflakeDouble, tmp_path: Path) -> None:
    async def work() -> None:
        attempt = Attempt(double, tmp_path)
        attempt.tasks.behaviours["LEFT"] = Behaviour(seconds=3600.0)
        runner = attempt.runner()
        following = asyncio.create_task(attempt.followed(runner, handle := await attempt.begun(runner)))
        await until(lambda: any(row["name"] == "LEFT" for row in attempt.tasks.rows()))
        await runner.cancel(handle)
        assert (await following).outcome is Outcome.CANCELLED
        assert attempt.tasks.cancels["LEFT"] >= 1 and not attempt.tasks.cancels["SCORE"]

    run(work)


def test_a_cancel_starts_nothing(double: SnowflakeDouble, tmp_path: Path) -> None:
    """The start did not arrive: what is to be cancelled is looked for, and not begun."""

    async def work() -> None:
        attempt = Attempt(double, tmp_path)
        runner = attempt.runner()
        handle = await attempt.begun(runner)
        api, tried = runner._api, []
        sent = api.start

        def unreachable(trigger: Any) -> str:
            tried.append(trigger)
            raise RemoteProblem(ProblemKind.UNREACHABLE, "no answer")

        api.start = unreachable  # type: ignore[method-assign]
        following = asyncio.create_task(attempt.followed(runner, handle))
        await until(lambda: bool(tried))
        api.start = sent  # type: ignore[method-assign]
        await runner.cancel(handle)
        assert (await following).outcome is Outcome.CANCELLED
        assert attempt.started == 0 and "no run was started" in attempt.told

    run(work)


@pytest.mark.parametrize(
    ("how", "outcome", "told"),
    [
        (Behaviour(result="FAILED", error="division by zero"), Outcome.ERROR, "LEFT: division by zero"),
        (Behaviour(result="CANCELLED"), Outcome.CANCELLED, "somebody else"),
        (Behaviour(word="HIBERNATING"), Outcome.SUCCESS, "HIBERNATING"),
    ],
)
def test_how_a_graph_ends(
    double: SnowflakeDouble, tmp_path: Path, how: Behaviour, outcome: Outcome, told: str
) -> None:
    attempt = Attempt(double, tmp_path)
    attempt.tasks.behaviours["LEFT"] = how
    assert asyncio.run(attempt.whole()).outcome is outcome
    assert told in attempt.told


def test_a_run_of_the_schedule_is_waited_for_and_a_recent_one_serves(
    double: SnowflakeDouble, tmp_path: Path
) -> None:
    async def work() -> None:
        how = double.estate.tasks.behaviours["SCORE"] = Behaviour(seconds=3600.0)
        double.estate.tasks.start(("SHOP", "JOBS", "SCORE"), by="SCHEDULE")
        attempt = Attempt(double, tmp_path)
        following = asyncio.create_task(attempt.whole())
        await until(lambda: "waiting for run 7000" in attempt.told)
        how.seconds = 0.1
        assert (await following).outcome is Outcome.SUCCESS
        runner = Attempt(double, tmp_path / "new", max_age=3600.0).runner()
        reused = await runner.start(
            Attempt(double, tmp_path, max_age=3600.0).step, KEY, await runner.prepare(attempt.step, KEY)
        )
        assert isinstance(reused, Reused) and attempt.started == 2

    run(work)


def test_nothing_is_started_without_permission(double: SnowflakeDouble, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="says never"):
        asyncio.run(Attempt(double, tmp_path, may_start=False).whole())
    assert not double.estate.tasks.started


def test_a_task_that_is_not_there_or_a_password_that_is_wrong_is_one_line(
    double: SnowflakeDouble, tmp_path: Path
) -> None:
    double.estate.rows("DELETE FROM meta.main.tasks")
    finished = asyncio.run(Attempt(double, tmp_path).whole())
    assert finished.outcome is Outcome.ERROR and "does not exist" in str(finished.message)
    attempt = Attempt(double, tmp_path)
    double.estate.users["PENSTOCK"] = "another"
    with pytest.raises(ToolError, match="password is wrong"):
        asyncio.run(attempt.whole())
