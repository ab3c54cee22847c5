"""The web server at 2,000 assets and 10,000 runs: CPU and time of each reading route, kept and made anew, the server's memory, 200 streams.

Requests are made inside the server's process: the sockets of a client on the same cores are not part of what is measured.
"""

from __future__ import annotations

import asyncio
import json
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from penstock.cli.scheduled import read_command
from penstock.service.people import LOCAL
from penstock.service.serving import Serving
from penstock.web.app import Server, application
from penstock.web.stream import Message
from tests.perf import store as filled

ASSETS, ROUNDS, ANEW, STREAMS, SECONDS = 2_000, 30, 4, 200, 6.0
PATHS = ("project", "assets?limit=100", "assets", "status", "graph", "graph?select=m_1000%2B", "lineage?of=m_1000", "search?text=m_1",
         "runs", "runs/5000", "runs/5000/log?step=x", "findings", "history?name=m_5", "why?name=m_1000", "cost", "freshness", "incidents")  # fmt: skip


class Open:
    """Everybody is the person in front of this machine."""

    login = "none"

    def __init__(self, server: Server) -> None:
        self.cookie = server.gate.cookie

    def who(self, request: Any) -> Any:
        return LOCAL

    def by_url(self, token: str) -> None:
        return None

    def leave(self, session: str) -> None:
        """There is no session."""


def project(root: Path) -> None:
    """A dbt project of small models in ten ranks, with the artefacts of no run."""
    (root / "penstock.yml").write_text(
        json.dumps(
            {
                "name": "bench",
                "environments": {"prod": {}},
                "store": "sqlite:///store.db",
                "warehouses": {"main": {"dbt": "t"}},
                "dbt": {"t": {"project": "t"}},
            }
        )
    )
    models = root / "t" / "models"
    models.mkdir(parents=True)
    (root / "t" / "dbt_project.yml").write_text("name: t\nversion: '1.0.0'\nconfig-version: 2\nprofile: t\n")
    (root / "t" / "profiles.yml").write_text(
        "t: {target: dev, outputs: {dev: {type: duckdb, path: ../t.duckdb, threads: 2}}}\n"
    )
    for number in range(ASSETS):
        ups = [f"m_{number - step}" for step in (200, 201, 217) if number >= step]
        text = " union all ".join(f"select id from {{{{ ref('{up}') }}}}" for up in ups) or "select 1 as id"
        (models / f"m_{number}.sql").write_text(text)


async def get(app: Any, path: str) -> tuple[int, float]:
    status, size = 0, 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status, size
        status = message.get("status", status)
        size += len(message.get("body", b""))

    place, _, query = f"/api/v1/{path}".partition("?")
    scope = {"type": "http", "http_version": "1.1", "scheme": "http", "root_path": "", "method": "GET", "path": place,
             "raw_path": place.encode(), "query_string": query.encode(), "headers": [(b"host", b"localhost")],
             "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80)}  # fmt: skip
    began = time.perf_counter()
    await app(scope, receive, send)
    return status, time.perf_counter() - began


async def streams(app: Any, hub: Any, events: int) -> float:
    """The share of a core that so many streams take, with so many events a second."""

    async def one() -> None:
        async def receive() -> dict[str, Any]:
            await asyncio.sleep(3_600)
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            """Nobody reads."""

        scope = {"type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1", "scheme": "http",
                 "root_path": "", "method": "GET", "path": "/api/v1/events", "raw_path": b"/api/v1/events", "query_string": b"",
                 "headers": [(b"host", b"localhost")], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80)}  # fmt: skip
        await app(scope, receive, send)

    tasks = [asyncio.create_task(one()) for _ in range(STREAMS)]
    await asyncio.sleep(2)
    data = b'id: 1\nevent: run\ndata: {"run":"x","state":"running","step":null}\n\n'
    began, cpu = time.perf_counter(), time.process_time()
    while time.perf_counter() - began < SECONDS:
        await asyncio.sleep(0.5)
        for client in tuple(hub._clients):
            for _ in range(events // 2):
                client.hand(Message("runs", "x", None, data))
    share = (time.process_time() - cpu) / (time.perf_counter() - began)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return share


async def made_anew(app: Any, server: Server, path: str) -> float:
    """CPU of the same question when nothing that was answered is kept."""
    cpu = time.process_time()
    for _ in range(ANEW):
        server.answers.forget()
        server.serving.forget()
        await get(app, path)
    return (time.process_time() - cpu) / ANEW


async def measure(app: Any, server: Server) -> None:
    for path in PATHS:
        first_status, first = await get(app, path)
        cpu = time.process_time()
        taken = sorted([(await get(app, path))[1] for _ in range(ROUNDS)])
        cpu = (time.process_time() - cpu) / ROUNDS
        anew = await made_anew(app, server, path)
        print(f"{path:<28} {first_status}  first {first * 1000:7.1f} ms   median {taken[ROUNDS // 2] * 1000:6.1f}   "
              f"p95 {taken[int(ROUNDS * 0.95)] * 1000:6.1f} ms   CPU {cpu * 1000:6.1f}, made anew {anew * 1000:6.1f} ms")  # fmt: skip
    for events in (0, 10):
        share = await streams(app, server.hub, events) * 100
        print(f"{STREAMS} streams, {events} events a second: {share:.1f} % of a core")


def main() -> None:
    from tests.tools.command import penstock

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        project(root)
        filled.fill(root)
        done = penstock(root, "-e", "prod", "assets", "--json")
        assert done.code == 0, done
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        server = Server(Serving(root, "prod", read_command))
        server.gate = Open(server)  # type: ignore[assignment]  # it lets everybody in
        asyncio.run(measure(application(server, hosts=("localhost",)), server))
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(f"memory at the most: {after / 1024:.0f} MB, before the server {before / 1024:.0f} MB")
        server.close()


if __name__ == "__main__":
    main()
