"""Runs told how to behave, through the command line and penstock.yml: keys, groups, tries, timeouts, being stopped."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.tools.command import Done, penstock, start
from tests.tools.loaded import make
from tests.tools.watching import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("control")]

SLOW, FAST = "raw_slow.things", "raw_fast.things"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("control") / "loaded")


@pytest.fixture(autouse=True)
def held_back(folder: Path) -> Iterator[None]:
    """The slow sync goes on until the test lets it end."""
    document = (folder / "penstock.yml").read_text()
    (folder / "release").unlink(missing_ok=True)
    yield
    (folder / "penstock.yml").write_text(document)


def began(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """A run of the slow sync, once that reads."""
    running = start(folder, "run", "-s", SLOW, *arguments)
    wait_for(folder, lambda states: "running" in states.values() or running.poll() is not None)
    assert running.poll() is None, running.communicate(timeout=10)
    return running


def add(folder: Path, **parts: Any) -> None:
    document = folder / "penstock.yml"
    document.write_text(json.dumps({**json.loads(document.read_text()), **parts}))


def ended(running: subprocess.Popen[str]) -> Done:
    out, err = running.communicate(timeout=200)
    assert "Traceback" not in err, err
    return Done(running.returncode, out, err)


def latest(folder: Path) -> dict[str, Any]:
    detail: dict[str, Any] = penstock(folder, "runs", "latest", "--json").json()
    return detail


def test_a_key_makes_one_run_which_the_next_with_that_key_takes_over(folder: Path) -> None:
    first = began(folder, "--key", "nightly")
    number = latest(folder)["run"]["number"]
    second = start(folder, "run", "-s", SLOW, "--key", "nightly")
    assert second.stderr is not None
    said = ""
    while "waiting for its end" not in said:
        line = second.stderr.readline()
        assert line, said
        said += line
    assert f"the key 'nightly' has made run {number} already" in said
    first.kill()
    first.communicate()
    (folder / "release").touch()
    took_over = ended(second)
    assert took_over.code == 0, took_over
    assert f"going on with run {number} (interrupted)" in took_over.out
    third = penstock(folder, "run", "-s", SLOW, "--key", "nightly")
    assert (third.code, third.out.strip()) == (0, f"run {number} succeeded"), third
    assert latest(folder)["run"]["number"] == number
    assert len(latest(folder)["attempts"]) == 1, "the sync was adopted"


def test_of_a_group_the_second_run_is_refused_or_takes_the_place_of_the_first(folder: Path) -> None:
    first = began(folder, "--group", "nightly")
    number = latest(folder)["run"]["number"]
    refused = penstock(folder, "run", "-s", FAST, "--group", "nightly", "--overlap", "reject")
    assert refused.code == 1, refused
    assert f"run {number} is going on, and of the group 'nightly' only one may" in refused.out
    add(folder, runs={"group": "nightly", "overlap": "replace"})
    replacing = penstock(folder, "run", "-s", FAST)
    assert replacing.code == 0, replacing
    replaced = ended(first)
    assert (replaced.code, "cancelled from another terminal" in replaced.out) == (1, True), replaced


def test_of_a_group_the_second_run_waits_and_says_for_what(folder: Path) -> None:
    first = began(folder, "--group", "nightly")
    number = latest(folder)["run"]["number"]
    second = start(folder, "run", "-s", FAST, "--group", "nightly")
    assert second.stdout is not None
    while "this run: the group 'nightly'" not in (line := second.stdout.readline()):
        assert line
    assert f"(held by run {number})" in line
    (folder / "release").touch()
    assert ended(first).code == 0
    assert ended(second).code == 0


def test_tries_and_timeouts_of_the_project_file_and_what_is_typed_wins(folder: Path) -> None:
    tries = {"retries": 1, "backoff": {"first": "1s", "jitter": 0}, "timeouts": {"total": "3s"}}
    add(folder, runs={"steps": {"airbyte": tries}})
    twice = penstock(folder, "run", "-s", SLOW)
    assert twice.code == 1, twice
    assert "timed out after 3 s" in twice.out
    assert "retry      airbyte/ingest/slow: timed out after 3 s; next try in 1 s (2 of 2)" in twice.out
    assert [attempt["outcome"] for attempt in latest(folder)["attempts"]] == ["error", "error"]
    once = penstock(folder, "retry", "--retries", "0", "--timeout", "1s")
    assert once.code == 1, once
    assert "timed out after 1 s" in once.out
    assert len(latest(folder)["attempts"]) == 1


def test_sigterm_detaches_at_once_and_the_run_is_resumed(folder: Path) -> None:
    running = began(folder)
    running.send_signal(signal.SIGTERM)
    left = ended(running)
    assert not (folder / "release").exists(), "it waits for nothing of the sync"
    assert left.code == 3, left
    assert "SIGTERM: detached; " in left.out
    assert "goes on without us" in left.out
    assert "penstock run --resume" in left.out
    (folder / "release").touch()
    resumed = penstock(folder, "run", "--resume")
    assert resumed.code == 0, resumed
    assert len(latest(folder)["attempts"]) == 1


def test_a_run_of_another_environment_is_not_resumed_with_the_warehouses_of_this_one(folder: Path) -> None:
    add(folder, environments={"prod": {}})
    number = latest(folder)["run"]["number"]
    refused = penstock(folder, "-e", "prod", "run", "--resume", str(number))
    assert refused.code == 2, refused
    assert f"run {number} was made in dev, and this is prod" in refused.err


def test_what_cannot_be_followed_is_said_before_anything_starts(folder: Path) -> None:
    count = len(penstock(folder, "runs", "--json").json()["runs"])
    assert "needs a group" in penstock(folder, "run", "--overlap", "queue").err
    assert "'soon' is no length of time" in penstock(folder, "run", "--timeout", "soon").err
    assert len(penstock(folder, "runs", "--json").json()["runs"]) == count
    add(folder, runs={"retris": 2})
    wrong = penstock(folder, "run")
    assert wrong.code == 2
    assert "unknown key 'retris'; did you mean 'retries'?" in wrong.err
