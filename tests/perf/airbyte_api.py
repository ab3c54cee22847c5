"""A large remote Airbyte, 500 connections with 20,000 streams: what observing it costs, at first and with nothing changed.

The floor is the same requests through the same HTTP client, bodies decoded as JSON and thrown away.
"""

from __future__ import annotations

import json
import resource
import tempfile
import time
from pathlib import Path

from tests.doubles.airbyte import AirbyteDouble, ConnectionRecord, Estate, StreamRecord
from tests.doubles.airbyte.server import Seen
from tests.perf.measure import clean_environ, process
from tests.support import ROOT

CONNECTIONS, STREAMS, FIELDS = 500, 40, 15
_PROJECT = """\
name: large
warehouses: {main: {type: duckdb, path: w.duckdb}}
refresh: 1s
airbyte:
  cloud: {type: api, server: SERVER, client_id: id, client_secret: secret, sync: always}
"""
_FLOOR = """
import sys, httpx, json
base, log = sys.argv[1], json.load(open(sys.argv[2]))
client = httpx.Client(timeout=60, verify=False)
token = client.post(base + "/applications/token", json={"client_id": "id", "client_secret": "secret"}).json()["access_token"]
for path, query in log:
    client.get("http://" + base.split("/")[2] + path, params=query, headers={"Authorization": "Bearer " + token}).json()
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch, AirbyteDouble(_estate(Path(scratch))) as double:
        root = Path(scratch)
        (root / ".git").mkdir()
        (root / "penstock.yml").write_text(_PROJECT.replace("SERVER", double.url))
        first, asked = _observed(root, double)
        log = [(one.path, one.query) for one in asked if one.method == "GET"]
        (root / "log.json").write_text(json.dumps(log))
        python = str(ROOT / ".venv" / "bin" / "python")
        floor, _ = process([python, "-c", _FLOOR, double.url, "log.json"], root, clean_environ())
        time.sleep(1.5)  # older than `refresh`: observed again
        second, again = _observed(root, double)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        body, body_again = (sum(one.sent for one in part) for part in (asked, again))
        print(f"{CONNECTIONS} connections, {CONNECTIONS * STREAMS:,} streams, {FIELDS} fields each")
        print(
            f"first:  {len(asked)} requests, {body / 1e6:.1f} MB, {first:.2f} s CPU = {first / floor:.1f}x the same requests alone"
        )
        print(
            f"again:  {len(again)} requests, {body_again / 1e6:.1f} MB ({body_again / body:.2f} of the first), {second:.2f} s CPU"
        )
        print(
            f"repeated needlessly: {len(asked) - len({(o.method, o.path, str(o.query)) for o in asked})}; peak memory {peak:.0f} MB"
        )
        print(
            "(the list of connections holds every configured stream and has no way to ask for changes only)"
        )


def _observed(root: Path, double: AirbyteDouble) -> tuple[float, list[Seen]]:
    """CPU seconds of one plan that observes, and the requests that it made."""
    before = len(double.seen)
    cpu, _ = process([str(ROOT / ".venv" / "bin" / "penstock"), "plan"], root, clean_environ())
    return cpu, double.seen[before:]


def _estate(folder: Path) -> Estate:
    place = {"destination_path": str(folder / "w.duckdb"), "schema": "raw"}
    fields = [[f"field_{n}"] for n in range(FIELDS)]
    estate = Estate(
        workspaces=[{"workspaceId": "w", "name": "W"}],
        destinations=[
            {
                "destinationId": "d",
                "name": "D",
                "destinationType": "duckdb",
                "workspaceId": "w",
                "configuration": place,
            }
        ],
    )
    for n in range(CONNECTIONS):
        names = [f"stream_{n}_{m}" for m in range(STREAMS)]
        estate.sources.append(
            {
                "sourceId": f"s{n}",
                "name": f"S{n}",
                "sourceType": "faker",
                "workspaceId": "w",
                "configuration": {},
            }
        )
        estate.streams[f"s{n}"] = [
            StreamRecord(name=name, fields=fields, primary_key=[["field_0"]]) for name in names
        ]
        estate.connections.append(
            ConnectionRecord(
                id=f"c{n:05}", name=f"C{n}", source_id=f"s{n}", destination_id="d", workspace_id="w",
                streams=[{"name": name, "syncMode": "full_refresh_overwrite", "primaryKey": [["field_0"]], "selectedFields": [], "mappers": []} for name in names],
            )
        )  # fmt: skip
    return estate


if __name__ == "__main__":
    main()
