"""Every way in which a node can end, provoked in real dbt and mapped to ours; the table's words against dbt's own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from penstock.integration import ItemFinished, ItemProgress, Outcome
from penstock_dbt.config import DbtConfig
from penstock_dbt.statuses import STATUSES, outcome_of
from tests.tools.environment import real_environment
from tests.unit.penstock_dbt_run.bench import Bench, Ran, executable_only
from tests.unit.penstock_dbt_run.shop import write_shop

pytestmark = pytest.mark.slow
_OLDER = [pytest.param(version, marks=pytest.mark.long) for version in ("1.8", "1.9", "1.10")]

_BATCHES = """
{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='day', batch_size='day',
          begin='2024-01-01', lookback=1) }}
select day, case when day = timestamp '2024-01-02' then error('no such day') else 1 end as n from {{ ref('days') }}
"""
TROUBLE: dict[str, str | None] = {
    "models/days.sql": (
        "{{ config(materialized='table', event_time='day') }}\n"
        "select * from (values (timestamp '2024-01-01'), (timestamp '2024-01-02'), (timestamp '2024-01-03')) as t(day)\n"
    ),
    "models/batches.sql": _BATCHES,
    "models/below_batches.sql": "select * from {{ ref('batches') }}\n",
    "models/broken.sql": "select no_such_column from {{ ref('days') }}\n",
    "models/below_broken.sql": "select * from {{ ref('broken') }}\n",
    "models/uncompilable.sql": (
        "{% if execute %}{{ exceptions.raise_compiler_error('not today') }}{% endif %} select 1 as x\n"
    ),
    "models/shadow.sql": "{{ config(materialized='ephemeral') }}\nselect {{ 1 / 0 if execute else 1 }} as x\n",
    "models/below_shadow.sql": "select * from {{ ref('shadow') }}\n",
    "models/doubtful.sql": "select 1 as x union all select 1\n",
    "models/below_doubtful.sql": "select * from {{ ref('doubtful') }}\n",
    "models/suspect.sql": "select 1 as x union all select 1\n",
    "models/below_suspect.sql": "select * from {{ ref('suspect') }}\n",
    "models/untrue.sql": "select 1 as x\n",
    "tests/failing_query.sql": "select no_such_column from {{ ref('below_suspect') }}\n",
    "models/trouble.yml": """
models:
  - name: doubtful
    columns: [{name: x, data_tests: [unique]}]
  - name: suspect
    columns: [{name: x, data_tests: [{unique: {config: {severity: warn}}}]}]
unit_tests:
  - name: not_so
    model: untrue
    given: []
    expect: {rows: [{x: 2}]}
""",
}
ITEMS = (
    *("model.shop." + name[7:-4] for name in TROUBLE if name.endswith(".sql") and name.startswith("models/")),
    "test.shop.failing_query",
    "unit_test.shop.untrue.not_so",
    "exposure.shop.weekly",
)


@pytest.fixture(scope="module", params=["worker", pytest.param("executable", marks=pytest.mark.long)])
def ran(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, environ: dict[str, str]
) -> Ran:
    root = write_shop(tmp_path_factory.mktemp("trouble"), TROUBLE)
    command = executable_only(root, real_environment("1.11")) if request.param == "executable" else None
    options = {"event_time_start": "2024-01-01", "event_time_end": "2024-01-04"}
    bench = Bench(root, environ, DbtConfig(project=".", command=command), options)
    tests = [uid for uid in bench.manifest()["nodes"] if uid.startswith("test.shop.unique_")]
    tests = [uid for uid in tests if "doubtful" in uid or "suspect" in uid]
    result = bench.run(*ITEMS, *tests)
    bench.close()
    return result


def ends(ran: Ran, part: str) -> tuple[Outcome | None, str]:
    event = next(e for e in ran.events if isinstance(e, ItemFinished) and part in str(e.item))
    return event.outcome, event.message or ""


def test_success_no_op_and_warn(ran: Ran) -> None:
    assert ends(ran, "model.shop.days") == (Outcome.SUCCESS, "")
    assert ends(ran, "exposure.shop.weekly")[0] is Outcome.NO_OP
    assert ends(ran, "unique_suspect")[0] is Outcome.WARN
    assert "Got 1 result" in ends(ran, "unique_suspect")[1]
    assert ends(ran, "model.shop.below_suspect")[0] is Outcome.SUCCESS


def test_errors_carry_dbt_s_own_words_without_a_traceback(ran: Ran) -> None:
    outcome, text = ends(ran, "model.shop.broken")
    assert outcome is Outcome.ERROR and "no_such_column" in text and "Traceback" not in text
    outcome, text = ends(ran, "model.shop.uncompilable")
    assert outcome is Outcome.ERROR and "not today" in text
    outcome, text = ends(ran, "test.shop.failing_query")
    assert outcome is Outcome.ERROR and "no_such_column" in text


def test_failed_checks_are_verdicts_not_errors(ran: Ran) -> None:
    outcome, text = ends(ran, "unique_doubtful")
    assert outcome is Outcome.FAIL and "1 result" in text
    assert (
        next(e for e in ran.events if isinstance(e, ItemFinished) and "unique_doubtful" in e.item).failures
        == 1
    )
    assert ends(ran, "unit_test.shop.untrue.not_so")[0] is Outcome.FAIL


def test_what_follows_a_failure_is_skipped(ran: Ran) -> None:
    for below in ("below_broken", "below_doubtful", "untrue", "below_batches"):
        assert ends(ran, f"model.shop.{below}")[0] is Outcome.SKIPPED, below


def test_a_skip_names_its_cause_where_dbt_runs_in_a_worker(ran: Ran) -> None:
    if not (ran.folder / "events.jsonl").exists():
        pytest.skip("the JSON log names no cause")
    assert ran.end_of("model.shop.below_broken").facts["cause"] == "model.shop.broken"
    assert "unique_doubtful" in str(ran.end_of("model.shop.below_doubtful").facts["cause"])
    assert ran.end_of("model.shop.untrue").facts["cause"] == "unit_test.shop.untrue.not_so"


def test_an_ephemeral_model_that_cannot_be_compiled(ran: Ran) -> None:
    outcome, text = ends(ran, "model.shop.shadow")
    assert outcome is Outcome.ERROR and "division by zero" in text
    outcome, text = ends(ran, "model.shop.below_shadow")
    assert outcome is Outcome.SKIPPED and "shadow" in text


def test_some_batches_failed(ran: Ran) -> None:
    outcome, _ = ends(ran, "model.shop.batches")
    assert outcome is Outcome.PARTIAL
    progress = [e for e in ran.events if isinstance(e, ItemProgress) and e.item == "model.shop.batches"]
    assert len(progress) == 3


def test_the_step_failed_and_everything_ended_once(ran: Ran) -> None:
    assert ran.outcome is Outcome.ERROR
    assert len(ran.outcomes) == len(ITEMS) + 2


@pytest.mark.parametrize("version", [*_OLDER, "1.11"])
def test_the_table_has_every_word_of_each_dbt(version: str, environ: dict[str, str]) -> None:
    code = (
        "from dbt.artifacts.schemas.results import RunStatus, TestStatus, NodeStatus\n"
        "print(*{s.value for kind in (RunStatus, TestStatus, NodeStatus) for s in kind}, sep='|')"
    )
    python = str(real_environment(version) / "python")
    said = subprocess.run([python, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert set(said.stdout.strip().split("|")) <= STATUSES.keys()


def test_an_unknown_word_is_an_error_never_a_success() -> None:
    assert outcome_of("splendid") is Outcome.ERROR
    assert outcome_of("Success") is Outcome.SUCCESS


def test_the_table_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "statuses.md").read_text()
    for word, outcome in STATUSES.items():
        assert any(f"`{word}`" in line and f"`{outcome}`" in line for line in page.splitlines()), word
