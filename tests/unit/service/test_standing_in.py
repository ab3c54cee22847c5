"""A folder in the place of `.penstock`: who reads has what was kept, and what must be recorded is not begun."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.errors import ToolError
from penstock.service.standing_in import stand_in
from penstock.service.workspace import open_workspace


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
