"""One observed project for all tests of the web server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from penstock.cli.scheduled import read_command
from penstock.service import alerting
from penstock.service.workspace import open_workspace
from tests.tools.command import penstock
from tests.tools.loaded import make
from tests.tools.served import Served, served

HOSTILE = """
models:
  - name: loud
    description: "<script>alert(1)</script><img src=x onerror=alert(2)> \\x1b]0;title\\x07"
"""


EVENTS = {
    "github": {"type": "github", "secret": "github-secret-of-the-test"},
    "airbyte": {"type": "airbyte", "token": "airbyte-token-of-the-test"},
    "orders_ready": {"type": "signed", "secret": "orders-secret-of-the-test"},
}
MORE = {
    "events": EVENTS,
    "schedules": [{"name": "nightly", "cron": "0 6 * * *", "run": "build -s fast_count"}],
    "policies": [
        {"select": "fast_count", "fresh": {"warn": "0.1s", "fail": "0.2s"}},
        {"select": "all_things", "fresh": {"fail": "400d"}},
        {"select": "fast_count loud", "settle": "1m"},
    ],
    "alerts": {
        "channels": {"file": {"type": "webhook", "url": "http://127.0.0.1:9/nobody", "secret": "s" * 16}},
        "routes": [{"on": ["*"], "to": ["file"]}],
    },
}


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one run of its fast half, and a model whose description tries to be a page."""
    folder = make(tmp_path_factory.mktemp("served") / "loaded")
    models = folder / "transform" / "models"
    models.joinpath("loud.sql").write_text("select id, upper(name) as name from {{ ref('fast_things') }}")
    models.joinpath("loud.yml").write_text(HOSTILE)
    file = folder / "penstock.yml"
    file.write_text(json.dumps({**json.loads(file.read_text()), **MORE}))
    done = penstock(folder, "build", "-s", "raw_fast.things+", "--exclude", "all_things")
    assert done.code == 0, done
    incident(folder)
    return folder


def incident(folder: Path) -> None:
    """A promise that is broken by now."""
    changed, _ = alerting.check_once(open_workspace(folder), read_command)
    assert [(one.told.cause, one.kind) for one in changed] == [("raw_fast.things", "fresh.fail")]


@pytest.fixture(scope="session")
def site(built: Path) -> Iterator[Served]:
    with served(built) as found:
        found.add("root", "admin", see_data=True)
        yield found
