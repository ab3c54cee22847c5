"""What is read of the installed packages is what the standard library reads of them."""

from __future__ import annotations

import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from penstock.system import installed
from penstock.system.installed import EntryPoint, entry_points, groups


@pytest.fixture(autouse=True)
def _read_anew() -> object:
    installed._packages.cache_clear()
    yield
    installed._packages.cache_clear()


def _package(folder: Path, name: str, text: str) -> None:
    info = folder / name
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name.partition('-')[0]}\nVersion: 1\n")
    (info / "entry_points.txt").write_text(text)


def test_every_group_of_this_environment_is_read_as_the_standard_library_reads_it() -> None:
    theirs = metadata.entry_points()
    assert len(theirs.groups) > 5
    for group in theirs.groups:
        told = {one.name: one.value for one in sorted(theirs.select(group=group), key=lambda one: one.name)}
        assert {one.name: one.value for one in entry_points(group).values()} == told, group


@pytest.mark.parametrize("suffix", ["dist-info", "egg-info"])
def test_the_first_of_two_installed_versions_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    _package(
        tmp_path / "one", f"Some_Plug-2.0.{suffix}", "[g.plugs]\n# ours\na = first:X\nb=b.c : D.e [extra]\n"
    )
    _package(tmp_path / "two", f"some.plug-1.0.{suffix}", "[g.plugs]\na = second:X\nc = second:Y\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "one"), str(tmp_path / "two"), str(tmp_path / "none")])
    assert {one.name: one.value for one in metadata.entry_points(group="g.plugs")} == {
        "a": "first:X",
        "b": "b.c : D.e [extra]",
    }
    assert list(entry_points("g.plugs")) == ["a", "b"]
    assert entry_points("g.plugs")["a"].value == "first:X"


def test_a_path_that_is_no_text_is_one_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _package(tmp_path, "plug-1.0.dist-info", "[g.plugs]\na = first:X\n")
    monkeypatch.setattr(sys, "path", [tmp_path, *sys.path])
    assert [one.name for one in metadata.entry_points(group="g.plugs")] == ["a"]
    assert list(entry_points("g.plugs")) == ["a"]


def test_packages_in_an_archive_are_found_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("zipped-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: zipped\nVersion: 1.0\n")
        file.writestr("zipped-1.0.dist-info/entry_points.txt", "[g.plugs]\nz = zipped:Z\n")
    monkeypatch.setattr(sys, "path", [str(archive), *sys.path])
    assert entry_points("g.plugs")["z"].value == "zipped:Z"


def test_what_an_entry_point_names_is_loaded() -> None:
    assert EntryPoint("join", "os.path:join").load() is __import__("os").path.join
    assert EntryPoint("nested", "pathlib : Path.cwd [fast]").load() == Path.cwd
    assert EntryPoint("module", "json").load() is __import__("json")
    with pytest.raises(ImportError, match="no module:attribute"):
        EntryPoint("wrong", "a b").load()
    with pytest.raises(AttributeError):
        EntryPoint("gone", "json:gone").load()


def test_a_damaged_file_holds_what_can_be_read() -> None:
    assert groups("a = b\n[g]\nx\n= y\n") == {"g": [EntryPoint("x", ""), EntryPoint("", "y")]}
