"""`penstock web` as a person has it: opened once by its URL, read as the command line reads, a run started and watched."""

from __future__ import annotations

import http.client
import re
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.tools.browsing import Browser, Site
from tests.tools.command import penstock, start
from tests.tools.loaded import make

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("web")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("web") / "loaded")


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[Site]:
    found = Site(folder)
    yield found
    _, err = found.close()
    assert "Traceback" not in err, err


@pytest.fixture(scope="module")
def browser(site: Site) -> Browser:
    return site.browser()


def ended(browser: Browser, run: int, seconds: float = 120) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = browser.get(f"/api/v1/runs/{run}").json()
        if found["run"]["ended_at"]:
            return found
        time.sleep(0.5)
    raise AssertionError(found)


def test_the_printed_url_works_once(site: Site, browser: Browser) -> None:
    assert Browser(site.port).get("/?" + site.url.partition("?")[2]).status == 401
    assert Browser(site.port).get("/api/v1/project").status == 401
    assert browser.get("/api/v1/me").json()["rights"] == ["view", "see_data", "operate", "edit", "admin"]


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("/api/v1/assets", ("assets",)),
        ("/api/v1/assets?select=fast_things%2B", ("assets", "-s", "fast_things+")),
        ("/api/v1/status", ("status",)),
        ("/api/v1/lineage?of=all_things", ("lineage", "all_things")),
        ("/api/v1/lineage?of=all_things.id", ("lineage", "all_things.id")),
    ],
)
def test_the_api_answers_what_the_command_line_prints(
    browser: Browser, folder: Path, path: str, command: tuple[str, ...]
) -> None:
    printed = penstock(folder, *command, "--json").json()
    assert browser.get(path).json() == printed


def test_nothing_starts_that_was_not_shown_and_what_was_is_run_and_told(
    browser: Browser, folder: Path
) -> None:
    request = {"select": ["raw_fast.things+"], "exclude": ["all_things"], "checks": False}
    shown = browser.post("/api/v1/plans", request).json()
    assert {one["name"] for one in shown["items"] if one["decision"] == "build"} == {
        "raw_fast.things", "fast_things", "fast_count",
    }  # fmt: skip
    other = browser.post(
        "/api/v1/runs", {**request, "select": ["free"], "exclude": [], "hash": shown["hash"]}
    )
    assert other.status == 409, other
    assert browser.get("/api/v1/runs").json()["runs"] == []

    stream = http.client.HTTPConnection("127.0.0.1", browser.port, timeout=60)
    stream.request("GET", "/api/v1/events", headers={"Cookie": browser.cookie or ""})
    events = stream.getresponse()
    assert events.status == 200 and events.headers["content-type"].startswith("text/event-stream")

    body = {**request, "hash": shown["hash"]}
    first = browser.post("/api/v1/runs", body, {"Idempotency-Key": "once"})
    again = browser.post("/api/v1/runs", body, {"Idempotency-Key": "once"})
    assert first.status == again.status == 202, (first, again)
    assert first.json()["id"] == again.json()["id"]
    number = first.json()["run"]
    found = ended(browser, number)
    assert found["run"]["state"] == "succeeded", found
    assert {
        one["name"]: one["state"] for one in found["items"] if one["decision"] == "build"
    } == dict.fromkeys(("raw_fast.things", "fast_things", "fast_count"), "success")
    assert found == penstock(folder, "runs", str(number), "--json").json()
    assert browser.get("/api/v1/runs").json() == penstock(folder, "runs", "--json").json()

    text = b""
    while b'"kind":"run.succeeded"' not in text and b'"state":"succeeded","step":null' not in text:
        text += events.readline()
    assert b"event: run" in text and b"id: " in text
    last = next(line for line in text.splitlines() if line.startswith(b"id: ")).removeprefix(b"id: ").decode()
    stream.close()
    replayed = http.client.HTTPConnection("127.0.0.1", browser.port, timeout=60)
    replayed.request("GET", "/api/v1/events", headers={"Cookie": browser.cookie or "", "Last-Event-ID": last})
    behind = replayed.getresponse()
    seen = b""
    while b'"state":"succeeded","step":null' not in seen:
        seen += behind.readline()
    assert f"id: {last}\n".encode() not in seen
    replayed.close()

    bars = browser.get(f"/api/v1/runs/{number}/timeline").json()["bars"]
    assert bars and all(bar["state"] == "succeeded" for bar in bars)
    log = browser.get(f"/api/v1/runs/{number}/log", step=bars[-1]["step"]).json()
    assert log["missing"] is None and log["offset"] > 0
    history = browser.get("/api/v1/history", name="fast_count").json()["materializations"]
    assert [one["run"] for one in history] == [number]


def test_the_graph_is_laid_out_and_groups_collapse(browser: Browser) -> None:
    reply = browser.get("/api/v1/graph")
    found = reply.json()
    names = [node["id"] for node in found["nodes"]]
    places = {node["id"]: (node["x"], node["y"]) for node in found["nodes"]}
    assert len(set(places.values())) == len(names)
    edges = {(names[up], names[down]) for up, down in found["edges"]}
    assert ("fast_things", "fast_count") in edges
    assert all(places[up][0] < places[down][0] for up, down in edges)
    assert browser.get("/api/v1/graph", {"If-None-Match": reply.headers["etag"]}).status == 304
    grouped = browser.get("/api/v1/graph", group="tool", collapse="*").json()
    assert {node["kind"] for node in grouped["nodes"]} == {"group"}
    assert sum(node["size"] for node in grouped["nodes"]) == len(names)
    near = browser.get("/api/v1/graph", focus="fast_things", up=0, down=1).json()
    assert {node["id"] for node in near["nodes"]} == {"fast_things", "fast_count", "all_things"}


def test_pages_follow_the_link_header(browser: Browser) -> None:
    whole = browser.get("/api/v1/assets").json()["assets"]
    path, found = "/api/v1/assets?limit=2", []
    while path:
        reply = browser.get(path)
        found += reply.json()["assets"]
        path = reply.headers.get("link", "").partition(">")[0].removeprefix("<")
    assert found == whole


def test_it_refuses_to_listen_where_others_reach_it(folder: Path) -> None:
    done = penstock(folder, "web", "--host", "0.0.0.0", "--port", "0")
    assert done.code == 2 and "nobody has to log in" in done.err


def gone(port: int, seconds: float = 120) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return True
        time.sleep(0.2)
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_daemon_serves_the_pages_and_takes_them_with_it(folder: Path, number: int) -> None:
    """Nothing is scheduled there: the pages alone are a reason to stay."""
    running = start(folder, "up", "--port", "0")
    assert running.stdout is not None and running.stderr is not None
    url = None
    while url is None and (line := running.stdout.readline()):
        url = re.search(r"web +.*(http://\S+token=\S+)", line)
    assert url is not None, running.stderr.read()
    port = int(url[1].split("/")[2].rpartition(":")[2])
    browser = Browser(port)
    browser.open(url[1])
    assert browser.get("/api/v1/project").json()["name"] == "loaded"
    daemons = browser.get("/api/v1/automation").json()["daemons"]
    assert [one["alive"] for one in daemons if one["pid"] == running.pid] == [True]
    running.send_signal(number)
    _, err = running.communicate(timeout=60)
    assert "Traceback" not in err and gone(port), err
