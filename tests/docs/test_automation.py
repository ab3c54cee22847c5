"""What the how-tos of automation, freshness and alerts show of penstock.yml is read as a daemon reads it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from penstock.automation import read_schedules
from penstock.cli.up import _check
from penstock.service.workspace import open_workspace
from tests.support import ROOT

PARTS = {"automation", "schedules", "policies", "events", "alerts"}
HEAD = "name: shop\nwarehouses: {main: {type: duckdb, path: shop.duckdb}}\n"
CHANNELS = "alerts:\n  channels: {team: {type: file, path: a.log}, mail: {type: file, path: b.log}}\n"


def shown() -> list[Any]:
    found = []
    for name in ("automation", "freshness", "alerts"):
        text = (ROOT / "docs" / "how-to" / f"{name}.md").read_text()
        for number, block in enumerate(re.findall(r"```yaml\n(.*?)```", text, re.S)):
            if set(re.findall(r"^(\w+):", block, re.M)) <= PARTS:
                found.append(pytest.param(block, id=f"{name}-{number}"))
    return found


@pytest.mark.parametrize("block", shown())
def test_it_is_taken(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in re.findall(r"\$\{(\w+)\}", block):
        monkeypatch.setenv(name, name * 4)
    if "channels:" not in block:
        block = block.replace("alerts:\n", CHANNELS)
    (tmp_path / "penstock.yml").write_text(HEAD + block)
    workspace = open_workspace(tmp_path)
    _check(workspace)
    read_schedules(workspace.project)


def test_there_are_some() -> None:
    assert len(shown()) >= 6
