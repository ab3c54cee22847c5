"""Start the stand-in by hand: `python -m tests.doubles.databricks --port 8007`. Stops with Ctrl-C."""

from __future__ import annotations

import argparse
import threading

from tests.doubles.databricks.estate import Estate, JobRecord, table
from tests.doubles.databricks.server import DatabricksDouble


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.doubles.databricks", description=__doc__)
    parser.add_argument("--port", type=int, default=8007)
    parser.add_argument("--seconds", type=float, default=2.0, help="how long a run takes")
    options = parser.parse_args()
    estate = Estate(
        tables=[table("shop.marts.orders", {"id": "bigint", "amount": "decimal(10,2)"})],
        jobs=[JobRecord(job_id=11, name="score customers", seconds=options.seconds)],
    )
    with DatabricksDouble(estate, port=options.port) as double:
        print(f"host: {double.url}  token: {double.token}", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("stopped", flush=True)


if __name__ == "__main__":
    main()
