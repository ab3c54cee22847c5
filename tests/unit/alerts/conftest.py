"""What the suites of alerts share: a receiver, a store, and an environment in it that was looked at before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from penstock.store import AlertStore, RunStore, open_store
from tests.doubles.alerts import HttpDouble
from tests.unit.alerts.test_alerts import look


@pytest.fixture
def http() -> Iterator[HttpDouble]:
    double = HttpDouble()
    yield double
    double.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    opened = open_store("sqlite:///store.db", root=tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def alerts(store: RunStore) -> AlertStore:
    """Of an environment that was looked at before: what comes now is news."""
    kept = store.alerts("prod")
    look(kept)
    return kept
