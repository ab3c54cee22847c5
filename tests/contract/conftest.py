"""The two run stores: SQLite, and a real PostgreSQL server that is started once for all tests of a worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from penstock.store import RunStore, open_store
from tests.contract.stores import Opener
from tests.tools.postgres import PostgresServer, new_server


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    server = new_server()
    server.start(fsync=False)
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgres"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """Opens the same store again and again, each time as another process would."""
    url = "sqlite:///.penstock/penstock.db"
    if request.param == "postgres":
        url = request.getfixturevalue("server").url()
    opened: list[RunStore] = []

    def again() -> RunStore:
        opened.append(open_store(url, root=tmp_path))
        return opened[-1]

    yield again
    for store in opened:
        store.close()


@pytest.fixture
def store(opener: Opener) -> RunStore:
    return opener()
