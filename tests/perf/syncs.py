"""Models behind syncs that end at random times: invocations of dbt, CPU, and how long a model waits once it could start.

`python -m tests.perf.syncs [MODELS] [SYNCS] [SECONDS]`: 2,000 models behind 60 syncs that end within two minutes. Beside it the
same with one invocation after the last sync, bare `dbt build`, and one dbt process per model (some of them measured, the rest
reckoned).
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.perf.measure import process
from tests.support import ROOT
from tests.tools.command import environ
from tests.tools.environment import real_environment

GATE = ROOT / "tests" / "tools" / "connectors" / "gate.py"
PROJECT = "name: bench\nversion: '1.0.0'\nconfig-version: 2\nprofile: bench\nmodels: {bench: {+materialized: view}}\n"
PROFILES = "bench:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: ../bench.duckdb, threads: 2}\n"
ALONE = 5  # dbt processes of one model each that are measured


def make(folder: Path, models: int, syncs: int, seconds: float) -> dict[str, set[str]]:
    """Write it; the syncs that each model waits for, itself or through others."""
    chance = random.Random(60)
    (folder / "transform" / "models").mkdir(parents=True)
    (folder / ".git").mkdir()
    project = folder / "transform"
    (project / "dbt_project.yml").write_text(PROJECT)
    (project / "profiles.yml").write_text(PROFILES)
    sources = [f"  - {{name: raw_{sync}, tables: [{{name: things}}]}}" for sync in range(syncs)]
    (project / "models" / "sources.yml").write_text("sources:\n" + "\n".join(sources) + "\n")
    waits: dict[str, set[str]] = {}
    for number in range(models):
        name, staged = f"m{number}", models // 3
        if number < staged:
            sync = number % syncs
            waits[name] = {f"s{sync}"}
            parents = [f"{{{{ source('raw_{sync}', 'things') }}}}"]
        else:
            above = {f"m{max(0, int(number * chance.uniform(0.2, 0.99)) - 1)}" for _ in range(2)}
            waits[name] = set().union(*(waits[one] for one in above))
            parents = [f"{{{{ ref('{one}') }}}}" for one in sorted(above)]
        sql = " union all ".join(f"(select id from {parent} limit 1)" for parent in parents)
        (project / "models" / f"{name}.sql").write_text(sql + "\n")
    lasting = [round(chance.uniform(0.05, 1.0) * seconds, 1) for _ in range(syncs)]
    _write_settings(folder, lasting, 8)
    return waits


def _write_settings(folder: Path, lasting: list[float], most: int) -> None:
    connections = {
        f"s{number}": {
            "source": {
                "command": [sys.executable, str(GATE)],
                "config": {"seconds": seconds, "every": 5},
            },
            "destination": "main",
            "schema": f"raw_{number}",
        }
        for number, seconds in enumerate(lasting)
    }
    document = {
        "name": "bench",
        "warehouses": {"main": {"dbt": "transform"}},
        "airbyte": {"ingest": {"connections": connections}},
        "dbt": {"transform": {"project": "transform", "max_invocations": most}},
    }
    (folder / "penstock.yml").write_text(json.dumps(document))


def _limit(folder: Path, most: int) -> None:
    document = json.loads((folder / "penstock.yml").read_text())
    document["dbt"]["transform"]["max_invocations"] = most
    (folder / "penstock.yml").write_text(json.dumps(document))


class Ran:
    """One run of penstock: invocations, CPU seconds beside the syncs', wall seconds, mean start delay in seconds."""

    def __init__(
        self, folder: Path, env: dict[str, str], syncs_cpu: float, waits: dict[str, set[str]]
    ) -> None:
        cpu, self.wall = process([sys.executable, "-m", "penstock", "run", "--json"], folder, env)
        self.cpu = cpu - syncs_cpu
        shown = subprocess.run(
            [sys.executable, "-m", "penstock", "runs", "latest", "--json"],
            cwd=folder,
            env=env,
            capture_output=True,
            check=True,
        )
        detail: dict[str, Any] = json.loads(shown.stdout)
        self.invocations = sum(step["integration"] == "dbt" for step in detail["steps"])
        ended = {item["name"]: _seconds(item["ended_at"]) for item in detail["items"]}
        started = {item["name"]: _seconds(item["started_at"]) for item in detail["items"]}
        delays = [
            started[name] - max(ended[f"raw_{sync[1:]}.things"] for sync in needs)
            for name, needs in waits.items()
        ]
        self.delay = sum(delays) / len(delays)

    def __str__(self) -> str:
        words = (
            f"{self.invocations} invocations, {self.cpu:.0f} s CPU beside the syncs, {self.wall:.0f} s wall"
        )
        return f"{words}, a model starts {self.delay:.1f} s after its syncs (mean)"


def _seconds(text: str | None) -> float:
    """0 for what did not run."""
    return datetime.fromisoformat(text).timestamp() if text else 0.0


def main() -> None:
    given = [int(one) for one in sys.argv[1:]]
    models, syncs, seconds = (*given, *(2000, 60, 120)[len(given) :])
    env = environ("1.11")
    dbt = str(real_environment("1.11") / "dbt")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "bench"
        waits = make(folder, models, syncs, seconds)
        print(f"{models} models behind {syncs} syncs that end within {seconds} s", flush=True)
        select = [sys.executable, "-m", "penstock", "run", "-s", "tool:airbyte", "--json"]
        process(select, folder, env)  # observes, parses
        syncs_cpu, _ = process(select, folder, env)
        ours = Ran(folder, env, syncs_cpu, waits)
        print(f"as they end: {ours}", flush=True)
        _limit(folder, 1)
        process([sys.executable, "-m", "penstock", "assets"], folder, env)
        whole = Ran(folder, env, syncs_cpu, waits)
        print(f"after the last: {whole}", flush=True)
        bare, wall = process([dbt, "build", "--quiet"], folder / "transform", env)
        print(f"bare dbt build: {bare:.0f} s CPU, {wall:.0f} s wall", flush=True)
        alone = [
            process([dbt, "build", "--quiet", "-s", f"m{number}"], folder / "transform", env)[0]
            for number in range(ALONE)
        ]
        each = sum(alone) / len(alone)
        print(
            f"one process per model: {each:.1f} s CPU each ({ALONE} measured), {each * models:.0f} s for all, reckoned\n"
            f"CPU: {ours.cpu / bare:.2f}x bare, {ours.cpu / whole.cpu:.2f}x one invocation, "
            f"{ours.cpu / (each * models):.3f}x a process per model; mean start delay {ours.delay / whole.delay:.2f}x "
            "that of one invocation",
            flush=True,
        )


if __name__ == "__main__":
    main()
