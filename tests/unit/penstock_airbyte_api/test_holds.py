"""What a remote sync holds: its connection, and destination and workspace as far as penstock.yml limits them."""

from __future__ import annotations

import msgspec

from penstock.assets import Hold
from penstock.integration import Address
from penstock_airbyte.api.config import ApiConfig
from penstock_airbyte.api.describing import describe
from penstock_airbyte.api.gathered import Gathered, KnownConnection
from penstock_manifests.airbyte.api import ApiActor, ApiWorkspace, read_connection


def holds(address: Address | None) -> tuple[Hold, ...]:
    words = {"connectionId": "c", "name": "Shop", "destinationId": "d", "workspaceId": "w"}
    connection, _ = read_connection(msgspec.json.encode(words))
    assert connection is not None
    gathered = Gathered(
        server="https://api.airbyte.com/v1",
        taken_at=0.0,
        workspaces=(ApiWorkspace(workspace_id="w", name="Main"),),
        destinations=(ApiActor(id="d", name="Snowflake EU", workspace_id="w", type="snowflake", place={}),),
        connections=(KnownConnection(connection=connection, digest=""),),
    )
    seen = describe(gathered, ApiConfig(token="t"), "cloud", lambda destination: (address, "not known"))
    return seen.producers[0].holds


def test_destination_and_workspace_are_pools_without_a_limit_of_their_own() -> None:
    assert holds(None) == (
        Hold("airbyte:cloud/Shop"),
        Hold("airbyte:cloud:destination/Snowflake EU", open=True),
        Hold("airbyte:cloud:workspace/Main", open=True),
    )


def test_a_warehouse_with_one_writer_at_a_time_is_held_by_the_job_that_loads_it() -> None:
    """dbt met the lock of a job that was still loading the same DuckDB file, and its model failed."""
    file = Address(namespace="duckdb:shop.duckdb", dialect="duckdb", resource="duckdb:shop.duckdb", slots=1)
    many = Address(namespace="postgres://db:5432", dialect="postgres", resource="postgres://db:5432", slots=8)
    assert Hold("duckdb:shop.duckdb") in holds(file)
    assert Hold("postgres://db:5432") not in holds(many)
