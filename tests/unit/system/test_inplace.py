"""A file that is read where it lies cannot be written meanwhile: one that was cut off would end the process."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from penstock.system.inplace import in_place

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nothing else has leases")


def may_be_written(path: Path) -> bool:
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
    except BlockingIOError:
        return False
    return True


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "manifest.json"
    found.write_bytes(b"x" * 5000)
    return found


def test_nobody_writes_before_it_is_let_go(file: Path) -> None:
    data = in_place(file, 5000)
    if data is None:
        pytest.skip("no leases in this folder")
    assert data[:] == b"x" * 5000
    piece = memoryview(data)
    del data
    assert not may_be_written(file)
    del piece
    assert may_be_written(file)


def test_what_somebody_writes_is_left(file: Path) -> None:
    with file.open("ab"):
        assert in_place(file, 1) is None


@pytest.mark.parametrize("name", ["manifest.json", "absent", "folder", "pipe", "a\0b"])
def test_small_files_and_what_is_no_file_are_left(file: Path, name: str) -> None:
    (file.parent / "folder").mkdir()
    os.mkfifo(file.parent / "pipe")
    assert in_place(file.parent / name, 5001) is None
    assert may_be_written(file)
