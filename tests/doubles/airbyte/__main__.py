"""Start the stand-in by hand: `python -m tests.doubles.airbyte --port 8006 --database shop.duckdb`. Stops with Ctrl-C."""

from __future__ import annotations

import argparse
import threading
from pathlib import Path

from tests.doubles.airbyte.landing import land_in_duckdb
from tests.doubles.airbyte.server import AirbyteDouble
from tests.doubles.airbyte.shop import shop_estate


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.doubles.airbyte", description=__doc__)
    parser.add_argument("--port", type=int, default=8006)
    parser.add_argument(
        "--database", type=Path, default=Path("shop.duckdb"), help="the DuckDB file that syncs land in"
    )
    parser.add_argument("--seconds", type=float, default=2.0, help="how long a sync takes")
    options = parser.parse_args()
    estate = shop_estate(options.database.resolve())
    for connection in estate.connections:
        connection.sync_seconds = options.seconds
    double = AirbyteDouble(estate, port=options.port, land=land_in_duckdb)
    with double:
        print(f"server: {double.url}  client_id: id  client_secret: secret", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("stopped", flush=True)


if __name__ == "__main__":
    main()
