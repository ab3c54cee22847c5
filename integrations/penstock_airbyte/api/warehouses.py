"""Which warehouse a destination is: told by penstock.yml, or derived from where the destination says it writes. Pure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from penstock.errors import PenstockError
from penstock.integration import Address, Connection
from penstock_airbyte.api.names import DestinationKind, kind_of
from penstock_manifests.airbyte.api import ApiActor


def address_of(
    destination: ApiActor,
    named: dict[str, str],
    connection: Callable[[str], Connection],
    address: Callable[[Connection], Address],
    root: Path,
) -> tuple[Address | None, str]:
    """The warehouse's address, or None with the reason. `named` maps destinations to warehouses of penstock.yml."""
    told = named.get(destination.name) or named.get(destination.id)
    if told is not None:
        return address(connection(told)), ""
    settings = derived(destination)
    if settings is None:
        return None, "its address does not say which warehouse it is"
    kind, found = settings
    try:
        return address(Connection(type=kind, settings=found, base=root)), ""
    except PenstockError as error:
        return None, str(error.what)


def derived(destination: ApiActor) -> tuple[str, dict[str, object]] | None:
    """The warehouse's type and where it is, as a dbt profile would say it; None where the API does not show enough."""
    place = destination.place
    match kind_of(destination.type):
        case DestinationKind.SNOWFLAKE:
            host = str(place.get("host") or place.get("account") or "")
            account = host.removeprefix("https://").partition(".snowflakecomputing.")[0]
            return ("snowflake", _given(account=account, place=place)) if account else None
        case DestinationKind.POSTGRES | DestinationKind.REDSHIFT as kind:
            found = _given(host=place.get("host"), port=place.get("port"), place=place)
            return (kind.value, found) if place.get("host") else None
        case DestinationKind.DATABRICKS:
            workspace = place.get("hostname") or place.get("databricks_server_hostname")
            return ("databricks", _given(host=workspace, place=place)) if workspace else None
        case DestinationKind.BIGQUERY:
            project = place.get("project_id")
            found = {"project": project, "database": project, "schema": place.get("dataset_id")}
            return ("bigquery", found) if project else None
        case DestinationKind.DUCKDB:
            path = place.get("destination_path")
            return ("duckdb", {"path": path, "schema": place.get("schema") or "main"}) if path else None
        case _:
            return None


def _given(place: dict[str, object], **found: object) -> dict[str, object]:
    database = place.get("database") or place.get("catalog")
    told = {**found, "database": database, "schema": place.get("schema") or place.get("default_schema")}
    return {key: value for key, value in told.items() if value is not None}
