"""Lineage follows the newest SQL that dbt has compiled, wherever it was compiled, and drops it when a macro behind it changes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.tools.command import environ, penstock
from tests.tools.forked_dbt import forked_environment

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("compiled")]

WIDE = "select {% for one in adapter.get_columns_in_relation(ref('things')) %}{{ one.name }}, {% endfor %}1 as one from {{ ref('things') }}"
LATE = (
    "select id {% if execute and not adapter.get_relation(this.database, this.schema, 'things') %}"
    "{{ exceptions.raise_compiler_error('no things yet') }}{% endif %} from {{ ref('things') }}"
)
MORE = "select id {% if execute %}{{ more() }}{% endif %} from {{ ref('things') }}"


def written(folder: Path, **files: str) -> Path:
    """A project with a seed `things` and these files (`__` stands for a folder's slash)."""
    base = {
        "dbt_project.yml": "name: kiosk\nversion: '1.0'\nprofile: kiosk\n",
        "profiles.yml": "kiosk: {target: dev, outputs: {dev: {type: duckdb, path: kiosk.duckdb}}}\n",
        "seeds/things.csv": "id,price\n1,10\n",
    }
    given = {f"{name.replace('__', '/')}.sql": text for name, text in files.items()}
    for name, text in {**base, **given}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / ".git").mkdir()
    return folder


def up(folder: Path, column: str) -> str:
    done = penstock(folder, "lineage", column, "--upstream")
    return done.out if done.code == 0 else done.err


def macro(column: str) -> str:
    return "{% macro more() %}, price as " + column + "{% endmacro %}"


def test_what_a_build_compiled_counts_more_than_an_older_compilation(tmp_path: Path) -> None:
    folder = written(
        tmp_path, models__wide=WIDE, models__late=LATE, models__top="select * from {{ ref('wide') }}"
    )
    before = penstock(folder, "lineage", "--check", "--json").json()
    assert [one["asset"] for one in before["findings"]] == ["late"]
    assert penstock(folder, "run").code == 0
    assert "things.price  IDENTITY" in up(folder, "top.price")
    assert "things.id  IDENTITY" in up(folder, "late.id")
    (folder / "seeds" / "things.csv").write_text("id,price,weight\n1,10,5\n")
    assert penstock(folder, "run", "--full-refresh").code == 0
    assert "things.weight  IDENTITY" in up(folder, "top.weight")


def test_what_the_user_compiled_later_counts_more_than_what_is_kept(tmp_path: Path) -> None:
    folder = written(tmp_path, models__wide=WIDE, models__late=LATE)
    assert "not compiled" in str(penstock(folder, "lineage", "--check", "--json").json()["findings"])
    dbt = [str(forked_environment() / "dbt"), "--quiet", "build"]
    subprocess.run(dbt, cwd=folder, env=environ(), check=True, capture_output=True, timeout=300)
    assert "things.price  IDENTITY" in up(folder, "wide.price")
    assert "things.id  IDENTITY" in up(folder, "late.id")


@pytest.mark.parametrize("builds", [False, True])
def test_a_macro_that_only_compiling_finds_is_part_of_what_the_sql_is_made_from(
    tmp_path: Path, builds: bool
) -> None:
    folder = written(
        tmp_path,
        models__m=MORE,
        models__inner="{{ config(materialized='ephemeral') }} " + MORE,
        models__outer="select * from {{ ref('inner') }}",
        macros__more=macro("a"),
    )
    if builds:
        assert penstock(folder, "run").code == 0
    assert "things.price  IDENTITY" in up(folder, "m.a")
    assert "things.price  IDENTITY" in up(folder, "outer.a")
    (folder / "macros" / "more.sql").write_text(macro("b"))
    assert "things.price  IDENTITY" in up(folder, "m.b")
    assert "things.price  IDENTITY" in up(folder, "outer.b")
    assert builds or "no column 'a'" in up(folder, "m.a")
