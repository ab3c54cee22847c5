"""`make bench`: every measured budget in one go, each beside its floor or peer. Prints; judges nothing.

`python -m tests.perf NAME ...` runs only those of `PARTS`.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys

PARTS = (
    "start",
    "assets",
    "dbt",
    "syncs",
    "lineage",
    "engine",
    "sync",
    "sync_postgres",
    "catalog",
    "catalog_duckdb",
    "catalog_databricks",
    "catalog_snowflake",
    "airbyte_api",
    "web",
    "pages",
    "reuse",
    "automation",
)


def main() -> None:
    wanted = sys.argv[1:] or PARTS
    for name in wanted:
        if importlib.util.find_spec(f"tests.perf.{name}") is None:
            print(f"no bench '{name}': one of {', '.join(PARTS)}", file=sys.stderr)
            sys.exit(2)
        print(f"\n== {name}", flush=True)
        # A process of its own each: none is measured on another's heap.
        subprocess.run([sys.executable, "-m", f"tests.perf.{name}"], check=False)


if __name__ == "__main__":
    main()
