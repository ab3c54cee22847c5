"""No-op steps through Dagster, run by an environment that has it: `python peer.py STEPS`. Prints one line of JSON."""

# mypy: ignore-errors
# dagster is installed in an environment of its own only.

from __future__ import annotations

import json
import resource
import sys
import time

import dagster

steps, wide = int(sys.argv[1]), 50


def make(number: int, parents: list[int]) -> dagster.OpDefinition:
    @dagster.op(name=f"s{number}", ins={f"p{parent}": dagster.In(dagster.Nothing) for parent in parents})
    def nothing() -> None:
        pass

    return nothing


@dagster.graph
def layered() -> None:
    made = {}
    for number in range(steps):
        layer, place = divmod(number, wide)
        parents = (
            sorted({(layer - 1) * wide + (place + offset) % wide for offset in range(3)}) if layer else []
        )
        made[number] = make(number, parents)(**{f"p{parent}": made[parent] for parent in parents})


job = layered.to_job()
with dagster.DagsterInstance.get() as instance:
    cpu, wall = time.process_time(), time.perf_counter()
    assert job.execute_in_process(instance=instance).success
    print(
        json.dumps(
            {
                "cpu": (time.process_time() - cpu) / steps * 1000,
                "wall": (time.perf_counter() - wall) / steps * 1000,
                "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "version": dagster.__version__,
            }
        )
    )
