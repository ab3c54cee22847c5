"""A microbatch model that was made in part: a retry makes exactly the batches that failed, and never leaves a gap."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.tools.command import penstock
from tests.tools.forked_dbt import forked_environment
from tests.unit.penstock_dbt_run.bench import executable_only

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("gating")]

EVENTS = "{{ config(materialized='table', event_time='seen') }}\n" + " union all ".join(
    f"select {number} as id, timestamp '202{number}-03-01 01:00:00' as seen" for number in (1, 2, 3)
)
BY_YEAR = """{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='seen', batch_size='year',
                        begin='2021-01-01') }}
select id, seen, WROTE as wrote from {{ ref('events') }}
where {% if model.batch and model.batch.id.startswith('2022') %} CONDITION {% else %} true {% endif %}
"""


def _write(folder: Path, condition: str, wrote: int) -> None:
    text = BY_YEAR.replace("CONDITION", condition).replace("WROTE", str(wrote))
    (folder / "models" / "by_year.sql").write_text(text)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "models").mkdir()
    (tmp_path / "dbt_project.yml").write_text("name: years\nprofile: years\n")
    (tmp_path / "profiles.yml").write_text(
        "years: {target: dev, outputs: {dev: {type: duckdb, path: years.duckdb, threads: 2}}}\n"
    )
    (tmp_path / "models" / "events.sql").write_text(EVENTS)
    (tmp_path / "models" / "below.sql").write_text("select * from {{ ref('by_year') }}")
    _write(tmp_path, "no_such_column = 1", 1)
    return tmp_path


def _rows(folder: Path, table: str = "by_year") -> list[tuple[int, int]]:
    with duckdb.connect(str(folder / "years.duckdb"), read_only=True) as warehouse:
        return warehouse.execute(f"select id, wrote from {table} order by id").fetchall()


def test_a_retry_makes_the_batches_that_failed(project: Path) -> None:
    failed = penstock(project, "build")
    assert failed.code == 1
    told = failed.out.partition("\nPARTIAL by_year\n")[2].partition("last lines")[0]
    assert "no_such_column" in told, failed
    assert _rows(project) == [(1, 1), (3, 1)]
    _write(project, "true", 3)
    assert (
        "by_year: run 1 made a part of it; penstock retry 1 makes exactly the rest"
        in penstock(project, "plan").err
    )
    done = penstock(project, "retry")
    assert done.code == 0, done
    assert _rows(project) == _rows(project, "below") == [(1, 1), (2, 3), (3, 1)]

    # A full refresh that fails in part has replaced the table: its retry must not replace it by one batch.
    _write(project, "no_such_column = 1", 4)
    assert penstock(project, "build", "--full-refresh").code == 1
    assert _rows(project) == [(1, 4), (3, 4)]
    _write(project, "true", 5)
    assert penstock(project, "retry").code == 0
    assert _rows(project) == [(1, 4), (2, 5), (3, 4)]


@pytest.mark.long
def test_a_dbt_that_cannot_be_told_the_batches_is_not_started(project: Path) -> None:
    command = executable_only(project, forked_environment())
    (project / "penstock.yml").write_text(f"dbt: {{years: {{project: ., command: {command}}}}}\n")
    assert penstock(project, "build").code == 1
    _write(project, "true", 2)
    done = penstock(project, "retry")
    assert done.code == 1 and "batch 2022 of main.by_year" in done.out, done
    assert "penstock build -s by_year+ --event-time-start" in done.out
    assert _rows(project) == [(1, 1), (3, 1)], "nothing was made that looks whole"
    again = ["-s", "by_year+", "--event-time-start", "2022-01-01", "--event-time-end", "2023-01-01"]
    assert penstock(project, "build", *again).code == 0
    assert _rows(project) == _rows(project, "below") == [(1, 1), (2, 2), (3, 1)]
