"""A dbt that stays: each line of stdin is the JSON list of an invocation's arguments, each line of stdout the statuses and messages by node.

Run by the interpreter that has dbt, in the project's folder. Not for use within a process that does anything else.
"""

from __future__ import annotations

import json
import os
import sys

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner


def main() -> None:
    told = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what dbt prints is no answer
    runner = dbtRunner()
    for line in sys.stdin:
        result = runner.invoke(json.loads(line))
        _let_go()
        nodes = {
            one.node.unique_id: (str(one.status), str(one.message))
            for one in getattr(result.result, "results", None) or ()
        }
        print(json.dumps({"error": str(result.exception or ""), "nodes": nodes}), file=told, flush=True)


def _let_go() -> None:
    """The adapter keeps the file open: the next invocation must see the one that lies there then."""
    environment = DuckDBConnectionManager._ENV
    DuckDBConnectionManager.close_all_connections()
    if environment is not None:
        environment.close()
    DuckDBConnectionManager._ENV = None


if __name__ == "__main__":
    main()
