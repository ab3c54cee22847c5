"""A penstock.yml that cannot be read any more while the server runs: it is told with its line, and read again once it is mended."""

from __future__ import annotations

import http.client
from pathlib import Path

import pytest

from tests.tools.browsing import Browser
from tests.tools.served import PASSWORD, served

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("served")]


def test_a_broken_file_is_told_with_its_line_and_forgotten_when_mended(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    file = tmp_path / "penstock.yml"
    file.write_text("name: plain\n")
    with served(tmp_path) as site:
        root, part = site.add("root", "admin"), site.add("part", "admin", "orders")
        assert root.get("/api/v1/project").json()["name"] == "plain"
        site.server.hub.look_again = 0.01
        listener = site.add("listener", "viewer")
        listening = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
        listening.request("GET", "/api/v1/events", headers={"Cookie": listener.cookie or ""})
        stream = listening.getresponse()
        file.write_text("name: plain\nwarehouses: [oops\n")
        asked = [root.get(f"/api/v1/{path}") for path in ("me", "project", "runs", "doctor", "events")]
        asked += [root.get("/metrics"), root.post("/api/v1/plans", {})]
        for reply in asked:
            assert reply.status == 409, reply
            assert reply.json()["detail"].startswith("penstock.yml:3: "), reply
        for path in ("me", "project", "doctor", "events"):
            reply = part.get(f"/api/v1/{path}")
            assert reply.status == 409 and reply.json()["detail"] == "it cannot be read now", reply
        assert "oops" not in str(part.get("/metrics"))
        stranger = Browser(site.port)
        login = stranger.post("/api/v1/login", {"user": "root", "password": PASSWORD})
        assert login.status in (200, 409) and "oops" not in str(login) and "penstock.yml:3" not in str(login)
        assert stranger.get("/api/v1/project").status == 401
        file.write_text("name: mended\n")
        assert root.get("/api/v1/project").json()["name"] == "mended"
        assert listener.post("/api/v1/logout").status == 200
        assert b"event: leave" in stream.read(), "who listened went on listening"
        listening.close()
