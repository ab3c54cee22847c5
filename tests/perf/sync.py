"""What a local sync costs beside its connector: `python -m tests.perf.sync [ROWS] [ROUNDS] [varied]`.

The floor is airbyte-source-hardcoded-records alone, its rows written to nowhere; ours is the same rows in a DuckDB table,
complete: connector, raw file, staging, one transaction, state. Its rows are alike; `varied` makes each another one. Environment, spec and catalog are there before, for both.
Rounds alternate, so that what else the machine does falls on both; the ratio is of the best rounds, all are printed. Beside the wall
stand the CPU seconds of each process: two cores cannot be done sooner than half of their sum, nor than the connector alone.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from penstock.integration import Outcome
from penstock_airbyte.config import SourceConfig
from penstock_airbyte.environment import command_of
from penstock_airbyte.job import Job
from penstock_manifests.airbyte import encode_configured_catalog
from tests.support import ROOT
from tests.tools.syncing import CACHE, Bench

CONNECTOR, VERSION, STREAMS = "airbyte-source-hardcoded-records", "0.0.48", 3
VARIED = ROOT / "tests" / "tools" / "connectors" / "varied.py"


def main(warehouse: Mapping[str, Any] | None = None, server: Callable[[], float] = lambda: 0.0) -> None:
    """Into a DuckDB file, or into `warehouse`, whose `server` has used so many CPU seconds."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    source = {"connector": CONNECTOR, "version": VERSION, "config": {"count": rows // STREAMS}}
    command = command_of(msgspec.convert(source, SourceConfig), CACHE, {}, CACHE, print)
    if "varied" in sys.argv[1:]:
        command = (str(Path(command[0]).with_name("python")), str(VARIED))
        source = {"command": list(command), "config": source["config"]}
    with tempfile.TemporaryDirectory() as folder:
        connections = {"shop": {"source": source, "destination": "main", "schema": "raw"}}
        bench = Bench(Path(folder), connections, warehouse)
        bench.observe()
        loaded = bench.sync(0)  # the first one also writes the files that the floor is measured with
        assert loaded.outcome is Outcome.SUCCESS, loaded.message
        config, catalog = _files(bench, Path(folder), rows)
        alone, ours = [], []
        used: list[tuple[float, ...]] = []
        for attempt in range(1, rounds + 1):
            before = _cpu(server)
            alone.append(_alone([*command, "read", "--config", str(config), "--catalog", str(catalog)]))
            between = _cpu(server)
            ours.append(_ours(bench, attempt, rows))
            used.append(tuple(then - now for now, then in zip(between, _cpu(server), strict=True)))
            print(
                f"round {attempt}: connector alone {alone[-1]:.2f} s ({between[0] - before[0]:.2f} CPU), penstock {ours[-1]:.2f} s"
                f" (CPU: connector {used[-1][0]:.2f}, penstock {used[-1][1]:.2f}, server {used[-1][2]:.2f})"
            )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{rows} rows: connector alone {min(alone):.2f} s ({rows / min(alone):.0f} rows/s)")
    print(f"{rows} rows: penstock        {min(ours):.2f} s ({rows / min(ours):.0f} rows/s), {memory:.0f} MB")
    least = sum(min(of_all) for of_all in zip(*used, strict=True))
    print(
        f"ratio {min(ours) / min(alone):.2f} (budget 1.50); {least:.2f} s of CPU, half of it {least / 2:.2f} s"
    )


def _files(bench: Bench, folder: Path, rows: int) -> tuple[Path, Path]:
    attempt = next((bench.state_dir / "runs").iterdir())
    job = msgspec.json.decode((attempt / "job.json").read_bytes(), type=Job)
    config, catalog = folder / "floor-config.json", folder / "floor-catalog.json"
    config.write_bytes(msgspec.json.encode({"count": rows // STREAMS}))
    catalog.write_bytes(encode_configured_catalog(job.configured()))
    return config, catalog


def _cpu(server: Callable[[], float]) -> tuple[float, float, float]:
    """Seconds so far of the connectors that have ended, of this process, of the server."""
    ended, own = (resource.getrusage(who) for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF))
    return ended.ru_utime + ended.ru_stime, own.ru_utime + own.ru_stime, server()


def _alone(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def _ours(bench: Bench, attempt: int, rows: int) -> float:
    step = bench.step()
    began = time.perf_counter()
    result = bench.sync(attempt, given=step)
    seconds = time.perf_counter() - began
    assert sum(item.rows or 0 for item in result.items.values()) == rows
    return seconds


if __name__ == "__main__":
    main()
