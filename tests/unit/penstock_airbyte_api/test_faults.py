"""Outages, races, restarts: at most one accepted trigger per attempt, no healthy sync failed or cancelled. Each case is scripted."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from penstock.errors import ToolError
from penstock.integration import Finished, Handle, Outcome, Phase
from tests.doubles.airbyte import AirbyteDouble
from tests.unit.penstock_airbyte_api.attempts import Attempt, estate

pytestmark = pytest.mark.together

HTML = {"status": 200, "body": "<!doctype html><title>Airbyte</title>"}
CONFLICT = {
    "status": 409,
    "body": {"title": "state-conflict", "data": {"message": "Could not fulfill request"}},
}
LOST: dict[str, dict[str, Any]] = {
    "bad gateway": {"status": 502, "body": "<html>502</html>"},
    "server error": {"status": 500, "body": {"title": "unexpected-problem"}},
    "unavailable": {"status": 503},
    "gateway time-out": {"status": 504},
    "dropped": {"drop": True},
    "a page": HTML,
    "conflict": CONFLICT,
    "too slow": {"delay": 0.7, "only_delay": True},
}
STARTED = {name: words for name, words in LOST.items() if name != "too slow"}
ENDS: dict[str, tuple[dict[str, Any], Outcome]] = {
    "succeeds": ({}, Outcome.SUCCESS),
    "fails": ({"ends_as": "failed"}, Outcome.ERROR),
    "is cancelled by a person": ({"ends_as": "cancelled"}, Outcome.CANCELLED),
    "is tried again by Airbyte": (
        {"script": [(0, "running"), (0.05, "incomplete"), (0.1, "running"), (0.15, "succeeded")]},
        Outcome.SUCCESS,
    ),
    "has a status of the future": (
        {"script": [(0, "pending"), (0.05, "warming_up"), (0.15, "succeeded")]},
        Outcome.SUCCESS,
    ),
    "is queued for long": ({"script": [(0, "queued"), (0.3, "succeeded")]}, Outcome.SUCCESS),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_sync_ends_as_airbyte_says(end: str, tmp_path: Path) -> None:
    words, outcome = ENDS[end]
    with AirbyteDouble(estate(**words)) as double:
        attempt = Attempt(double, tmp_path)
        last = asyncio.run(attempt.whole())
        assert isinstance(last, Finished) and last.outcome is outcome
        assert (attempt.triggers, attempt.cancels) == (1, 0)
        assert last.rows == (7 if outcome is Outcome.SUCCESS else None)


@pytest.mark.parametrize("made", [True, False], ids=["job made", "no job made"])
@pytest.mark.parametrize("fault", LOST)
def test_a_lost_answer_to_the_trigger(fault: str, made: bool, tmp_path: Path) -> None:
    """The job is looked up; only after lists have stayed empty is the trigger sent again."""
    with AirbyteDouble(estate()) as double:
        attempt = Attempt(double, tmp_path, timeout=0.4)
        double.fault(path="/jobs$", method="POST", after=made, **LOST[fault])
        last = asyncio.run(attempt.whole())
        assert isinstance(last, Finished) and last.outcome is Outcome.SUCCESS
        assert (attempt.triggers, attempt.cancels) == (1, 0)


@pytest.mark.parametrize("late", [0.1, 0.3])
@pytest.mark.parametrize("fault", STARTED)
def test_a_job_that_appears_late(fault: str, late: float, tmp_path: Path) -> None:
    with AirbyteDouble(estate(visible_after=late, sync_seconds=0.5)) as double:
        attempt = Attempt(double, tmp_path)
        double.fault(path="/jobs$", method="POST", after=True, **STARTED[fault])
        last = asyncio.run(attempt.whole())
        assert isinstance(last, Finished) and last.outcome is Outcome.SUCCESS
        assert attempt.triggers == 1


def test_an_old_list_does_not_end_the_doubt(tmp_path: Path) -> None:
    """The second list is made before the job is in it, and arrives when the doubt is over."""
    with AirbyteDouble(estate(visible_after=0.3, sync_seconds=0.5)) as double:
        attempt = Attempt(double, tmp_path)
        double.fault(path="/jobs$", method="POST", after=True, **CONFLICT)
        double.fault(path="/jobs$", method="GET", skip=9, delay=0.8, only_delay=True)
        last = asyncio.run(attempt.whole())
        assert isinstance(last, Finished) and last.outcome is Outcome.SUCCESS
        assert attempt.triggers == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_a_refused_trigger_ends_the_attempt(status: int, tmp_path: Path) -> None:
    with AirbyteDouble(estate()) as double:
        attempt = Attempt(double, tmp_path)
        double.fault(path="/jobs$", method="POST", status=status, body={"title": "no"}, times=5)
        with pytest.raises(ToolError):
            asyncio.run(attempt.whole())
        assert attempt.triggers == 0


def test_a_limit_delays_the_trigger(tmp_path: Path) -> None:
    with AirbyteDouble(estate()) as double:
        attempt = Attempt(double, tmp_path)
        double.fault(path="/jobs$", method="POST", status=429, body={"message": "limited"}, times=2)
        last = asyncio.run(attempt.whole())
        assert isinstance(last, Finished) and last.outcome is Outcome.SUCCESS
        assert attempt.triggers == 1


POLLED = {name: words for name, words in LOST.items() if name not in ("too slow", "conflict")} | {
    "limited": {"status": 429, "body": {"message": "limited"}},
    "unauthorized": {"status": 401},
    "unknown job": CONFLICT,
}


@pytest.mark.parametrize("end", ["succeeds", "fails", "is tried again by Airbyte"])
@pytest.mark.parametrize("fault", POLLED)
def test_an_outage_while_it_runs_changes_nothing(fault: str, end: str, tmp_path: Path) -> None:
    words, outcome = ENDS[end]
    with AirbyteDouble(estate(**words)) as double:
        attempt = Attempt(double, tmp_path)
        double.fault(path=r"/jobs/\d+$", method="GET", times=None, seconds=0.8, **POLLED[fault])
        last = asyncio.run(attempt.whole())
        assert isinstance(last, Finished) and last.outcome is outcome
        assert (attempt.triggers, attempt.cancels) == (1, 0)
        phases = [event.message for event in attempt.events if isinstance(event, Phase)]
        assert any("gives no answer" in phase for phase in phases)
        assert any("answers again" in phase for phase in phases)


def test_patience_ends_without_a_claim(tmp_path: Path) -> None:
    with AirbyteDouble(estate(sync_seconds=3600)) as double:
        attempt = Attempt(double, tmp_path, patience=0.3)
        double.fault(path=r"/jobs/\d+$", method="GET", status=502, times=None)
        last = asyncio.run(attempt.whole())
        assert isinstance(last, Finished)
        assert last.outcome is Outcome.ERROR and not last.retryable
        assert "may still run there" in str(last.message)
        assert attempt.cancels == 0


@pytest.mark.parametrize("path", ["/jobs", "/connections/"])
def test_a_server_that_is_down_at_the_start(path: str, tmp_path: Path) -> None:
    with AirbyteDouble(estate()) as double:
        attempt = Attempt(double, tmp_path)
        double.fault(path=path, method="GET", status=503, times=None)
        with pytest.raises(ToolError):
            asyncio.run(attempt.whole())
        assert attempt.triggers == 0
        double.faults.clear()
        last = asyncio.run(attempt.whole())
        assert isinstance(last, Finished) and last.outcome is Outcome.SUCCESS
        assert attempt.triggers == 1


# ---------------------------------------------------------------- restarts


@pytest.mark.parametrize("end", ENDS)
def test_a_process_lost_while_it_runs(end: str, tmp_path: Path) -> None:
    words, outcome = ENDS[end]

    async def scenario(attempt: Attempt) -> Finished | None:
        await attempt.prepared()
        handle = await attempt.begun()
        assert isinstance(handle, Handle)
        await attempt.followed(handle, until=lambda: True)
        found = await attempt.found()
        assert isinstance(found, Handle)
        return await attempt.followed(found)

    with AirbyteDouble(estate(**words)) as double:
        attempt = Attempt(double, tmp_path)
        last = asyncio.run(scenario(attempt))
        assert last is not None and last.outcome is outcome
        assert (attempt.triggers, attempt.cancels) == (1, 0)


def test_a_process_lost_between_intent_and_trigger(tmp_path: Path) -> None:
    async def scenario(attempt: Attempt) -> Finished | None:
        await attempt.prepared()
        assert await attempt.found() is None
        handle = await attempt.begun()
        assert isinstance(handle, Handle)
        return await attempt.followed(handle)

    with AirbyteDouble(estate()) as double:
        attempt = Attempt(double, tmp_path)
        last = asyncio.run(scenario(attempt))
        assert last is not None and last.outcome is Outcome.SUCCESS
        assert attempt.triggers == 1


@pytest.mark.parametrize("down", [0.0, 0.3], ids=["server up", "server down for a while"])
@pytest.mark.parametrize("made", [True, False], ids=["job made", "no job made"])
@pytest.mark.parametrize("fault", STARTED)
def test_a_process_lost_between_trigger_and_answer(
    fault: str, made: bool, down: float, tmp_path: Path
) -> None:
    async def scenario(attempt: Attempt) -> Finished | None:
        await attempt.prepared()
        await attempt.begun()  # the answer is lost, and then the process
        if down:
            attempt.double.fault(path="/jobs", method="GET", status=503, times=None, seconds=down)
        found = await attempt.found()
        assert isinstance(found, Handle)
        return await attempt.followed(found)

    with AirbyteDouble(estate()) as double:
        attempt = Attempt(double, tmp_path)
        double.fault(path="/jobs$", method="POST", after=made, **STARTED[fault])
        last = asyncio.run(scenario(attempt))
        assert last is not None and last.outcome is Outcome.SUCCESS
        assert (attempt.triggers, attempt.cancels) == (1, 0)


def test_a_start_that_is_called_twice_triggers_once(tmp_path: Path) -> None:
    async def scenario(attempt: Attempt) -> Finished | None:
        await attempt.prepared()
        await attempt.begun()
        handle = await attempt.begun()
        assert isinstance(handle, Handle)
        return await attempt.followed(handle)

    with AirbyteDouble(estate()) as double:
        attempt = Attempt(double, tmp_path)
        last = asyncio.run(scenario(attempt))
        assert last is not None and last.outcome is Outcome.SUCCESS
        assert attempt.triggers == 1


def test_another_machine_goes_on(tmp_path: Path) -> None:
    """Its folder is not here, whatever the machine is called: the job is looked up, and presumed to be ours."""

    async def scenario(attempt: Attempt) -> Finished | None:
        await attempt.prepared()
        await attempt.begun()
        attempt.root = tmp_path / "elsewhere"
        found = await attempt.found()
        assert isinstance(found, Handle)
        return await attempt.followed(found)

    with AirbyteDouble(estate(sync_seconds=0.4)) as double:
        attempt = Attempt(double, tmp_path)
        last = asyncio.run(scenario(attempt))
        assert last is not None and last.outcome is Outcome.SUCCESS
        assert attempt.triggers == 1
