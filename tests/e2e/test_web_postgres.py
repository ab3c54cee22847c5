"""Several web servers on one run store in PostgreSQL: a session, a run and an event of one are those of the other."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.browsing import Browser
from tests.tools.loaded import make
from tests.tools.postgres import PostgresServer, new_server
from tests.tools.served import Served, served

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("served on postgres")]


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    found = new_server()
    found.start(fsync=False)
    yield found
    found.remove()


@pytest.fixture(scope="module")
def sites(
    server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Served, Served]]:
    """Two servers, each with a process's worth of its own state, over one project."""
    folder: Path = make(tmp_path_factory.mktemp("two") / "loaded")
    file = folder / "penstock.yml"
    file.write_text(json.dumps({**json.loads(file.read_text()), "store": server.url()}))
    with served(folder) as one, served(folder) as other:
        yield one, other


def test_what_one_server_does_the_other_knows(sites: tuple[Served, Served]) -> None:
    one, other = sites
    here = one.add("root", "admin", see_data=True)
    secret = (here.cookie or "").partition("=")[2]
    there = Browser(other.port, cookie=f"{other.server.gate.cookie.name}={secret}")
    assert there.get("/api/v1/me").json()["user"] == "root", "a session is the store's, not a server's"

    stream = http.client.HTTPConnection("127.0.0.1", other.port, timeout=120)
    stream.request("GET", "/api/v1/events?after=0", headers={"Cookie": there.cookie or ""})
    events = stream.getresponse()
    assert events.status == 200
    asked = {"select": ["free"], "checks": False}
    shown = here.post("/api/v1/plans", asked).json()
    begun = here.post("/api/v1/runs", {**asked, "hash": shown["hash"]}, {"Idempotency-Key": "k"})
    again = there.post("/api/v1/runs", {**asked, "hash": shown["hash"]}, {"Idempotency-Key": "k"})
    assert begun.status == again.status == 202 and begun.json()["id"] == again.json()["id"]
    text = b""
    while b'"state":"succeeded","step":null' not in text:
        text += events.readline()
    stream.close()
    number = begun.json()["run"]
    assert here.get(f"/api/v1/runs/{number}").json() == there.get(f"/api/v1/runs/{number}").json()
    audit = there.get("/api/v1/audit").json()["entries"]
    assert [one["action"] for one in audit if one["outcome"] == "asked"][:2] == ["start", "start"]

    assert there.post("/api/v1/logout").status == 200
    assert here.get("/api/v1/me").status == 401
