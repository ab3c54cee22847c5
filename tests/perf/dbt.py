"""penstock build beside bare dbt build: the same project, the same tests, CPU and wall of whole processes, cold and warm.

`python -m tests.perf.dbt [MODELS ...]`: projects of 50 and 500 views with a test for each tenth. The project is observed and
parsed before, for both. Edited: a model of the project is edited before each command, so that both must read it anew (budgets: 1.15
of dbt's CPU and wall at 500 models, dbt's and 0.6 s at two). Warm (`warm: 10m`) the dbt process of an earlier run does the work: its CPU is counted too.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
from pathlib import Path

from penstock_dbt import warm
from tests.perf.measure import adopt_orphans, median, process
from tests.tools.command import environ
from tests.tools.environment import real_environment

PROFILES = "bench:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: bench.duckdb, threads: 2}\n"


def make(folder: Path, models: int, materialized: str = "view") -> Path:
    (folder / "models").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / "dbt_project.yml").write_text(
        "name: bench\nversion: '1.0.0'\nconfig-version: 2\nprofile: bench\n"
        f"models: {{bench: {{+materialized: {materialized}}}}}\n"
    )
    (folder / "profiles.yml").write_text(PROFILES)
    tests = []
    for number in range(models):
        parent = f"{{{{ ref('m{number - 10}') }}}}" if number >= 10 else "(select 1 as id) as first"
        (folder / "models" / f"m{number}.sql").write_text(f"select id from {parent}\n")
        if number % 10 == 0:
            tests.append(f"  - {{name: m{number}, columns: [{{name: id, data_tests: [not_null]}}]}}")
    (folder / "models" / "models.yml").write_text("models:\n" + "\n".join(tests) + "\n")
    return folder


def edited(folder: Path, env: dict[str, str], rounds: int, bare: list[str]) -> str:
    """`dbt build` and `penstock run` after the same edit of a model, in turns."""
    ours = [sys.executable, "-m", "penstock", "run", "--json"]
    model = folder / "models" / "m0.sql"
    found: dict[str, list[tuple[float, float]]] = {"dbt": [], "ours": []}
    for number in range(rounds):
        for name, command in (("dbt", bare), ("ours", ours)):
            model.write_text(f"select id, {number} as edited_for_{name} from (select 1 as id) as first\n")
            found[name].append(process(command, folder, env, orphans=True))
    dbt, mine = (median(rounds, iter(found[name]).__next__) for name in ("dbt", "ours"))
    return (
        f"edited: dbt build {dbt[0]:.1f} s CPU {dbt[1]:.1f} s wall; penstock run {mine[0]:.1f} s CPU {mine[1]:.1f} s wall; "
        f"ratio {mine[0] / dbt[0]:.2f} CPU, {mine[1] / dbt[1]:.2f} wall; {mine[0] - dbt[0]:+.1f} s CPU, {mine[1] - dbt[1]:+.1f} s wall"
    )


def warm_build(folder: Path, env: dict[str, str], rounds: int) -> tuple[float, float]:
    """(CPU, wall) of a build by a dbt process that an earlier one left, the process included."""
    settings = {"dbt": {"bench": {"project": ".", "warm": "10m"}}}
    (folder / "penstock.yml").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "penstock", "build", "--json"]
    process(command, folder, env)
    (note,) = [
        note
        for slot in (folder / ".penstock" / "dbt" / "bench").glob("*/worker-*")
        if (note := warm.read_note(slot)) is not None
    ]
    pid = note.process.pid

    def once() -> tuple[float, float]:
        before = _cpu(pid)
        cpu, wall = process(command, folder, env)
        return cpu + _cpu(pid) - before, wall

    try:
        return median(rounds, once)
    finally:
        os.kill(pid, signal.SIGKILL)


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    sizes = [int(size) for size in sys.argv[1:]] or [2, 50, 500]
    adopt_orphans()
    env = environ("1.11")
    dbt = str(real_environment("1.11") / "dbt")
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = make(Path(name) / "bench", size)
            bare = [dbt, "build", "--quiet"]
            ours = [sys.executable, "-m", "penstock", "build", "--json"]
            process(bare, folder, env)
            process(ours, folder, env)
            rounds = 3 if size <= 100 else 1
            pairs = [(process(bare, folder, env), process(ours, folder, env)) for _ in range(rounds)]
            floor = median(rounds, iter([pair[0] for pair in pairs]).__next__)
            mine = median(rounds, iter([pair[1] for pair in pairs]).__next__)
            after_edit = edited(folder, env, rounds, bare)
            kept = warm_build(folder, env, rounds)
            print(
                f"{size} models: dbt build {floor[0]:.1f} s CPU {floor[1]:.1f} s wall; penstock build {mine[0]:.1f} s CPU "
                f"{mine[1]:.1f} s wall; ratio {mine[0] / floor[0]:.2f} CPU (budget 1.10), {mine[1] / floor[1]:.2f} wall; "
                f"warm {kept[0]:.1f} s CPU {kept[1]:.1f} s wall; ratio {kept[0] / floor[0]:.2f} CPU, "
                f"{kept[1] / floor[1]:.2f} wall; {after_edit}",
                flush=True,
            )


if __name__ == "__main__":
    main()
