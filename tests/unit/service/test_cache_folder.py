"""Where the user's cache is: PENSTOCK_CACHE_DIR, then XDG_CACHE_HOME, then the system's own place."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from penstock.service.workspace import Workspace, open_workspace


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"PENSTOCK_CACHE_DIR": "/a/b", "XDG_CACHE_HOME": "/x"}, Path("/a/b")),
        ({"XDG_CACHE_HOME": "/x"}, Path("/x/penstock")),
    ],
)
def test_what_is_said_wins(tmp_path: Path, environ: dict[str, str], expected: Path) -> None:
    (tmp_path / "penstock.yml").write_text("name: here\n")
    assert Workspace(open_workspace(tmp_path).project, environ=environ).cache_dir == expected


@pytest.mark.skipif(sys.platform != "linux", reason="the place of Linux")
def test_nothing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "penstock.yml").write_text("name: here\n")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "/somewhere")
    assert Workspace(open_workspace(tmp_path).project, environ={}).cache_dir == Path(
        "/somewhere/.cache/penstock"
    )
