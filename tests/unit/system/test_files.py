"""Our files and folders are their owner's only, whatever the umask, and the umask stays as it was."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from penstock.system.files import (
    close_to_others,
    open_private,
    private_folder,
    replacing,
    touch_private,
    write_private,
)


@pytest.fixture(autouse=True, params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    assert os.umask(before) == request.param


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folders_and_files(tmp_path: Path) -> None:
    folder = private_folder(tmp_path / "a" / "b")
    assert [mode(folder), mode(folder.parent)] == [0o700, 0o700]
    write_private(folder / "x", b"1")
    with open_private(folder / "log", "a", encoding="utf-8") as file:
        file.write("line\n")
    touch_private(folder / "mark")
    assert {path.name: mode(path) for path in folder.iterdir()} == {"x": 0o600, "log": 0o600, "mark": 0o600}
    private_folder(folder)


def test_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    write_private(tmp_path / "x", b"old")
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "x") as part:
        part.write(b"half")
        raise ZeroDivisionError
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("x", b"old")]


def test_what_an_earlier_version_left_open_is_closed(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir(mode=0o755)
    (tmp_path / "f").touch(0o644)
    for path in (tmp_path / "d", tmp_path / "f", tmp_path / "gone"):
        close_to_others(path)
    assert mode(tmp_path / "d") & 0o077 == 0
    assert mode(tmp_path / "f") & 0o077 == 0


def test_a_file_in_the_place_of_a_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(OSError):
        private_folder(tmp_path / "a" / "b")
