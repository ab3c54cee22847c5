"""A process that empties the outbox of a store, once: `python -m tests.crash.posting FOLDER CHANNELS` (as JSON, as in penstock.yml)."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from penstock.alerts import deliver
from penstock.project.alerts import Channel
from penstock.store import open_store


def main() -> None:
    folder, said = sys.argv[1:]
    channels = msgspec.json.decode(said, type=dict[str, Channel])
    store = open_store("sqlite:///store.db", root=Path(folder))
    deliver(store.alerts("prod"), channels)


if __name__ == "__main__":
    main()
