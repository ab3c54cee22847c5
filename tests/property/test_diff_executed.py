"""What `diff` says of random edits of a real dbt project, held against what a real dbt makes of them on DuckDB."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
from sqlglot.errors import SqlglotError

from penstock.report.document import DiffDocument
from penstock.service.diffing import diff
from penstock.service.workspace import open_workspace
from tests.property.sql_edits import edited
from tests.property.test_diff_truth import Made, judge
from tests.tools.bakery import FILES, bakery
from tests.tools.command import environ
from tests.tools.environment import real_environment

_JINJA = re.compile(r"\{\{.*?\}\}")
_OWN = ("dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to")  # of the time of the run
MODELS = {Path(name).stem: name for name in FILES if name.startswith("models/") and name.endswith(".sql")}


class Dbt:
    """A real dbt in the project's folder, started once for all edits."""

    def __init__(self, folder: Path) -> None:
        surroundings = environ(DBT_SEND_ANONYMOUS_USAGE_STATS="false", DBT_PROFILES_DIR=str(folder))
        python = str(real_environment("1.11") / "python")
        warm = str(Path(__file__).parent.parent / "tools" / "warm_dbt.py")
        self._process = subprocess.Popen(
            [python, "-P", warm], cwd=folder, env=surroundings, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def __call__(self, *arguments: str) -> dict[str, tuple[str, str]]:
        """Status and message of each node."""
        assert self._process.stdin is not None and self._process.stdout is not None
        print(json.dumps([*arguments, "--quiet"]), file=self._process.stdin, flush=True)
        nodes: dict[str, tuple[str, str]] = json.loads(self._process.stdout.readline())["nodes"]
        return nodes

    def close(self) -> None:
        self._process.communicate()


def edit(text: str, random: Random) -> tuple[str, str] | None:
    """An edit of a model's SQL; templates stand in it as names."""
    head, config, body = text.rpartition("}}\n") if text.startswith("{{ config") else ("", "", text)
    body, condition, tail = body.partition("{% if")
    spans = _JINJA.findall(body)
    for at, span in enumerate(spans):
        body = body.replace(span, f"jinja_{at}_", 1)
    try:
        found = edited(body, random)
    except SqlglotError:
        return None
    if found is None:
        return None
    kind, made = found
    for at, span in enumerate(spans):
        made = made.replace(f"jinja_{at}_", span)
    return kind, f"{head}{config}{made}\n{condition}{tail}"


class Executed:
    def __init__(self, folder: Path) -> None:
        self.folder = bakery(folder / "project")
        self.dbt = Dbt(self.folder)
        self.dbt("seed")
        shutil.copy(self.folder / "bakery.duckdb", folder / "seeded.duckdb")
        self.seeded = folder / "seeded.duckdb"
        self.before = self.made()
        assert not [one for one in self.before.values() if isinstance(one, str)], self.before
        self.dbt("docs", "generate")
        self.compared = folder / "compared"
        for name in ("base", "head"):
            (self.compared / name).mkdir(parents=True)
            for document in ("manifest", "catalog"):
                shutil.copy(self.folder / f"target/{document}.json", self.compared / name)
        (self.compared / ".git").mkdir()
        (self.compared / "penstock.yml").write_text(
            "name: bakery\ndbt: {t: {manifest: head/manifest.json, catalog: head/catalog.json}}\n"
        )

    def made(self) -> dict[str, Made]:
        """Each model's and snapshot's columns and rows, as built from nothing; what dbt says of one that was not."""
        for left in self.folder.glob("bakery.duckdb*"):  # its log of changes too
            left.unlink()
        shutil.copy(self.seeded, self.folder / "bakery.duckdb")
        nodes = self.dbt("build", "--exclude-resource-type", "seed", "--exclude-resource-type", "test")
        found: dict[str, Made] = {}
        with duckdb.connect(str(self.folder / "bakery.duckdb"), read_only=True) as connection:
            for name in (*MODELS, "prices"):
                told = (one for id, one in nodes.items() if id.endswith(f".{name}"))
                status, message = next(told, ("skipped", ""))
                if status != "success":
                    found[name] = f"{status}: {message}"
                    continue
                table = connection.sql(
                    f"select * exclude ({', '.join(_OWN)}) from prices"
                    if name == "prices"
                    else f"from {name}"
                )
                rows = tuple(sorted(table.fetchall(), key=str))
                found[name] = (tuple(zip(table.columns, map(str, table.types), strict=True)), rows)
        return found

    def told(self) -> DiffDocument:
        shutil.copy(self.folder / "target/manifest.json", self.compared / "head")
        return diff(open_workspace(self.compared), str(self.compared / "base"))


def parents_of(folder: Path) -> dict[str, list[str]]:
    document: dict[str, Any] = json.loads((folder / "target/manifest.json").read_bytes())
    return {
        node["name"]: [one.rpartition(".")[2] for one in node["depends_on"]["nodes"]]
        for node in document["nodes"].values()
        if node["resource_type"] in ("model", "snapshot")
    }


def run(folder: Path, seed: int, count: int) -> Counter[str]:
    executed = Executed(folder)
    try:
        return _run(executed, seed, count)
    finally:
        executed.dbt.close()


def _run(executed: Executed, seed: int, count: int) -> Counter[str]:
    random, totals = Random(seed), Counter[str]()
    while count:
        name = random.choice(list(MODELS))
        found = edit(FILES[MODELS[name]], random)
        if found is None:
            continue
        kind, text = found
        file = executed.folder / MODELS[name]
        file.write_text(text)
        after = executed.made()
        document = executed.told()
        try:
            totals += judge(executed.before, after, parents_of(executed.folder), document)
        except AssertionError as wrong:
            raise AssertionError(f"{kind} of {name}: {text}\n{wrong}") from None
        file.write_text(FILES[MODELS[name]])
        totals[f"edits: {document.comparison.level.value}"] += 1
        count -= 1
    return totals


@pytest.mark.long
def test_edits_of_a_real_project_do_what_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    totals = run(tmp_path, seed=5, count=25)
    with capsys.disabled():
        print(f"\n  {dict(totals)}")
    assert totals["untouched and the same"] > 200
    assert totals["fails as said"] > 2
