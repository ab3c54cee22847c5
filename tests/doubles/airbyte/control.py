"""The stand-in's own routes below /control, for whoever starts it by hand: faults, job scripts, the log of requests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.doubles.airbyte.faults import Fault

if TYPE_CHECKING:
    from tests.doubles.airbyte.routes import Answer, Request
    from tests.doubles.airbyte.server import AirbyteDouble


def control(double: AirbyteDouble, request: Request) -> Answer:
    """POST faults (a Fault), DELETE faults, POST connections/ID (fields to set), POST jobs/ID (by: somebody else), GET log."""
    from tests.doubles.airbyte.routes import problem, said

    parts = request.path.removeprefix("/control/").strip("/").split("/")
    told: dict[str, Any] = json.loads(request.body or b"{}")
    match (request.method, *parts):
        case ("POST", "faults"):
            double.faults.add(Fault(**told))
            return said(200, {"added": told})
        case ("DELETE", "faults"):
            double.faults.clear()
            return said(200, {})
        case ("POST", "connections", identity):
            connection = double.estate.connection(identity)
            if connection is None:
                return problem(404, "resource-not-found")
            for name, value in told.items():
                setattr(connection, name, value)
            return said(200, connection.document())
        case ("POST", "jobs", identity):
            connection = double.estate.connection(identity)
            if connection is None:
                return problem(404, "resource-not-found")
            job = double.estate.add_job(connection, told.get("kind", "sync"), double.clock(), by="somebody")
            return said(200, job.document(double.clock(), double.routes.skew))
        case ("GET", "log"):
            rows = [
                {
                    "at": one.at,
                    "method": one.method,
                    "path": one.path,
                    "status": one.status,
                    "bytes": one.sent,
                }
                for one in double.seen
            ]
            return said(200, {"requests": rows, "triggers": double.triggers, "cancels": double.cancels})
    return problem(404, "resource-not-found")
