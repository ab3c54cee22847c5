"""Settings whose names nothing in Airbyte has are told: `sync: never` of a misspelt connection would keep nothing from syncing."""

from __future__ import annotations

from typing import Any

from penstock_airbyte.api.config import ApiConfig, Chosen, Override
from penstock_airbyte.api.diagnosing import unmet
from penstock_airbyte.api.gathered import Names
from penstock_airbyte.api.gathering import gather
from penstock_airbyte.api.observing import client_of
from tests.doubles.airbyte import AirbyteDouble, ConnectionRecord, Estate

SEEN = Names(connections=(("Shop", "c-1"),), destinations=(("Lake", "d-1"),))


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


def connection(identity: str, name: str, **told: Any) -> ConnectionRecord:
    place: dict[str, Any] = {"source_id": "s", "destination_id": "d", "workspace_id": "w"}
    return ConnectionRecord(id=identity, name=name, streams=[{"name": "users"}], **{**place, **told})


def test_what_is_there_and_not_chosen_is_no_mistake() -> None:
    """An override of an excluded connection, and a destination that only that one has, were said not to be in Airbyte."""
    actors = [
        {"destinationId": one, "name": one.upper(), "destinationType": "postgres", "workspaceId": "w"}
        for one in "de"
    ]
    estate = Estate(
        workspaces=[{"workspaceId": "w", "name": "W"}],
        destinations=[{**one, "configuration": {}} for one in actors],
        connections=[
            connection("c-1", "Shop"),
            connection("c-2", "CRM", destination_id="e"),
            connection("c-3", "Gone", status="deprecated"),
        ],
    )
    overrides = {name: Override(sync="never") for name in ("CRM", "Shop", "Gone")}
    with AirbyteDouble(estate) as double:
        told = ApiConfig(
            server=double.url,
            client_id="id",
            client_secret="secret",
            connections=Chosen(include=("Shop", "C*"), exclude=("CRM",)),
            overrides=overrides,
            destinations={"E": "main", "d": "main"},
        )
        client = client_of(told)
        gathered = gather(client, told, None, schemas_age=0.0, progress=lambda _: None)
        client.transport.close()
    assert [one.connection.name for one in gathered.connections] == ["Shop"]
    assert gathered.names is not None
    lines = [line.message for line in unmet("cloud", told, gathered.names)]
    assert lines == ["overrides: nothing in Airbyte is called 'Gone'"]
