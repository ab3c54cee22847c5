"""A SQLite store in a folder that cannot be written: it is read, nothing is made beside it, and a writer is told why not."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from penstock.errors import StoreError
from penstock.store import open_store
from penstock.store.database import database

PLACE = "sqlite:///kept/penstock.db"


def closed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To any user: the tests may run as one who is refused nothing."""
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != folder and access(path, mode))


def test_it_is_read_and_nothing_is_made_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store(PLACE, root=tmp_path).close()
    closed(tmp_path / "kept", monkeypatch)
    before = sorted(path.name for path in (tmp_path / "kept").iterdir())
    store = open_store(PLACE, root=tmp_path, create=False)
    assert store.runs(limit=1) == []
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == before == ["penstock.db"]
    store.close()
    opened = database(PLACE, tmp_path)
    with pytest.raises(StoreError, match="may not be written by this user"), opened.write() as connection:
        connection.exec_driver_sql("DELETE FROM runs")
    opened.dispose()


def test_what_a_writer_has_not_put_into_the_file_yet_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_store(PLACE, root=tmp_path).close()
    writer = database(PLACE, tmp_path)
    with writer.write() as connection:
        connection.exec_driver_sql("CREATE TABLE late (n)")
    shutil.copytree(tmp_path / "kept", tmp_path / "left")  # as a killed one leaves it
    writer.dispose()
    assert (tmp_path / "left" / "penstock.db-wal").stat().st_size > 0
    closed(tmp_path / "left", monkeypatch)
    reader = database("sqlite:///left/penstock.db", tmp_path)
    with reader.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM late").scalar() == 0
    reader.dispose()
