"""fakesnow's server with the fields and routes that connector 5 needs beside it.

Run by the Python of fakesnow's own environment, which knows neither penstock nor its tests. Prints its port when it listens.
"""

from __future__ import annotations

import importlib
import json
import socket
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

server: Any = importlib.import_module("fakesnow.server")  # as an attribute of the package it is a function
A_DAY = 24 * 3600


async def login(request: Request) -> Response:
    """fakesnow's answer, and what connector 5 refuses to be without."""
    answer = json.loads(bytes((await server.login_request(request)).body))
    data = answer["data"]
    data.update(
        masterToken=f"master-{data['token']}",
        sessionId=1,
        validityInSeconds=A_DAY,
        masterValidityInSeconds=A_DAY,
        displayUserName="somebody",
        firstLogin=False,
        healthCheckInterval=45,
    )
    data["sessionInfo"] = {**data["sessionInfo"], "warehouseName": "WH", "roleName": "SYSADMIN"}
    return JSONResponse(answer)


async def nothing(request: Request) -> Response:
    return JSONResponse({"data": None, "code": None, "message": None, "success": True})


ROUTES = [
    Route("/session/v1/login-request", login, methods=["POST"]),
    Route("/session/token-request", nothing, methods=["POST"]),
    Route("/telemetry/send", nothing, methods=["POST"]),
    *server.app.routes,
]


def main() -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    print(listening.getsockname()[1], flush=True)
    uvicorn.Server(uvicorn.Config(Starlette(routes=ROUTES), log_level="warning")).run(sockets=[listening])


if __name__ == "__main__":
    main()
