"""A plan on a disk that fills up, and again when there is room: `python -m tests.crash.filled FOLDER`. Prints what came of it."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

from penstock.errors import StoreError
from penstock.integration import Handle, LogLine, StepEvent
from penstock.run import HoldFn, create_run, plan_of
from penstock.store import open_store
from tests.tools.engine import Engine
from tests.tools.scripted import ScriptedRunner, World, asset, plan

STEPS = 400


class Talker(ScriptedRunner):
    async def events(self, handle: Handle) -> AsyncIterator[StepEvent]:
        yield LogLine(at=time.time(), message="x" * 2000)
        async for event in super().events(handle):
            yield event


class Talking(World):
    def runner_for(self, _integration: str, _instance: str, hold: HoldFn, _folder: object) -> Talker:
        return Talker(self, hold)


def main(folder: Path) -> None:
    ballast = folder / "ballast"
    ballast.write_bytes(b"x" * 6_500_000)
    store = open_store("sqlite:///store.db", root=folder)
    world, engine = Talking(), Engine(store, folder / "runs")
    whole = plan(*(asset(f"a{n}", *([f"a{n - 1}"] if n else [])) for n in range(STEPS)))
    run = create_run(store, whole).id
    said = ""
    try:
        asyncio.run(engine.coordinator(whole, world, run=run).run())
    except StoreError as error:
        said = str(error)
    store.close()
    ended = len(world.ended)
    ballast.unlink()
    store = open_store("sqlite:///store.db", root=folder)
    with store._database.write() as connection:  # this process lives on, and holds the lease until it expires
        connection.exec_driver_sql("UPDATE leases SET expires_at = 0")
    engine = Engine(store, folder / "runs")
    result = asyncio.run(engine.coordinator(plan_of(store, run), world, run=run).run())
    done = [name for name, *_ in world.history]
    print(
        json.dumps(
            {
                "said": said,
                "ended": ended,
                "state": result.state.value,
                "lost": STEPS - len(set(done)),
                "doubled": len(done) - len(set(done)),
                "triggers": len(world.triggers) - len(set(world.triggers)),
                "findings": [finding.message for finding in store.check()],
            }
        )
    )
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
