"""dbt's run flags reach dbt, in every invocation, and a worker never serves what another key made."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from penstock.errors import UsageError
from penstock.integration import Outcome
from penstock.system.safe_yaml import load_yaml
from penstock_dbt.flags import option_flags, parsing_flags
from penstock_dbt.options import options_of
from penstock_dbt.settings import vars_text
from tests.unit.penstock_dbt_run.bench import Bench, pid_of, tables
from tests.unit.penstock_dbt_run.shop import write_shop

SUCCESS = Outcome.SUCCESS
FILES: dict[str, str | None] = {
    "models/growing.sql": (
        "{{ config(materialized='incremental') }}\nselect {{ var('n', 1) }} as n, '{{ target.name }}' as target\n"
    ),
    "models/reader.sql": "{{ config(materialized='table') }}\nselect * from {{ ref('people') }}\n",
    "models/doubted.sql": "select 1 as x union all select 1\n",
    "models/doubted.yml": (
        "models:\n  - name: doubted\n    columns: [{name: x, data_tests: [{unique: {config: {severity: warn}}}]}]\n"
    ),
}


@pytest.mark.slow
def test_flags_of_a_run(shop: Bench) -> None:
    write_shop(shop.root, FILES)
    file = shop.root / "shop.duckdb"
    growing = "model.shop.growing"
    first = shop.run("seed.shop.people", growing)
    assert first.outcomes == {"seed.shop.people": SUCCESS, growing: SUCCESS}
    shop.run(growing)
    assert tables(file)["growing"] == 2
    assert shop.run(growing, full_refresh=True).outcome is SUCCESS
    assert tables(file)["growing"] == 1

    assert shop.run("model.shop.reader", empty=True).outcome is SUCCESS
    assert tables(file)["reader"] == 0

    single = shop.run("model.shop.reader", threads=1)
    assert "Concurrency: 1 threads" in single.logs("info")
    assert pid_of(single) == pid_of(first), "the same parsed project serves other run flags"

    test = next(uid for uid in shop.manifest()["nodes"] if uid.startswith("test.shop.unique_doubted"))
    assert shop.run("model.shop.doubted", test).outcomes[test] is Outcome.WARN
    strict = shop.run(test, args=["--warn-error"])
    assert strict.outcome is Outcome.FAIL and pid_of(strict) != pid_of(first)


@pytest.mark.slow
def test_another_target_or_other_vars_are_another_worker(shop: Bench) -> None:
    import duckdb

    write_shop(shop.root, FILES)
    growing = "model.shop.growing"
    runs = [
        shop.run(growing),
        shop.run(growing, vars={"n": 7}),
        shop.run(growing, target="prod"),
        shop.run(growing, vars="{n: 7}"),
    ]
    assert [ran.outcome for ran in runs] == [SUCCESS] * 4
    assert pid_of(runs[1]) == pid_of(runs[3])
    assert len({pid_of(ran) for ran in runs}) == 3
    with duckdb.connect(str(shop.root / "shop.duckdb")) as opened:
        assert opened.execute("select n, target from growing order by n").fetchall() == [
            (1, "dev"),
            (7, "dev"),
            (7, "dev"),
        ]
    with duckdb.connect(str(shop.root / "prod.duckdb")) as opened:
        assert opened.execute("select n, target from growing").fetchall() == [(1, "prod")]


@pytest.mark.slow
def test_defer_reads_what_is_not_built_from_the_state(shop: Bench, tmp_path: Path) -> None:
    """Twice: deferral changes a parsed project, and the next invocation must not see that."""
    profiles = (shop.root / "profiles.yml").read_text()
    other = profiles.replace(
        "prod: {", "other: {type: duckdb, path: shop.duckdb, schema: other, threads: 2}\n    prod: {"
    )
    write_shop(shop.root, {**FILES, "profiles.yml": other})
    shop.run("seed.shop.people", "model.shop.stg_people")
    state = shop.root / "state"
    state.mkdir()
    shop.manifest()
    parsed = next((shop.root / ".penstock" / "dbt").glob("*/*/parse/manifest.json"))
    (state / "manifest.json").write_bytes(parsed.read_bytes())
    deferred = shop.run("model.shop.reader", target="other", defer=True, state=str(state))
    assert deferred.outcome is SUCCESS
    alone = shop.run("model.shop.reader", target="other")
    assert alone.outcome is Outcome.ERROR and "people" in (alone.end_of("model.shop.reader").message or "")
    assert shop.run("model.shop.reader", target="other", defer=True, state=str(state)).outcome is SUCCESS


def test_flags_are_spelt_as_dbt_spells_them() -> None:
    options = {
        "full_refresh": True,
        "fail_fast": False,
        "threads": 4,
        "event_time_start": "2024-01-01",
        "defer": True,
        "state": "/s",
        "args": ["--warn-error-options", "{error: all}", "--no-populate-cache"],
    }
    assert option_flags(options_of(options)) == [
        *(
            "--full-refresh",
            "--defer",
            "--event-time-start",
            "2024-01-01",
            "--threads",
            "4",
            "--defer-state",
            "/s",
        ),
        *("--warn-error-options", "{error: all}", "--no-populate-cache"),
    ]
    assert parsing_flags(options_of(options)) == ["--warn-error-options", "{error: all}"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"event_time_start": "2024"}, "--event-time-start '2024' is no time"),
        ({"event_time_end": "soon"}, "--event-time-end 'soon' is no time"),
        ({"event_time_start": "2024-02-01", "event_time_end": "2024-01-01 00:00:00"}, "must be earlier"),
    ],
)
def test_a_window_that_dbt_refuses_is_refused_before_anything_runs(
    options: dict[str, object], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        options_of(options)


@pytest.mark.parametrize("word", ["--select", "--state=x", "--target-path", "-m"])
def test_what_penstock_says_itself_cannot_be_passed_on(word: str) -> None:
    with pytest.raises(UsageError, match="cannot be passed on"):
        option_flags(options_of({"args": [word]}))


@pytest.mark.parametrize(
    "values",
    [
        {"start": datetime.date(2024, 1, 1)},
        {"at": datetime.datetime(2024, 1, 1, 3, 4, 5)},
        {"names": {"a", "b"}, "mixed": {1: "x", "y": [None, True, 1.5]}},
        {"text": "yes", "number": "007", "lines": "a\nb", "symbol": "\N{GRINNING FACE}"},
    ],
)
def test_vars_reach_dbt_as_what_they_are(values: dict[str, Any]) -> None:
    assert load_yaml(vars_text(values), "--vars") == values
