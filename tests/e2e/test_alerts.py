"""Alerts through the command line: a failed sync is one message with what it holds back, and its end is told."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.doubles.alerts import HttpDouble
from tests.tools.command import environ, penstock, start
from tests.tools.loaded import make

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("alerts")]

SECRET = "whsec-of-the-test"


@pytest.fixture
def http() -> Iterator[HttpDouble]:
    double = HttpDouble()
    yield double
    double.close()


def say(folder: Path, **parts: Any) -> None:
    document = folder / "penstock.yml"
    document.write_text(json.dumps({**json.loads(document.read_text()), **parts}, indent=1))


def routed(http: HttpDouble) -> dict[str, Any]:
    hook = {"type": "webhook", "url": f"{http.url}/hook", "secret": "${HOOK}"}
    return {"channels": {"team": hook}, "routes": [{"to": ["team"]}]}


@pytest.fixture
def folder(tmp_path: Path, http: HttpDouble) -> Path:
    made = make(tmp_path / "loaded", slow={"fail_after": 3, "error": "the API is gone"})
    say(made, alerts=routed(http))
    return made


ENV = environ(HOOK=SECRET)


def test_one_message_for_a_failure_and_all_that_it_holds_back(folder: Path, http: HttpDouble) -> None:
    assert penstock(folder, "alerts", "check", env=ENV).out == "0 messages sent\n"
    assert penstock(folder, "run", env=ENV).code == 1
    done = penstock(folder, "alerts", "check", env=ENV)
    assert done.out.splitlines()[-1] == "1 message sent", done
    told = http.to("/hook")[0]
    assert told["event"] == "opened" and told["kind"] == "sync.failed" and "slow" in told["title"]
    assert set(told["affected"]) == {"slow_things", "all_things"}
    assert told["command"].startswith("penstock retry 1")
    listed = penstock(folder, "incidents", "--json", env=ENV).json()
    assert [one["closed_at"] for one in listed["incidents"]] == [None] and listed["unsent"] == []
    assert penstock(folder, "alerts", "check", env=ENV).out == "0 messages sent\n"

    document = json.loads((folder / "penstock.yml").read_text())
    connections = document["airbyte"]["ingest"]["connections"]
    connections["slow"]["source"] = connections["fast"]["source"]
    (folder / "penstock.yml").write_text(json.dumps(document))
    assert penstock(folder, "retry", env=ENV).code == 0
    assert "recovered" in penstock(folder, "alerts", "check", env=ENV).out
    assert [one["event"] for one in http.to("/hook")] == ["opened", "closed"]
    shown = penstock(folder, "incidents", env=ENV)
    assert "over" in shown.out and SECRET not in shown.out + shown.err


def test_the_daemon_tells_of_a_schedule_that_cannot_run(folder: Path, http: HttpDouble) -> None:
    say(folder, schedules=[{"name": "often", "every": "2s", "run": "run -s raw_slow.things"}])
    running = start(folder, "up", "--no-web", env=ENV)
    deadline = time.monotonic() + 120
    while not http.to("/hook") and time.monotonic() < deadline:
        time.sleep(0.5)
    running.terminate()
    out, err = running.communicate(timeout=60)
    assert "Traceback" not in err and http.to("/hook"), (out, err)
    assert http.to("/hook")[0]["kind"] == "sync.failed" and "incident" in out


def test_channels_are_tried_and_a_wrong_one_is_one_line(folder: Path, http: HttpDouble) -> None:
    assert penstock(folder, "alerts", "test", env=ENV).out == "team: sent\n"
    assert http.to("/hook")[0]["event"] == "test"
    http.status = 403
    done = penstock(folder, "alerts", "test", env=ENV)
    assert done.code == 1 and done.out == "team: it answered 403 Forbidden\n"
    assert penstock(folder, "alerts", "test", "taem", env=ENV).code == 2


@pytest.mark.parametrize(
    ("alerts", "words"),
    [
        ({"routes": [{"to": ["team"]}]}, "no channel 'team'"),
        ({"channels": {"team": {"type": "slak"}}}, "slak"),
        ({"channels": {"team": {"type": "teams"}}}, "url"),
        ({"channels": {"t": {"type": "teams", "url": "x"}}, "routes": [{"to": ["t"], "on": ["sync.fail"]}]},
         "did you mean 'sync.failed'"),
        ({"chanels": {}}, "did you mean 'channels'"),
    ],
)  # fmt: skip
def test_bad_alerts_are_one_line_with_their_place(folder: Path, alerts: Any, words: str) -> None:
    say(folder, alerts=alerts)
    done = penstock(folder, "alerts", "check", env=ENV)
    assert done.code == 2 and words in done.err and "penstock.yml" in done.err, done
