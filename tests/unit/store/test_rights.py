"""What `doctor` says of a SQLite store is what opening it says: a folder that cannot be written is one."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from penstock.errors import StoreError
from penstock.store import open_store
from penstock.store.rights import unwritable
from tests.tools.unprivileged import as_nobody


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that every user may reach: those of pytest are their owner's."""
    made = Path(tempfile.mkdtemp())
    made.chmod(0o755)
    yield made
    for one in (made, made / "kept"):
        one.chmod(0o755)
    shutil.rmtree(made)


def used(folder: Path) -> str:
    try:
        store = open_store("sqlite:///kept/runs.db", root=folder)
        with store._database.write() as connection:
            connection.exec_driver_sql("DELETE FROM leases")
        store.close()
    except StoreError as error:
        return f"no: {error.what}"
    return "yes"


@pytest.mark.parametrize("of_folder", [0o777, 0o555, 0o666])
@pytest.mark.parametrize("of_file", [0o666, 0o444, None])
def test_what_is_told_is_what_happens(folder: Path, of_folder: int, of_file: int | None) -> None:
    kept = folder / "kept"
    kept.mkdir()
    if of_file is not None:
        open_store("sqlite:///kept/runs.db", root=folder).close()
        (kept / "runs.db").chmod(of_file)
    kept.chmod(of_folder)
    told = as_nobody(lambda: unwritable("sqlite:///kept/runs.db", folder) or "it can")
    happens = as_nobody(lambda: used(folder))
    assert (told == "it can") == (happens == "yes"), (told, happens)
    assert (happens == "yes") == (of_folder == 0o777 and of_file != 0o444)
    assert "raised" not in told + happens
