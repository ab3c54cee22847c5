"""The list of runs by what they touched and who began them, and what a plan says of how long it will take."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from penstock.web.paging import link
from penstock.web.schema import RunsQuery
from tests.tools.served import Served

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("served")]


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ({"select": "fast_count"}, True),
        ({"select": "tool:dbt"}, True),
        ({"select": "free"}, False),
        ({"by": "terminal"}, True),
        ({"by": "automation"}, False),
        ({"by": "root"}, False),
        ({"select": "fast_count", "by": "terminal", "state": "succeeded"}, True),
        ({"select": "fast_count", "state": "failed"}, False),
        ({"trigger": "terminal"}, True),
        ({"trigger": "schedule:nightly"}, False),
        ({"since": "2026-01-01T00:00:00Z", "until": "2100-01-01T00:00:00+02:00"}, True),
        ({"since": "2100-01-01T00:00:00Z"}, False),
    ],
)
def test_runs_are_found_by_what_they_touched_and_who_began_them(
    site: Served, query: dict[str, Any], there: bool
) -> None:
    reply = site.login("root").get("/api/v1/runs", **query)
    assert reply.status == 200, reply
    numbers = [run["number"] for run in reply.json()["runs"]]
    assert (1 in numbers) == there
    counted = site.login("root").get("/api/v1/runcounts", **{k: v for k, v in query.items() if k != "state"})
    assert counted.status == 200, counted
    if "state" not in query:
        assert (counted.json()["states"].get("succeeded", 0) > 0) == there


@pytest.mark.parametrize("query", [{"trigger": "cron"}, {"since": "yesterday"}, {"since": "2026-01-01"}])
def test_a_question_that_is_none_is_refused(site: Served, query: dict[str, Any]) -> None:
    for path in ("/api/v1/runs", "/api/v1/runcounts"):
        reply = site.login("root").get(path, **query)
        assert reply.status in (400, 422), reply


def test_the_next_page_asks_the_same_question(site: Served) -> None:
    root = site.login("root")
    query: dict[str, Any] = {"since": "2026-01-01T00:00:00Z", "trigger": "terminal", "limit": 1}
    assert "link" not in root.get("/api/v1/runs", **query).headers
    asked = RunsQuery(since=datetime(2026, 1, 1, tzinfo=UTC), trigger="terminal", limit=1)
    following = link("/api/v1/runs", asked, 1)["link"].partition(">")[0].removeprefix("<")
    reply = root.get(following)
    assert reply.status == 200 and reply.json()["runs"] == []


def test_a_selection_that_finds_nothing_says_so(site: Served) -> None:
    assert site.login("root").get("/api/v1/runs", select="nothing_of_the_kind").status == 404


def test_who_sees_a_part_learns_neither_who_began_a_run_nor_what_else_it_touched(site: Served) -> None:
    partly = site.add("sees-a-part", "viewer", "fast_count")
    assert [run["number"] for run in partly.get("/api/v1/runs", select="fast_count").json()["runs"]] == [1]
    assert partly.get("/api/v1/runs", select="fast_things").status == 404
    assert partly.get("/api/v1/runcounts").json()["states"] == {"succeeded": 1}
    hidden: list[dict[str, Any]] = [{"by": by} for by in ("terminal", "automation", "root")]
    for asked in (*hidden, {"trigger": "terminal"}):
        assert partly.get("/api/v1/runs", **asked).json()["runs"] == []
        assert partly.get("/api/v1/runcounts", **asked).json()["states"] == {}


def test_a_plan_says_how_long_each_item_took_and_counts_a_step_once(site: Served) -> None:
    plan = site.login("root").post("/api/v1/plans", {"select": ["+fast_count"], "full_refresh": True}).json()
    takes = dict(zip((item["name"] for item in plan["items"]), plan["takes"], strict=True))
    assert takes["fast_count"] > 0 and takes["raw_fast.things"] > 0
    assert takes["free"] is None, "it was never made"
    decided = {item["name"]: item["decision"] for item in plan["items"] if item["name"] in takes}
    known = [name for name, seconds in takes.items() if seconds is not None]
    assert sum(plan["work"].values()) == pytest.approx(sum(takes[name] for name in known))
    assert set(plan["work"]) == {decided[name] for name in known}
