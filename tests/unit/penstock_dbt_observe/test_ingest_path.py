"""The path that `penstock ingest` is given may be anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.errors import DocumentError
from penstock_dbt.config import DbtConfig
from penstock_dbt.integration import INTEGRATION as DBT
from tests.fixtures.artefacts import NEWEST, artefact
from tests.unit.penstock_dbt_observe.observing import context


@pytest.mark.parametrize(
    "name", ["nowhere", "(" * 300, "a/" * 3000], ids=["missing", "long name", "long path"]
)
def test_a_path_that_cannot_be_is_no_file(name: str, tmp_path: Path) -> None:
    (tmp_path / "m.json").write_bytes(artefact(NEWEST, "manifest"))
    with pytest.raises(DocumentError, match="there is no such file"):
        DBT.ingest(context(tmp_path, DbtConfig(manifest="m.json")), tmp_path / name)
