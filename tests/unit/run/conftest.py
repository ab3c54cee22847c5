from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from penstock.store import open_store
from tests.tools.engine import Engine


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    store = open_store("sqlite:///.penstock/penstock.db", root=tmp_path)
    yield Engine(store, tmp_path / ".penstock" / "runs")
    store.close()
