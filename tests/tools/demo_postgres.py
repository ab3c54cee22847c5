"""`make demo-postgres`: examples/shop on a real PostgreSQL server, which runs until Enter is pressed, so that it can be looked at."""

from __future__ import annotations

import os
import shutil
import sys

import pytest

from tests.tools.command import SHOP, environ
from tests.tools.postgres import PostgresServer, new_server
from tests.tools.shop import variables


def main() -> int:
    try:
        server = new_server()
    except pytest.skip.Exception:
        print(
            "no PostgreSQL on this machine; with one of your own, set SHOP_PGHOST, ... and: penstock -e postgres build"
        )
        return 1
    server.start()
    try:
        return demo(server)
    finally:
        server.remove()


def demo(server: PostgresServer) -> int:
    told = variables(server.url())
    shutil.rmtree(SHOP / ".penstock", ignore_errors=True)
    env = environ("1.11-postgres", **told)
    for command in (
        ["build"],
        ["status"],
        ["lineage", "customer_360.lifetime_value", "--upstream"],
        ["doctor"],
    ):
        code = os.spawnve(
            os.P_WAIT,
            sys.executable,
            [sys.executable, "-m", "penstock", "-C", str(SHOP), "-e", "postgres", *command],
            env,
        )
        if code:
            return code
    if sys.stdin.isatty():
        print("\nThe server runs until you press Enter. In another shell:")
        print("  export " + " ".join(f"{name}={value}" for name, value in told.items()))
        print(
            "  export VIRTUAL_ENV="
            + env["VIRTUAL_ENV"]
            + "; cd examples/shop; ../../.venv/bin/penstock -e postgres status"
        )
        input()
    return 0


if __name__ == "__main__":
    sys.exit(main())
