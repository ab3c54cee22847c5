"""Others work on the same Airbyte: their jobs are adopted, waited for or reused, and only our own is cancelled."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from penstock.errors import ToolError
from penstock.integration import Finished, Handle, LogLine, Outcome, Phase, Reused
from tests.doubles.airbyte import AirbyteDouble
from tests.unit.penstock_airbyte_api.attempts import CONNECTION, KEY, Attempt, estate

pytestmark = pytest.mark.together
LONG = 3600.0  # a job that has not ended by itself when it is first seen, however long that takes


async def _whole_beside_another(attempt: Attempt, said: str) -> Finished | Reused:
    """The job that goes on there, for as long as it has to, ends once that has been said of it."""
    running = asyncio.create_task(attempt.whole())
    while not any(isinstance(event, Phase) and said in event.message for event in attempt.events):
        assert not running.done(), attempt.events
        await asyncio.sleep(0.01)
    with attempt.double.lock:
        attempt.double.estate.connections[0].sync_seconds = 0.15
        attempt.double.estate.jobs[0].script = [(0.0, "succeeded")]
    return await running


def test_a_running_sync_is_adopted(tmp_path: Path) -> None:
    with AirbyteDouble(estate(sync_seconds=LONG)) as double:
        double.estate.add_job(double.estate.connections[0], "sync", double.clock(), by="schedule")
        attempt = Attempt(double, tmp_path)
        last = asyncio.run(_whole_beside_another(attempt, "job 1 "))
        assert isinstance(last, Finished) and last.outcome is Outcome.SUCCESS
        assert attempt.triggers == 0


@pytest.mark.parametrize("kind", ["reset", "clear", "refresh"])
def test_what_empties_tables_is_waited_for(kind: str, tmp_path: Path) -> None:
    with AirbyteDouble(estate(sync_seconds=LONG)) as double:
        double.estate.add_job(double.estate.connections[0], kind, double.clock(), by="somebody")
        attempt = Attempt(double, tmp_path, max_age=3600.0)
        last = asyncio.run(_whole_beside_another(attempt, f"waiting for job 1 ({kind})"))
        assert isinstance(last, Finished) and last.outcome is Outcome.SUCCESS
        assert attempt.triggers == 1


def test_a_sync_that_is_not_to_be_adopted_is_waited_for(tmp_path: Path) -> None:
    with AirbyteDouble(estate(sync_seconds=LONG)) as double:
        double.estate.add_job(double.estate.connections[0], "sync", double.clock(), by="schedule")
        attempt = Attempt(double, tmp_path, adopt=False)
        last = asyncio.run(_whole_beside_another(attempt, "waiting for job 1 (sync)"))
        assert isinstance(last, Finished) and last.outcome is Outcome.SUCCESS
        assert attempt.triggers == 1 and len(double.estate.jobs) == 2


@pytest.mark.parametrize("end", ["cancelled", "failed"])
def test_a_job_that_another_replaces(end: str, tmp_path: Path) -> None:
    async def scenario(attempt: Attempt) -> Finished | Reused:
        running = asyncio.create_task(attempt.whole())
        while not double.estate.jobs:  # noqa: ASYNC110  # the server is a thread: nothing here can be awaited
            await asyncio.sleep(0.01)
        with double.lock:
            double.estate.jobs[0].script = [(0.0, end)]
            double.estate.connections[0].sync_seconds = 0.15
            double.estate.add_job(double.estate.connections[0], "sync", double.clock(), by="Airbyte")
        return await running

    with AirbyteDouble(estate(sync_seconds=LONG)) as double:
        attempt = Attempt(double, tmp_path)
        last = asyncio.run(scenario(attempt))
        assert isinstance(last, Finished) and last.outcome is Outcome.SUCCESS
        assert (attempt.triggers, attempt.cancels) == (1, 0)
        told = [event.message for event in attempt.events if isinstance(event, LogLine)]
        assert any("taken its place" in line for line in told)


@pytest.mark.parametrize("status", ["inactive", "locked", "deprecated", "hibernating"])
def test_a_connection_that_is_not_active_fails_before_the_trigger(status: str, tmp_path: Path) -> None:
    with AirbyteDouble(estate(status=status)) as double:
        attempt = Attempt(double, tmp_path)
        with pytest.raises(ToolError, match="no sync was started"):
            asyncio.run(attempt.whole())
        assert not [one for one in double.seen if one.method == "POST" and one.path.endswith("/jobs")]


def test_nothing_is_started_where_that_is_not_permitted(tmp_path: Path) -> None:
    with AirbyteDouble(estate()) as double:
        attempt = Attempt(double, tmp_path, may_start=False)
        with pytest.raises(ToolError, match="not permitted"):
            asyncio.run(attempt.whole())
        assert attempt.triggers == 0


# ---------------------------------------------------------------- reuse

# (jobs as (kind, seconds ago, end), max_age, changed seconds ago, server's clock ahead) -> reused job
REUSE: list[tuple[list[tuple[str, float, str]], float | None, float | None, float, int | None]] = [
    ([("sync", 60, "succeeded")], 3600, None, 0, 1),
    ([("sync", 60, "succeeded")], 3600, None, 7200, 1),
    ([("sync", 60, "succeeded")], 3600, None, -7200, 1),
    ([("sync", 60, "succeeded")], None, None, 0, None),
    ([("sync", 7200, "succeeded")], 3600, None, 0, None),
    ([("sync", 60, "failed")], 3600, None, 0, None),
    ([("sync", 60, "succeeded")], 3600, 30, 0, None),
    ([("sync", 60, "succeeded")], 3600, 90, 0, 1),
    ([("sync", 120, "succeeded"), ("reset", 60, "succeeded")], 3600, None, 0, None),
    ([("sync", 120, "succeeded"), ("clear", 60, "succeeded")], 3600, None, 0, None),
    ([("sync", 120, "succeeded"), ("reset", 60, "failed")], 3600, None, 0, 1),
    ([("reset", 120, "succeeded"), ("sync", 60, "succeeded")], 3600, None, 0, 2),
    ([("sync", 120, "succeeded"), ("sync", 60, "failed")], 3600, None, 0, 1),
    ([("sync", 120, "succeeded"), ("sync", 60, "succeeded")], 3600, None, 0, 2),
]


@pytest.mark.parametrize(("jobs", "max_age", "changed", "skew", "reused"), REUSE)
def test_a_recent_sync_serves(
    jobs: list[tuple[str, float, str]],
    max_age: float | None,
    changed: float | None,
    skew: float,
    reused: int | None,
    tmp_path: Path,
) -> None:
    with AirbyteDouble(estate(), skew=skew) as double:
        now = double.clock()
        for kind, ago, end in jobs:
            job = double.estate.add_job(double.estate.connections[0], kind, now - ago, by="schedule")
            job.script = [(1.0, end)]
        told = None if changed is None else now + skew - changed
        attempt = Attempt(double, tmp_path, max_age=max_age, changed=told, scheduled=True)
        last = asyncio.run(attempt.whole())
        if reused is None:
            assert isinstance(last, Finished) and last.outcome is Outcome.SUCCESS
            assert attempt.triggers == 1
        else:
            assert isinstance(last, Reused)
            assert last.provenance.job == f"job {reused}" and last.provenance.by == "schedule"
            assert last.provenance.ended_at == pytest.approx(
                now - [ago for _, ago, _ in jobs][reused - 1] + 1, abs=25
            )
            assert attempt.triggers == 0


# ---------------------------------------------------------------- cancelling


async def _cancelled(attempt: Attempt) -> Finished:
    runner = attempt.runner()
    attempt.intent = await runner.prepare(attempt.step, KEY)
    handle = await runner.start(attempt.step, KEY, attempt.intent)
    assert isinstance(handle, Handle)

    async def follow() -> None:
        async for event in runner.events(handle):
            attempt.events.append(event)

    following = asyncio.create_task(follow())
    await asyncio.sleep(0.1)
    await runner.cancel(handle)
    await following
    await runner.close(detach=False)
    last = attempt.events[-1]
    assert isinstance(last, Finished)
    return last


CANCELS: dict[str, dict[str, Any] | None] = {
    "plain": None,
    "answer lost": {"status": 502, "after": True},
    "refused once": {"status": 502},
    "dropped": {"drop": True, "after": True},
}


@pytest.mark.parametrize("fault", CANCELS)
def test_our_own_job_is_cancelled(fault: str, tmp_path: Path) -> None:
    with AirbyteDouble(estate(sync_seconds=LONG)) as double:
        attempt = Attempt(double, tmp_path)
        words = CANCELS[fault]
        if words is not None:
            double.fault(path="/jobs/", method="DELETE", **words)
        last = asyncio.run(_cancelled(attempt))
        assert last.outcome is Outcome.CANCELLED
        assert attempt.cancels == 1


def test_a_job_of_somebody_else_goes_on(tmp_path: Path) -> None:
    with AirbyteDouble(estate(sync_seconds=LONG)) as double:
        double.estate.add_job(double.estate.connections[0], "sync", double.clock(), by="schedule")
        attempt = Attempt(double, tmp_path)
        last = asyncio.run(_cancelled(attempt))
        assert last.outcome is Outcome.CANCELLED and "goes on in Airbyte" in str(last.message)
        assert attempt.cancels == 0


def test_a_presumed_job_goes_on(tmp_path: Path) -> None:
    with AirbyteDouble(estate(sync_seconds=LONG)) as double:
        attempt = Attempt(double, tmp_path)
        double.fault(path="/jobs$", method="POST", status=502, after=True)
        last = asyncio.run(_cancelled(attempt))
        assert last.outcome is Outcome.CANCELLED
        assert (attempt.triggers, attempt.cancels) == (1, 0)


def test_the_successor_of_our_job_is_not_cancelled(tmp_path: Path) -> None:
    """DELETE stops whatever the connection runs: it is not sent once that is another job than ours."""

    async def scenario(attempt: Attempt) -> None:
        runner = attempt.runner()
        attempt.intent = await runner.prepare(attempt.step, KEY)
        handle = await runner.start(attempt.step, KEY, attempt.intent)
        assert isinstance(handle, Handle)
        with double.lock:
            double.estate.jobs[0].script = [(0.0, "failed")]
            double.estate.add_job(double.estate.connections[0], "sync", double.clock(), by="schedule")
        await runner.cancel(handle)
        await runner.close(detach=False)

    with AirbyteDouble(estate(sync_seconds=LONG)) as double:
        attempt = Attempt(double, tmp_path)
        asyncio.run(scenario(attempt))
        assert attempt.cancels == 0
        assert double.estate.jobs[1].status(double.clock()) == "running" or not double.estate.jobs[1].over(
            double.clock()
        )


def test_a_job_that_ended_first_keeps_its_end(tmp_path: Path) -> None:
    with AirbyteDouble(estate(sync_seconds=0.05)) as double:
        attempt = Attempt(double, tmp_path)
        last = asyncio.run(_cancelled(attempt))
        assert last.outcome is Outcome.SUCCESS
        assert attempt.cancels == 0


def test_detaching_leaves_the_job(tmp_path: Path) -> None:
    async def scenario(attempt: Attempt) -> None:
        runner = attempt.runner()
        attempt.intent = await runner.prepare(attempt.step, KEY)
        handle = await runner.start(attempt.step, KEY, attempt.intent)
        assert isinstance(handle, Handle)
        await runner.close(detach=True)

    with AirbyteDouble(estate(sync_seconds=LONG)) as double:
        attempt = Attempt(double, tmp_path)
        asyncio.run(scenario(attempt))
        assert attempt.cancels == 0 and not double.estate.jobs[0].over(double.clock())
        assert CONNECTION in double.triggers
