"""The folder that -C names may be anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.errors import NoProjectError
from penstock.project.locate import locate


@pytest.mark.parametrize("name", ["nowhere", "(" * 300], ids=["missing", "too long"])
def test_a_folder_that_cannot_be_is_none(name: str, tmp_path: Path) -> None:
    with pytest.raises(NoProjectError, match="there is no folder"):
        locate(tmp_path / name, {})
