"""What a remote sync holds: its connection, and destination and workspace as far as penstock.yml limits them."""

from __future__ import annotations

import msgspec

from penstock.assets import Hold
from penstock_airbyte.api.config import ApiConfig
from penstock_airbyte.api.describing import describe
from penstock_airbyte.api.gathered import Gathered, KnownConnection
from penstock_manifests.airbyte.api import ApiActor, ApiWorkspace, read_connection


def test_destination_and_workspace_are_pools_without_a_limit_of_their_own() -> None:
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
    config = ApiConfig(token="t")
    seen = describe(gathered, config, "cloud", lambda destination: (None, "not known"))
    assert seen.producers[0].holds == (
        Hold("airbyte:cloud/Shop"),
        Hold("airbyte:cloud:destination/Snowflake EU", open=True),
        Hold("airbyte:cloud:workspace/Main", open=True),
    )
