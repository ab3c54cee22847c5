"""What dbt wrote with a secret in it, once a step has ended: hidden in sound records, and in those that are broken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from penstock.system.redaction import Secrets
from penstock_dbt.hiding import hide_written

SECRET = "ho-ho-secret-77"


@pytest.mark.parametrize(
    "record",
    [
        json.dumps({"sql": f"select '{SECRET}' as v", "checksum": "c"}),
        json.dumps({"sql": f"select '{SECRET}' as v"})[:-4],
        json.dumps({"text": f"select '{SECRET}'"}),
        json.dumps([SECRET]),
        f"\udcff {SECRET}",
        "",
    ],
)
def test_a_broken_record_is_hidden_too_and_fails_nothing(record: str, tmp_path: Path) -> None:
    (tmp_path / "compiled").mkdir()
    path = tmp_path / "compiled" / "model.shop.m.json"
    path.write_bytes(record.encode(errors="surrogateescape"))
    hide_written(Secrets([SECRET]), [], [tmp_path / "worker"], 0.0)
    assert SECRET.encode() not in path.read_bytes()
    assert bool(path.read_bytes()) == bool(record), "what it says besides stays"
