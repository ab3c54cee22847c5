"""A folder in the place of `.penstock`: who reads has what was kept, and what must be recorded is not begun."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from penstock.errors import PenstockError, ToolError
from penstock.service.branches import branches, drop
from penstock.service.standing_in import stand_in
from penstock.service.workspace import open_workspace
from tests.tools.unprivileged import as_nobody


def test_what_must_be_recorded_is_not_begun(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "penstock.yml").write_text("name: shop\n")
    workspace = open_workspace(tmp_path)
    workspace.keep()
    assert workspace.state_dir == tmp_path / ".penstock"
    workspace.project.stand_in = tmp_path / "other"
    assert workspace.state_dir == tmp_path / "other"
    with pytest.raises(ToolError, match=r"\.penstock cannot be written"):
        workspace.keep()


def test_a_folder_that_can_be_written_needs_none(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "penstock.yml").write_text("name: shop\n")
    said: list[str] = []
    project = open_workspace(tmp_path).project
    stand_in(project, said.append)
    assert (project.stand_in, said) == (None, [])


def test_what_cannot_be_read_takes_nothing_else_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "penstock.yml").write_text("name: shop\n")
    kept = tmp_path / ".penstock"
    for name in ("airbyte", "dbt", "snapshot"):
        (kept / name).mkdir(parents=True)
        (kept / name / "seen").write_text(name)
    os.mkfifo(kept / "dbt" / "a-pipe")  # as unreadable to every user as a file of another one is to most
    (kept / "airbyte" / "crm.config.json").write_text("a secret")
    (kept / "dbt").chmod(0o555)
    project = open_workspace(tmp_path).project
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != kept)
    said: list[str] = []
    stand_in(project, said.append)
    other = project.stand_in
    assert other is not None
    assert [(other / name / "seen").read_text() for name in ("airbyte", "dbt", "snapshot")] == [
        "airbyte",
        "dbt",
        "snapshot",
    ]
    assert said[1:] == [f"what was kept in {kept}/dbt/a-pipe cannot be read: it is looked up again"]
    assert (other / "dbt").stat().st_mode & 0o777 == 0o700, "a reader's work is written there"
    secret = other / "airbyte" / "crm.config.json"
    assert (secret.read_text(), secret.is_symlink()) == ("a secret", True)
    shutil.rmtree(other)


def test_another_users_branches_are_not_told_to_be_none() -> None:
    root = Path(tempfile.mkdtemp())  # pytest's own are their owner's
    try:
        root.chmod(0o755)
        (root / "penstock.yml").write_text("name: shop\n")
        kept = root / ".penstock"
        assert branches(root).environments == ()  # what it imports lies where only root reads
        kept.mkdir(exist_ok=True)
        kept.chmod(0)
        said = as_nobody(lambda: _said(lambda: branches(root)))
        assert said == f"which environments branches have is kept in a folder that you may not read, {kept}"
        said = as_nobody(lambda: _said(lambda: drop(root, ("pr-1",), expired=False)))
        assert said == f"{kept} cannot be written, and what is begun must be recorded, None"
    finally:
        shutil.rmtree(root)


def _said(call: Callable[[], object]) -> str:
    try:
        return repr(call())
    except PenstockError as error:
        return f"{error.what}, {error.where}"
