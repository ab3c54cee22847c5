"""Whether a statement may be asked: where it would start a stopped SQL warehouse, only who said so."""

from __future__ import annotations

from penstock.integration import Connection, text_of
from penstock_databricks.client import Client
from penstock_databricks.statements import warehouse_of


def why_asleep(connection: Connection) -> str | None:
    """Why the SQL warehouse would have to be started; None when it may be asked. Raises ToolError, RemoteProblem."""
    identity = warehouse_of(connection)
    if connection.settings.get("wake"):
        return None
    told = Client(connection).get(f"/api/2.0/sql/warehouses/{identity}")
    if str(told.get("state")).upper() == "RUNNING":
        return None
    return f"the SQL warehouse {text_of(told, 'name') or identity} is not running"
