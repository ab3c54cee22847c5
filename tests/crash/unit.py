"""A project with one of everything that can be lost or doubled, run by the real command line, and its processes killed together.

Each run of it makes one more batch in the source; `faults` compares what lies in the warehouse with what was emitted.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb

from penstock.run.policy import LOOK_FIRST
from tests.tools.command import environ
from tests.tools.loaded import CONNECTORS, SCHEMA

MODES = {
    "overwrite": "full_refresh_overwrite",
    "append": "full_refresh_append",
    "increment": "incremental_append",
    "dedup": "incremental_append_dedup",
}
BATCH = 10
PROFILES = """
unit:
  target: dev
  outputs:
    dev: {type: duckdb, path: ../unit.duckdb, schema: main, threads: 2}
"""
PROJECT = """
name: unit
version: "1.0.0"
config-version: 2
profile: unit
models: {unit: {+materialized: table}}
"""
SCHEMAS = """
sources:
%s
models:
  - name: keyed
    columns: [{name: id, tests: [unique, not_null]}]
"""
MODELS = {
    "whole": "select id, name from {{ source('raw_overwrite', 'things') }}",
    "grows": "{{ config(materialized='incremental') }}\nselect max(id) as upto from {{ ref('whole') }}",
    "above": "{{ config(materialized='view') }}\nselect * from {{ ref('grows') }}",
    "keyed": "{{ config(materialized='incremental', unique_key='id') }}\n"
    "select id from {{ source('raw_increment', 'things') }}",
    "joined": "select a.id from {{ ref('keyed') }} a join {{ source('raw_dedup', 'things') }} b on a.id = b.id"
    " join {{ ref('codes') }} c on c.id = a.id %% 2",
}
SEED = "id,name\n0,even\n1,odd\n"


class Unit:
    """`store` is the run store's address, the project's own SQLite file when None."""

    def __init__(self, root: Path, store: str | None = None) -> None:
        self.root = root
        self.rows = 0
        self.appended = 0
        self.mark = uuid.uuid4().hex
        self._environ = environ("1.11", PENSTOCK_TEST_MARK=self.mark)
        (root / ".git").mkdir(parents=True)
        document: dict[str, Any] = {
            "name": "unit",
            "warehouses": {"main": {"dbt": "transform"}},
            "airbyte": {"ingest": {"connections": {name: self._connection(name) for name in MODES}}},
            "dbt": {"transform": {"project": "transform"}},
        }
        if store is not None:
            document["store"] = store
        (root / "penstock.yml").write_text(json.dumps(document))
        self._write_dbt(root / "transform")

    def _connection(self, name: str) -> dict[str, Any]:
        config = {"data": str(self.root / "things.json"), "state_every": BATCH, "pause": 0.1}
        source = {"command": [sys.executable, "-S", str(CONNECTORS / "table.py")], "config": config}
        return {
            "source": source,
            "destination": "main",
            "schema": f"raw_{name}",
            "streams": {"things": {"sync_mode": MODES[name]}},
        }

    def _write_dbt(self, project: Path) -> None:
        (project / "models").mkdir(parents=True)
        (project / "seeds").mkdir()
        (project / "dbt_project.yml").write_text(PROJECT)
        (project / "profiles.yml").write_text(PROFILES)
        (project / "seeds" / "codes.csv").write_text(SEED)
        sources = "".join(f"  - name: raw_{name}\n    tables: [{{name: things}}]\n" for name in MODES)
        (project / "models" / "schema.yml").write_text(SCHEMAS % sources)
        for name, sql in MODELS.items():
            (project / "models" / f"{name}.sql").write_text(sql.replace("%%", "%"))

    # ------------------------------------------------------------ running

    def more(self) -> None:
        """Another batch in the source: what the next run has to bring."""
        self.rows += BATCH
        things = [{"id": number, "name": f"thing {number}"} for number in range(self.rows)]
        table = {"schema": SCHEMA, "key": ["id"], "cursor": "id", "rows": things}
        (self.root / "things.json").write_text(json.dumps({"things": table}))

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.root / "said").open("ab") as said:
            said.write(f"\n$ penstock {' '.join(arguments)}\n".encode())
            said.flush()
            return subprocess.Popen(
                [sys.executable, "-m", "penstock", *arguments],
                cwd=self.root,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )

    def run(self, *arguments: str) -> int:
        return self.start(*arguments).wait(300)

    def asked(self, *arguments: str) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", "penstock", *arguments],
            cwd=self.root,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    def said(self) -> str:
        return (self.root / "said").read_text(errors="replace")

    # ------------------------------------------------------------ dying

    def processes(self) -> Iterator[int]:
        """Everything that this project has started, whoever is its parent now."""
        wanted = f"PENSTOCK_TEST_MARK={self.mark}".encode()
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and int(folder.name) != os.getpid():
                try:
                    if wanted in (folder / "environ").read_bytes().split(b"\0"):
                        yield int(folder.name)
                except OSError:
                    continue  # it has ended

    def kill_all(self, coordinator: subprocess.Popen[bytes]) -> None:
        """Power, memory or a restarted container: coordinator, connectors and dbt at once."""
        while living := [*self.processes()]:
            for number in (signal.SIGSTOP, signal.SIGKILL):  # stopped first, so that none sees another die
                for pid in living:
                    try:
                        os.kill(pid, number)
                    except ProcessLookupError:
                        continue
            coordinator.wait()

    def left_over(self, seconds: float = 20) -> list[int]:
        """What still runs, after a moment to end."""
        deadline = time.monotonic() + seconds
        while (living := [*self.processes()]) and time.monotonic() < deadline:
            time.sleep(0.1)
        return living

    # ------------------------------------------------------------ asking

    def waits_for_a_look(self) -> bool:
        """Whether the last run failed only because nobody knows if `grows` was made."""
        items = {item["name"]: item for item in self.asked("runs", "latest", "--json")["items"]}
        bad = {name for name, item in items.items() if item["state"] in ("error", "fail", "partial")}
        held = {name for name, item in items.items() if item["state"] in ("skipped", "cancelled", "pending")}
        return bad == {"grows"} and held <= {"above"} and LOOK_FIRST in (items["grows"]["message"] or "")

    def batches(self) -> int:
        """How often the newest batch was added to what appends."""
        return int(self._ask(f"select count(*) from grows where upto = {self.rows - 1}"))

    def faults(self) -> list[str]:
        """What is lost or doubled after a run that ended well."""
        self.appended += self.rows
        expected: Mapping[str, int] = {
            "select count(*) from raw_overwrite.things": self.rows,
            "select count(*) from raw_append.things": self.appended,
            "select count(*) from raw_increment.things": self.rows,
            "select count(distinct id) from raw_increment.things": self.rows,
            "select count(*) from raw_dedup.things": self.rows,
            "select count(*) from whole": self.rows,
            "select count(*) from keyed": self.rows,
            "select count(distinct id) from keyed": self.rows,
            "select count(*) from joined": self.rows,
            "select count(*) from codes": 2,
            "select coalesce(max(n), 0) from (select count(*) as n from grows group by upto)": 1,
        }
        found = {sql: self._ask(sql) for sql in expected}
        return [
            f"{sql}: {found[sql]} instead of {count}"
            for sql, count in expected.items()
            if found[sql] != count
        ]

    def _ask(self, sql: str) -> int:
        with duckdb.connect(str(self.root / "unit.duckdb"), read_only=True) as connection:
            row = connection.execute(sql).fetchone()
            assert row is not None
            return int(row[0])
