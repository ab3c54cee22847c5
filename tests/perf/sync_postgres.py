"""`tests.perf.sync`, but into a real PostgreSQL on this machine: `python -m tests.perf.sync_postgres [ROWS] [ROUNDS] [varied]`."""

from __future__ import annotations

from tests.contract.cases import settings_of
from tests.perf import sync
from tests.tools.postgres import new_server


def main() -> None:
    server = new_server()
    server.start()
    try:
        sync.main({"type": "postgres", **settings_of(server.url())}, server.cpu)
    finally:
        server.remove()


if __name__ == "__main__":
    main()
