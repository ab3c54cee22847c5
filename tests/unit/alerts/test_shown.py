"""What a terminal shows of incidents: opened, updated and over, each once; nothing where nobody is told."""

from __future__ import annotations

from pathlib import Path

import msgspec

from penstock.cli.scheduled import read_command
from penstock.service.alerting import Alerting
from penstock.service.workspace import open_workspace
from penstock.store import Incident, IncidentSummary, open_store


def test_each_change_has_its_word_once(tmp_path: Path) -> None:
    (tmp_path / "penstock.yml").write_text("name: shop\n")
    store = open_store("sqlite:///a.db", root=tmp_path)
    one = Alerting(open_workspace(tmp_path), store, list, read_command, lambda word, what: None, lambda: True)
    told = IncidentSummary(
        kind="asset.failed", cause="a", severity="warn", title="a failed", why="", since=1.0,
        environment="dev", project="shop",
    )  # fmt: skip
    opened = Incident(id="1", kind="asset.failed", cause="a", told=told, opened_at=1.0, told_at=1.0)
    updated = msgspec.structs.replace(opened, told_at=2.0)
    over = msgspec.structs.replace(updated, closed_at=3.0)
    words = [one._word(state) for state in (opened, opened, updated, updated, over)]
    assert words == ["incident", None, "update", None, "recovered"]
    assert one._word(msgspec.structs.replace(updated, id="2")) == "update", (
        "it was opened before this one lived"
    )
    store.close()
