"""What reading a large Unity Catalog costs: `python -m tests.perf.catalog_databricks [TABLES]` (20,000 by default, of 20 columns).

A server of its own process answers from memory, as the API does: pages of 100 tables with all that it says of a column. The floor is
the same result through the SDK's client: every page fetched and dropped. Ours is the whole observation. Each is a process of its own.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from penstock.integration import Connection as Warehouse
from penstock.integration import ObserveContext
from penstock_databricks.address import address_of
from penstock_databricks.client import Client
from penstock_databricks.config import DatabricksConfig
from tests.perf.catalogs import measured, report, tell

COLUMNS, SCHEMAS, PAGE = 20, 20, 100
_TYPES = ("bigint", "string", "timestamp", "decimal(18,2)", "double")


def main() -> None:
    if len(sys.argv) > 3:
        {"ours": ours, "floor": floor}[sys.argv[1]](sys.argv[2], int(sys.argv[3]))
        tell()
        return
    tables = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    ours_end, server_end = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(
        target=serve, args=(server_end, tables), daemon=True
    )
    server.start()
    url = f"http://127.0.0.1:{ours_end.recv()}"
    try:
        print(f"{tables} tables of {COLUMNS} columns")
        parts = {"client": "floor", "first": "ours", "second": "ours"}
        costs = {
            name: measured(
                ["tests.perf.catalog_databricks", part, url, str(tables)], lambda: _asked(ours_end)
            )
            for name, part in parts.items()
        }
        report("Databricks", costs, what="requests")
    finally:
        server.terminate()
        server.join()


def _asked(server: Connection) -> int:
    server.send(True)
    return int(server.recv())


def serve(told: Connection, tables: int) -> None:
    """Answers until it is ended, and tells how many requests came whenever it is asked."""
    asked = [0]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked[0] += 1
            wanted = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(wanted.query).items()}
            if "/unity-catalog/" not in wanted.path:  # the SDK looks for what a workspace may tell of itself
                self.send_error(404)
                return
            body = json.dumps(answer(wanted.path.rpartition("/")[2], query, tables // SCHEMAS)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing is written."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.send(server.server_address[1])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    while told.recv():
        told.send(asked[0])


def answer(what: str, query: dict[str, str], tables: int) -> dict[str, Any]:
    if what == "catalogs":
        return {"catalogs": [{"name": "shop"}]}
    if what == "schemas":
        return {"schemas": [{"name": f"s{number}", "catalog_name": "shop"} for number in range(SCHEMAS)]}
    start = int(query.get("page_token", "0"))
    end = min(tables, start + PAGE)
    found: dict[str, Any] = {"tables": [table(query["schema_name"], number) for number in range(start, end)]}
    return found if end >= tables else {**found, "next_page_token": str(end)}


def table(schema: str, number: int) -> dict[str, Any]:
    """As the API words it. Every second column has a name that no other table has."""
    columns = []
    for at in range(COLUMNS):
        name = f"column_{at}" if at % 2 else f"column_{at}_of_{schema}_{number}"
        kind = _TYPES[at % len(_TYPES)]
        about = {"name": name, "type": kind, "nullable": True, "metadata": {}}
        columns.append(
            {"name": name, "type_text": kind, "type_name": kind.partition("(")[0].upper(), "type_json": json.dumps(about),
             "type_precision": 0, "type_scale": 0, "position": at, "nullable": True}
        )  # fmt: skip
    return {
        "name": f"t{number}", "catalog_name": "shop", "schema_name": schema, "table_type": "MANAGED", "owner": "loader",
        "data_source_format": "DELTA", "full_name": f"shop.{schema}.t{number}", "columns": columns, "updated_at": 1700000000000,
        "table_id": f"{number:032x}", "storage_location": f"s3://bucket/{schema}/{number}",
    }  # fmt: skip


def connection_at(url: str) -> Warehouse:
    return Warehouse(
        type="databricks", settings={"host": url, "token": "hidden", "catalog": "shop"}, base=Path()
    )


def ours(url: str, tables: int) -> None:
    """The observation as `refresh` makes it."""
    from penstock_databricks.observe import observe

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        context = ObserveContext(
            project_root=root, state_dir=root, cache_dir=root, instance="main",
            config=DatabricksConfig(host=url, token="hidden", catalog="shop"),
            environment="dev", may_call=True, environ={}, options={}, address=address_of,
            connection=lambda name: connection_at(url), progress=lambda line: None,
        )  # fmt: skip
        assert len(observe(context).assets) == tables // SCHEMAS * SCHEMAS


def floor(url: str, tables: int) -> None:
    """The same pages, fetched and dropped."""
    client = Client(connection_at(url))
    for number in range(SCHEMAS):
        query = {
            "catalog_name": "shop",
            "schema_name": f"s{number}",
            "max_results": 0,
            "omit_properties": "true",
        }
        for _ in client.paged("/api/2.1/unity-catalog/tables", query):
            pass


if __name__ == "__main__":
    main()
