"""fakesnow's server with the fields and routes that connector 5 needs beside it, and with marks of its tables' states.

Run by the Python of fakesnow's own environment, which knows neither penstock nor its tests. Prints its port when it listens.
"""

from __future__ import annotations

import gzip
import importlib
import json
import socket
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

marks: Any = importlib.import_module("marks")  # beside this file: a script's own folder is looked in first
marks.patch()
server: Any = importlib.import_module("fakesnow.server")  # as an attribute of the package it is a function
A_DAY = 24 * 3600
MARKS = marks.Marks(server.shared_fs.duck_conn)


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


async def query(request: Request) -> Response:
    """fakesnow's answer; what was written is marked, and tokens stand where they are asked for."""
    body = await request.body()
    told = json.loads(gzip.decompress(body) if request.headers.get("Content-Encoding") == "gzip" else body)
    try:
        told["sqlText"] = _likes(MARKS.with_tokens(told["sqlText"]))
    except marks.Unknown as unknown:
        message = f"SQL compilation error:\nTable '{unknown}' does not exist or not authorized."
        data = {"errorCode": "002003", "sqlState": "02000"}
        return JSONResponse({"data": data, "code": "002003", "message": message, "success": False})
    answer: Response = await server.query_request(_with_body(request, json.dumps(told).encode()))
    if not told.get("describeOnly") and json.loads(bytes(answer.body)).get("success"):
        session = server.to_conn(server.to_token(request))
        MARKS.seen(id(session), told["sqlText"], session.database or "", session.schema or "")
    return answer


def _likes(sql: str) -> str:
    """fakesnow's SHOW knows no escapes in LIKE: without them the pattern finds at least as much. It replicates nothing."""
    if sql.lstrip().lower().startswith("show replication databases"):
        return "select 'none' as name where false"
    return sql.replace("\\\\", "") if sql.lstrip().lower().startswith("show ") else sql


def _with_body(request: Request, body: bytes) -> Request:
    headers = [
        pair for pair in request.scope["headers"] if pair[0] not in (b"content-encoding", b"content-length")
    ]

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request({**request.scope, "headers": headers}, receive)


async def nothing(request: Request) -> Response:
    return JSONResponse({"data": None, "code": None, "message": None, "success": True})


ROUTES = [
    Route("/session/v1/login-request", login, methods=["POST"]),
    Route("/session/token-request", nothing, methods=["POST"]),
    Route("/telemetry/send", nothing, methods=["POST"]),
    Route("/queries/v1/query-request", query, methods=["POST"]),
    *server.app.routes,
]


def main() -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    print(listening.getsockname()[1], flush=True)
    uvicorn.Server(uvicorn.Config(Starlette(routes=ROUTES), log_level="warning")).run(sockets=[listening])


if __name__ == "__main__":
    main()
