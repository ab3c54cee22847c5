"""Random dbt projects: every kind of node, tests on several parents, severities, failures. The same seed gives the same project."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import yaml

_PROJECT = 'name: gen\nversion: "1.0"\nprofile: gen\nflags: {send_anonymous_usage_stats: false}\n'
_PROFILES = "gen: {target: dev, outputs: {dev: {type: duckdb, path: gen.duckdb, threads: 2}}}\n"
_MATERIALIZATIONS = ("view", "view", "table", "table", "incremental", "ephemeral")
_FAILURES = {
    "runtime": "select id, no_such_column as value from ({sql})",
    "compile": "{{% if execute %}}{{{{ exceptions.raise_compiler_error('on purpose') }}}}{{% endif %}} {sql}",
}


class GeneratedProject:
    """`write` puts it into a folder; `mutate` changes some of it, for a second build."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.files: dict[str, str] = {"dbt_project.yml": _PROJECT, "profiles.yml": _PROFILES}
        self._yaml: dict[str, list[Any]] = {
            "models": [],
            "unit_tests": [],
            "exposures": [],
            "snapshots": [],
            "seeds": [],
        }
        self._upstream: list[str] = []  # what a model can read: Jinja of a ref or source
        self._relations: list[str] = []  # of those, what a test can be told to compare with
        self._nodes: dict[str, tuple[str, str]] = {}  # model -> (header, select)
        self._make()

    # ------------------------------------------------------------ making

    def _make(self) -> None:
        if self._chance(0.3):
            hooks = "on-run-start: ['create table if not exists hooked (n int)']\non-run-end: ['insert into hooked values (1)']\n"
            self.files["dbt_project.yml"] += hooks
        for number in range(self._random.randint(1, 2)):
            self._seed(f"seed_{number}")
        self._source()
        for number in range(self._random.randint(6, 13)):
            self._model(f"m{number}")
            if self._chance(0.15):
                self._snapshot(f"snap_{number}", f"ref('m{number}')")
        self._snapshot("snap_of_seed", "ref('seed_0')")
        self._several_parents()
        if self._chance(0.5):
            leaf = self._random.choice(list(self._nodes))
            owner = {"name": "gen", "email": "gen@example.com"}
            self._yaml["exposures"].append(
                {"name": "shown", "type": "dashboard", "owner": owner, "depends_on": [f"ref('{leaf}')"]}
            )
        self.files["models/schema.yml"] = yaml.safe_dump(
            {key: value for key, value in self._yaml.items() if value}
        )

    def _chance(self, likely: float) -> bool:
        return self._random.random() < likely

    def _seed(self, name: str) -> None:
        rows = [f"{number},{self._random.randint(0, 5)}" for number in range(self._random.randint(2, 5))]
        self.files[f"seeds/{name}.csv"] = "id,value\n" + "\n".join(rows) + "\n"
        self._upstream.append(f"ref('{name}')")
        self._yaml["seeds"].append({"name": name, "columns": [self._tested("id"), self._tested("value")]})

    def _source(self) -> None:
        tables = [
            {"name": name, "columns": [self._tested("id"), self._tested("value")]}
            for name in ("raw_a", "raw_b")
        ]
        self._yaml["sources"] = [{"name": "raw", "schema": "main", "tables": tables}]
        self._upstream += ["source('raw', 'raw_a')", "source('raw', 'raw_b')"]

    def _tested(self, column: str) -> dict[str, Any]:
        """A column with tests that pass, fail or warn. `id` is unique in the sources, not above a join; `value` rarely is."""
        tests: list[Any] = []
        if self._chance(0.35):
            tests.append(self._severe("not_null"))
        if self._chance(0.3 if column == "id" else 0.15):
            tests.append(self._severe("unique"))
        return {"name": column, "data_tests": tests} if tests else {"name": column}

    def _severe(self, test: str) -> Any:
        return {test: {"config": {"severity": "warn"}}} if self._chance(0.4) else test

    def _model(self, name: str) -> None:
        parents = self._random.sample(self._upstream, k=min(len(self._upstream), self._random.randint(1, 3)))
        first, *others = parents
        sql = f"select a.id, a.value + {self._random.randint(0, 2)} as value from {{{{ {first} }}}} a"
        for number, other in enumerate(others):
            sql += f" join {{{{ {other} }}}} j{number} on j{number}.id = a.id"
        kind = self._random.choice(_MATERIALIZATIONS)
        if kind == "incremental":
            sql += " {% if is_incremental() %} where a.id > (select coalesce(max(id), -1) from {{ this }}) {% endif %}"
        self._nodes[name] = (f"{{{{ config(materialized='{kind}') }}}}\n", sql)
        self._write_model(name, self._failure())
        entry: dict[str, Any] = {"name": name, "columns": [self._tested("id"), self._tested("value")]}
        if kind == "ephemeral":
            entry["columns"] = []  # not planned as an asset: what skips it does not yet skip its tests
        elif self._chance(0.25):
            other = self._random.choice(self._upstream)
            test: dict[str, Any] = {"arguments": {"to": other, "field": "id"}}
            if self._chance(0.4):
                test["config"] = {"severity": "warn"}
            entry["columns"][0].setdefault("data_tests", []).append({"relationships": test})
        if kind != "ephemeral" and self._chance(0.12):
            entry |= {
                "latest_version": 1,
                "versions": [{"v": 1, "defined_in": name}, {"v": 2, "defined_in": name + "_v2"}],
            }
            self.files[f"models/{name}_v2.sql"] = "".join(self._nodes[name])
        self._yaml["models"].append(entry)
        if kind == "view" and len(parents) == 1 and "versions" not in entry and self._chance(0.5):
            self._unit_test(name, first)
        self._upstream.append(f"ref('{name}')")

    def _failure(self) -> str | None:
        return self._random.choice(list(_FAILURES)) if self._chance(0.1) else None

    def _write_model(self, name: str, failure: str | None) -> None:
        header, sql = self._nodes[name]
        self.files[f"models/{name}.sql"] = (
            header + (_FAILURES[failure].format(sql=sql) if failure else sql) + "\n"
        )

    def _unit_test(self, model: str, parent: str) -> None:
        given = [{"input": parent, "rows": [{"id": 1, "value": 1}]}]
        wrong = self._chance(0.3)
        expected = {"id": 2} if wrong else {"id": 1}
        self._yaml["unit_tests"].append(
            {"name": f"unit_{model}", "model": model, "given": given, "expect": {"rows": [expected]}}
        )

    def _snapshot(self, name: str, of: str) -> None:
        config = "config(unique_key='id', strategy='check', check_cols=['value'], target_schema='main')"
        sql = f"select id, min(value) as value from {{{{ {of} }}}} group by id"
        self.files[f"snapshots/{name}.sql"] = (
            f"{{% snapshot {name} %}}\n{{{{ {config} }}}}\n{sql}\n{{% endsnapshot %}}\n"
        )
        self._upstream.append(f"ref('{name}')")

    def _several_parents(self) -> None:
        for number in range(self._random.randint(1, 3)):
            parents = self._random.sample(self._upstream, k=2)
            header = "{{ config(severity='warn') }}\n" if self._chance(0.4) else ""
            limit = self._random.choice((-1, 2, 100))
            reads = " union all ".join(f"select id from {{{{ {parent} }}}}" for parent in parents)
            self.files[f"tests/both_{number}.sql"] = f"{header}select * from ({reads}) where id > {limit}\n"

    # ------------------------------------------------------------ changing

    def mutate(self, seed: int) -> None:
        """Another data row, models that fail now or do no more."""
        self._random = random.Random(seed)
        self.files["seeds/seed_0.csv"] += f"{self._random.randint(10, 99)},{self._random.randint(0, 5)}\n"
        for name in self._random.sample(list(self._nodes), k=min(3, len(self._nodes))):
            self._write_model(name, self._failure())

    def write(self, folder: Path) -> Path:
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists() or path.read_text() != text:
                path.write_text(text)
        return folder


def make_sources(file: Path) -> None:
    """The raw tables, as a sync would have left them."""
    import duckdb

    with duckdb.connect(str(file)) as warehouse:
        warehouse.execute("create table raw_a as select range as id, range % 3 as value from range(4)")
        warehouse.execute("create table raw_b as select range + 1 as id, 1 as value from range(3)")
