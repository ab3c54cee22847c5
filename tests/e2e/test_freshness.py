"""`penstock freshness` and `policy` on a real project: the age of the data, its culprit, and which line promised what."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from tests.tools.command import penstock
from tests.tools.loaded import make

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("freshness")]

PROMISE = {"select": "fast_count", "fresh": {"warn": "2h", "fail": "4h"}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("freshness") / "loaded")


def say(folder: Path, **parts: Any) -> None:
    document = folder / "penstock.yml"
    document.write_text(json.dumps({**json.loads(document.read_text()), **parts}, indent=1))


def promises(folder: Path, *arguments: str) -> dict[str, Any]:
    done = penstock(folder, "freshness", "--json", *arguments)
    assert done.code == 0, done
    return {one["name"]: one for one in done.json()["promises"]}


def test_from_unknown_to_kept_to_broken(folder: Path) -> None:
    say(folder, policies=[PROMISE], schedules=[])
    before = promises(folder)["fast_count"]
    assert before["state"] == "unknown" and before["why"].startswith("nothing is known of when")
    assert penstock(folder, "run", "-s", "+fast_count").code == 0
    kept = promises(folder)["fast_count"]
    assert kept["state"] == "ok" and kept["chain"] == ["fast_count", "fast_things", "raw_fast.things"]
    assert 0 < kept["age_seconds"] < 600
    # Built again without a sync: no younger.
    assert penstock(folder, "run", "--no-reuse", "-s", "fast_things", "fast_count").code == 0
    assert promises(folder)["fast_count"]["as_of_at"] == kept["as_of_at"]
    # Synced again with the same rows: nothing is built, and the data is verified up to now.
    assert penstock(folder, "run", "-s", "+fast_count").code == 0
    assert promises(folder)["fast_count"]["as_of_at"] > kept["as_of_at"]
    say(folder, policies=[PROMISE, {"select": "fast_count", "fresh": {"warn": "1s", "fail": "2s"}}])
    until = time.monotonic() + 60
    while (broken := promises(folder)["fast_count"])["state"] != "fail":
        assert time.monotonic() < until, broken
    assert "because of raw_fast.things" in broken["why"]
    assert penstock(folder, "freshness", "--check").code == 1
    assert "raw_fast.things" in penstock(folder, "freshness", "fast_count").out


def test_what_was_made_long_ago_is_old_and_not_unknown(folder: Path) -> None:
    """A connection that stopped months ago: its promise went from broken to unknown by itself."""
    assert penstock(folder, "run", "-s", "+fast_count").code == 0
    say(folder, policies=[PROMISE], schedules=[])
    times = ", ".join(f"{name} = {name} - 100 * 86400" for name in ("started_at", "ended_at"))
    with contextlib.closing(sqlite3.connect(folder / ".penstock" / "penstock.db")) as store, store:
        assert store.execute(f"UPDATE materializations SET {times}").rowcount > 2
    old = promises(folder)["fast_count"]
    assert old["state"] == "fail" and old["age_seconds"] > 99 * 86400, old


def test_a_schedule_that_comes_too_late_is_at_risk(folder: Path) -> None:
    assert penstock(folder, "run", "-s", "raw_fast.things").code == 0
    every = {"select": "raw_fast.things", "fresh": {"fail": "30m"}, "build": "never"}
    say(
        folder,
        policies=[every],
        schedules=[{"name": "week", "every": "30d", "run": "run -s raw_fast.things"}],
    )
    late = promises(folder)["raw_fast.things"]
    assert late["state"] == "at risk" and late["ready_at"] > late["deadline_at"]
    say(folder, schedules=[{"name": "other", "every": "1m", "run": "run -s fast_things"}])
    lacking = promises(folder)["raw_fast.things"]
    assert (
        lacking["state"] == "at risk" and "nothing that is scheduled makes raw_fast.things" in lacking["why"]
    )
    # By default its promise lets it be loaded in time.
    say(folder, policies=[{**every, "build": "demand"}])
    assert promises(folder)["raw_fast.things"]["state"] == "ok"
    say(
        folder,
        policies=[every],
        schedules=[{"name": "often", "every": "1m", "run": "run -s raw_fast.things"}],
    )
    assert promises(folder)["raw_fast.things"]["state"] == "ok"


def test_what_was_expected_is_kept_and_doctor_says_what_came_true(folder: Path) -> None:
    def predictions() -> str:
        assert penstock(folder, "alerts", "check").code == 0
        lines = penstock(folder, "doctor", "--offline", "--json").json()["checks"]
        return str(next(line["message"] for line in lines if line["subject"] == "predictions"))

    assert penstock(folder, "run", "-s", "raw_fast.things").code == 0
    every = {"select": "raw_fast.things", "fresh": {"fail": "30m"}, "build": "never"}
    weekly = {"name": "week", "every": "30d", "run": "run -s raw_fast.things"}
    say(folder, policies=[every], schedules=[weekly])
    assert predictions() == "none can be judged yet; 1 still open"
    assert predictions() == "none can be judged yet; 1 still open", "one for data of an age"
    assert penstock(folder, "run", "-s", "raw_fast.things").code == 0
    assert predictions() == (
        "newer data came when expected in 1 of 1, too few to judge by (20 are needed); 1 still open"
    )


def test_a_policy_says_which_line_set_each_field(folder: Path) -> None:
    say(
        folder,
        policies=[PROMISE, {"select": "tag:none fast_count", "fresh": {"fail": "9h"}}][:1],
        schedules=[],
    )
    told = penstock(folder, "policy", "fast_count", "--json").json()
    said = [one for one in told["fields"] if one["line"] != "the default"]
    assert [(one["name"], one["value"]) for one in said] == [("fresh.warn", "2h"), ("fresh.fail", "4h")]
    assert all(one["line"].startswith("penstock.yml:") and "(fast_count)" in one["line"] for one in said)
    assert {one["name"] for one in told["fields"]} >= {"build", "settle"}, (
        "and what holds where nobody says it"
    )
    assert "no policy" in penstock(folder, "policy", "free").err


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ({"select": "fast_cuont", "fresh": {"fail": "4h"}}, "fast_count"),
        ({"select": "fast_count", "fresh": {"warn": "6h", "fail": "4h"}}, "warn (6h) comes after fail (4h)"),
        ({"select": "tag:nothing", "fresh": {"warn": "6h", "fail": "4h"}}, "warn (6h) comes after fail (4h)"),
        (
            {"select": "tag:nothing", "build": "never", "build_after": {"time": "1h"}},
            "build_after goes with build: change, and here holds build: never",
        ),
        ({"select": "fast_count", "fresh": {"by": "08:00"}}, "add fail: 6h"),
        ({"select": "fast_count", "fresh": {"fail": "4h", "by": "8 o'clock"}}, "is no time of day"),
        ({"select": "fast_count", "fresh": {"fail": "4h", "by": "25:00"}}, "is no time of day"),
        ({"select": "fast_count", "fresh": {"fail": "4 hours"}}, "is no length of time"),
        ({"select": "fast_count", "fresh": {"fial": "4h"}}, "did you mean 'fail'"),
        ({"select": "fast_count", "fresh": {"fail": "4h", "of": ["stripe"]}}, "fresh.of"),
    ],
)
def test_bad_promises_are_one_line_with_their_place(folder: Path, policy: Any, words: str) -> None:
    say(folder, policies=[policy], schedules=[])
    done = penstock(folder, "freshness")
    assert done.code == 2 and words in done.err and "penstock.yml:" in done.err, done


def test_without_promises_it_says_how(folder: Path) -> None:
    say(folder, policies=[])
    assert "policies:" in penstock(folder, "freshness").err
