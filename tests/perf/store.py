"""A store after years: 10,000 runs, 1,000,000 events. What `runs` and `status` ask of it, in CPU, each in a fresh process."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from penstock.store import open_store, schema
from penstock.store.fast import Statements
from tests.support import ROOT

RUNS, ASSETS, EVENTS = 10_000, 30, 100
BUDGET = 0.5

ASKED = {
    "runs": "store.runs(limit=20)",
    "one run": "store.detail(store.find_run('5000').id)",
    "events of a run": "store.events(store.find_run('5000').id)",
    "status": (
        "store.latest_materializations('prod'), store.latest_checks('prod'), store.latest_items('prod'), "
        "store.latest_outside('prod')"
    ),
    "run 'latest'": "store.find_run()",
}


def fill(root: Path) -> None:
    """The rows that so many runs leave, written directly."""
    store, statements = open_store("sqlite:///store.db", root=root), Statements()
    database = store._database
    empty_item = {column.name: None for column in schema.run_items.c}
    empty_made = {column.name: None for column in schema.materializations.c if column.name != "id"}
    for first in range(0, RUNS, 500):
        runs, items, made, events = [], [], [], []
        for number in range(first + 1, first + 501):
            run, at = f"20260101-{number:06d}-xxxxx", float(number)
            runs.append(
                {
                    "number": number,
                    "id": run,
                    "environment": "prod",
                    "state": "succeeded",
                    "selection": "",
                    "command": "penstock run",
                    "graph_hash": "h",
                    "created_at": at,
                    "started_at": at,
                    "ended_at": at + 60,
                    "counts": '{"success":30}',
                }
            )
            for place in range(ASSETS):
                key = f"duckdb:shop.duckdb|shop.main.a{place}"
                common = {"run_id": run, "environment": "prod", "step": "dbt-1", "attempt": 1, "ended_at": at}
                items.append(
                    {
                        **empty_item,
                        **common,
                        "item": key,
                        "run_number": number,
                        "position": place,
                        "ref": f"dbt/transform:model.shop.a{place}",
                        "kind": "asset",
                        "name": f"a{place}",
                        "resource_type": "model",
                        "decision": "build",
                        "reason": "selected",
                        "code": "selected",
                        "unit": key,
                        "severity": "error",
                        "state": "success",
                    }
                )
                made.append({**empty_made, **common, "asset": key, "outcome": "success", "rows": 10})
            events += [
                {
                    "run_id": run,
                    "seq": seq,
                    "at": at,
                    "kind": "step.phase",
                    "environment": "prod",
                    "state": None,
                    "step": "dbt-1",
                    "attempt": 1,
                    "item": None,
                    "data": '{"phase":"building"}',
                }
                for seq in range(1, EVENTS + 1)
            ]
        with database.write() as connection:
            for table, rows in (
                (schema.runs, runs),
                (schema.run_items, items),
                (schema.materializations, made),
                (schema.events, events),
            ):
                statements.insert(connection, table, rows)
    store.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder))
        size = (Path(folder) / "store.db").stat().st_size / 1e6
        print(f"{RUNS:,} runs, {RUNS * EVENTS:,} events, {RUNS * ASSETS:,} materializations: {size:,.0f} MB")
        for name, asked in ASKED.items():
            script = (
                "import time, pathlib; from penstock.store import open_store; "
                f"store = open_store('sqlite:///store.db', root=pathlib.Path({folder!r})); {asked}; "
                "print(time.process_time())"
            )
            done = subprocess.run(
                [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
            )
            print(
                f"  {name:16} {float(done.stdout):.2f} s CPU, start of the process included (budget {BUDGET})"
            )
        begun = time.perf_counter()
        store = open_store("sqlite:///store.db", root=Path(folder))
        pruned = store.prune(keep_runs=1000)
        print(f"  pruning {len(pruned.runs):,} runs: {time.perf_counter() - begun:.0f} s")
        store.close()


if __name__ == "__main__":
    main()
