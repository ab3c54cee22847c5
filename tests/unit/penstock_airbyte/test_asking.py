"""What a connector answers when it is asked: taken only where it stands by it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from penstock.errors import ToolError
from penstock_airbyte.connector import Connector
from tests.unit.penstock_airbyte.sources import TALKER

CATALOG = {"type": "CATALOG", "catalog": {"streams": [{"name": "users", "json_schema": {}}]}}
ERROR = {"type": "TRACE", "trace": {"type": "ERROR", "emitted_at": 1, "error": {"message": "half of it"}}}
RENEWED = {
    "type": "CONTROL",
    "control": {"type": "CONNECTOR_CONFIG", "emitted_at": 1, "connectorConfig": {"config": {"token": "new"}}},
}


def status(value: str) -> dict[str, Any]:
    return {"type": "CONNECTION_STATUS", "connectionStatus": {"status": value}}


def talking(root: Path, kept: list[Any], code: int, *messages: Any, before: str = "") -> Connector:
    text = before + "\n".join(json.dumps(message) for message in messages)
    command = [sys.executable, "-S", str(TALKER), text, str(code)]
    return Connector("x", command, dict(os.environ), root, str, kept.append)


def test_a_catalog_that_broke_off_is_none(tmp_path: Path) -> None:
    """Streams that it had not come to counted as gone."""
    with pytest.raises(ToolError, match="discover failed: half of it"):
        talking(tmp_path, [], 1, CATALOG, ERROR).discover({})
    (stream,) = talking(tmp_path, [], 0, CATALOG, ERROR).discover({}).streams
    assert stream.name == "users"


@pytest.mark.parametrize("said", [("SUCCEEDED", "FAILED"), ("FAILED", "SUCCEEDED")])
def test_a_check_that_says_both_has_failed(said: tuple[str, str], tmp_path: Path) -> None:
    assert talking(tmp_path, [], 1, *map(status, said), ERROR).check({}).status == "FAILED"


def test_a_mark_or_half_a_character_hides_no_catalog(tmp_path: Path) -> None:
    half = {
        "type": "CATALOG",
        "catalog": {"streams": [{"name": "users", "json_schema": {"title": "a \ud83d"}}]},
    }
    (stream,) = talking(tmp_path, [], 0, half, before="\ufeff").discover({}).streams
    assert stream.json_schema == {"title": "a \ufffd"}


def test_a_configuration_that_is_renewed_while_it_is_asked_is_kept(tmp_path: Path) -> None:
    """The old token was given to the next sync, which was refused with it."""
    kept: list[Any] = []
    talking(tmp_path, kept, 0, RENEWED, CATALOG).discover({"token": "old"})
    talking(tmp_path, kept, 1, status("FAILED"), RENEWED).check({"token": "old"})
    assert kept == [{"token": "new"}] * 2
