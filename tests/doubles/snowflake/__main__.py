"""Start the stand-in by hand: `python -m tests.doubles.snowflake --port 8084`. Stops with Ctrl-C."""

from __future__ import annotations

import argparse
import threading

from tests.doubles.snowflake.estate import Estate
from tests.doubles.snowflake.server import SnowflakeDouble


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.doubles.snowflake", description=__doc__)
    parser.add_argument("--port", type=int, default=8084)
    options = parser.parse_args()
    estate = Estate()
    orders = [("ID", "NUMBER"), ("CUSTOMER_ID", "NUMBER"), ("AMOUNT", "FLOAT")]
    estate.table(
        ("ANALYTICS", "RAW", "ORDERS"), orders, [[1, 1, 2.5], [2, 1, 4.0]], comment="the shop's orders"
    )
    sql = "create view REVENUE as select CUSTOMER_ID, sum(AMOUNT) as REVENUE from ANALYTICS.RAW.ORDERS group by 1"
    revenue = [("CUSTOMER_ID", "NUMBER"), ("REVENUE", "FLOAT")]
    estate.table(("ANALYTICS", "MARTS", "REVENUE"), revenue, kind="VIEW", sql=sql)
    double = SnowflakeDouble(estate, port=options.port)
    with double:
        settings = double.settings(database="ANALYTICS")
        print("  ".join(f"{name}: {value}" for name, value in settings.items()), flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("stopped", flush=True)


if __name__ == "__main__":
    main()
