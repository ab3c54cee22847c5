"""Real connectors from PyPI: installed each into its own environment, read into DuckDB. And packages that are none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from penstock.errors import ToolMissing, UsageError
from penstock.integration import Outcome
from penstock_airbyte.config import SourceConfig
from penstock_airbyte.environment import command_of, folder_of, installed_command
from tests.tools.syncing import Bench
from tests.unit.penstock_airbyte.sources import Loaded, misconfigured

pytestmark = pytest.mark.slow


def bench_of(root: Path, connector: str, version: str, config: dict[str, Any], **connection: Any) -> Bench:
    source = {"connector": connector, "version": version, "config": config}
    return Bench(root, {"shop": {"source": source, "destination": "main", "schema": "raw", **connection}})


def test_faker_twice_increments_without_doubles(tmp_path: Path) -> None:
    streams = {
        "users": {"sync_mode": "incremental_append_dedup"},
        "products": None,
        "purchases": {"sync_mode": "full_refresh_overwrite"},
    }
    config = {"count": 200, "seed": 42}
    for attempt in (1, 2):
        bench = bench_of(tmp_path, "airbyte-source-faker", "7.2.1", config, streams=streams)
        result = bench.sync(attempt)
        assert result.outcome is Outcome.SUCCESS, result.message
    shop = Loaded(tmp_path)
    assert shop.ask("SELECT count(*), count(DISTINCT id) FROM shop.raw.users") == [(200, 200)]
    assert shop.ask("SELECT count(*) FROM shop.raw.products") == [(100,)]
    assert shop.ask("SELECT count(*) > 0 FROM shop.raw.purchases WHERE added_to_cart_at IS NOT NULL") == [
        (True,)
    ]
    assert shop.ask(
        "SELECT count(*) FROM shop.raw.users WHERE json_array_length(_airbyte_meta->'changes') > 0"
    ) == [(0,)]
    types = dict(shop.columns("users"))
    assert (types["created_at"], types["address"]) == ("TIMESTAMP WITH TIME ZONE", "JSON")


@pytest.mark.long
def test_hardcoded_records(tmp_path: Path) -> None:
    """The example has this one, too, and is part of `make test`."""
    bench = bench_of(tmp_path, "airbyte-source-hardcoded-records", "0.0.48", {"count": 500})
    result = bench.sync(1)
    assert result.outcome is Outcome.SUCCESS, result.message
    assert {item: event.rows for item, event in result.items.items()} == {
        f"shop/{stream}#table": 500 for stream in ("products", "customers", "dummy_fields")
    }


def test_the_real_spec_rejects_a_wrong_type(tmp_path: Path) -> None:
    bench = bench_of(tmp_path, "airbyte-source-faker", "7.2.1", {"count": "x"})
    assert "airbyte.ingest.connections.shop.source.config.count: 'x' is not" in misconfigured(bench)


@pytest.mark.parametrize(
    ("connector", "version", "expected"),
    [
        (
            "airbyte-source-that-is-not-there-penstock",
            "1.0.0",
            "there is no connector package 'airbyte-source-that",
        ),
        ("airbyte-source-faker", "999.0.0", "there is no version 999.0.0 of 'airbyte-source-faker'"),
        ("iniconfig", "2.0.0", "iniconfig 2.0.0 is no connector"),
    ],
)
def test_a_package_that_cannot_be_used_leaves_nothing(
    connector: str, version: str, expected: str, tmp_path: Path
) -> None:
    source = SourceConfig(connector=connector, version=version)
    with pytest.raises(UsageError, match=expected):
        command_of(source, tmp_path, dict(os.environ), tmp_path, lambda line: None)
    assert installed_command(source, tmp_path) is None
    assert [file.name for file in (tmp_path / "connectors").iterdir()] == [
        folder_of(source, tmp_path).name + ".lock"
    ]


def test_a_python_that_is_not_there(tmp_path: Path) -> None:
    source = SourceConfig(connector="airbyte-source-faker", version="7.2.1", python="3.4")
    with pytest.raises(ToolMissing, match=r"no Python 3\.4 was found"):
        command_of(source, tmp_path, dict(os.environ), tmp_path, lambda line: None)
