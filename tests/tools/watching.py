"""What a run in another process has come to, read from its store: to ask a command for it again and again costs more than the run."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from penstock.errors import PenstockError
from penstock.store import open_store


def states(folder: Path) -> dict[str, str]:
    """Of the items of the latest run, by name; nothing while there is none."""
    try:
        store = open_store("sqlite:///.penstock/penstock.db", root=folder, create=False)
    except PenstockError:
        return {}
    try:
        return {item.name: item.state.value for item in store.detail(store.find_run().id).items}
    except PenstockError:
        return {}
    finally:
        store.close()


def wait_for(folder: Path, true: Callable[[dict[str, str]], bool]) -> None:
    """Until the items of the latest run are so."""
    end = time.monotonic() + 300
    while not true(states(folder)):
        assert time.monotonic() < end, states(folder)
        time.sleep(0.2)
