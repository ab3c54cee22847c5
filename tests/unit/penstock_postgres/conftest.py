"""One real server for the tests of this folder; every test has a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.postgres import PostgresServer, new_server
from tests.unit.penstock_postgres.loading import PostgresLoading


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    started = new_server()
    started.start(fsync=False)
    yield started
    started.remove()


@pytest.fixture
def loading(tmp_path: Path, server: PostgresServer) -> PostgresLoading:
    return PostgresLoading(tmp_path, server.url())
