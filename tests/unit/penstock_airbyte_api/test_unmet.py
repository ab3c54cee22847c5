"""Settings whose names nothing in Airbyte has are told: `sync: never` of a misspelt connection would keep nothing from syncing."""

from __future__ import annotations

from penstock_airbyte.api.config import ApiConfig, Chosen, Override
from penstock_airbyte.api.diagnosing import unmet
from penstock_airbyte.api.gathered import Gathered, KnownConnection
from penstock_manifests.airbyte.api import ApiActor, ApiConnection

SEEN = Gathered(
    server="http://127.0.0.1:9",
    taken_at=0.0,
    destinations=(ApiActor(id="d-1", name="Lake", workspace_id="w", type="duckdb", place={}),),
    connections=(KnownConnection(connection=ApiConnection(connection_id="c-1", name="Shop"), digest="x"),),
)


def test_names_that_nothing_has() -> None:
    config = ApiConfig(
        token="t",
        connections=Chosen(include=("Shop", "c-*", "crm*")),
        overrides={"Shpo": Override(sync="never"), "c-1": Override(sync="never")},
        destinations={"Lake": "main", "d-1": "main", "Lak": "main"},
    )
    lines = list(unmet("cloud", config, SEEN))
    assert not any(line.ok for line in lines)
    told = [line.message for line in lines]
    assert ["'crm*'" in told[0], "did you mean 'Shop'" in told[1], "did you mean 'Lake'" in told[2]] == [
        True
    ] * 3
    assert len(told) == 3
