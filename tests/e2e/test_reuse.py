"""A run makes only what must be made, and says why: real dbt on a real DuckDB file, edited between runs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.tools.command import penstock

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("reuse")]

FILES = {
    "dbt_project.yml": "name: kiosk\nversion: '1.0'\nprofile: kiosk\nvars: {floor: 5}\nmodels: {kiosk: {+materialized: table}}\n",
    "profiles.yml": "kiosk: {target: dev, outputs: {dev: {type: duckdb, path: kiosk.duckdb}}}\n",
    "penstock.yml": "name: kiosk\nwarehouses: {main: {dbt: t}}\ndbt: {t: {project: ., warm: 20s}}\n",
    "seeds/things.csv": "id,price,kind\n1,10,a\n2,20,b\n3,30,a\n",
    "macros/twice.sql": "{% macro twice(x) %}{{ x }} * 2{% endmacro %}",
    "models/stg.sql": "select id, price, kind from {{ ref('things') }} where price > {{ var('floor') }}",
    "models/kinds.sql": "select reverse(kind) as kind, count(*) as n from {{ ref('stg') }} group by 1",
    "models/doubled.sql": "{{ config(materialized='view') }} select id, {{ twice('price') }} as price from {{ ref('stg') }}",
    "models/total.sql": "select sum(price) as total from {{ ref('doubled') }}",
    "models/clocked.sql": "select *, case when total > 0 then now() end as at from {{ ref('total') }}",
}
STABLE = {"things", "stg", "kinds", "doubled", "total"}


def decisions(folder: Path) -> dict[str, tuple[str, str]]:
    """Per asset what would be done and the code of the reason."""
    items = penstock(folder, "plan", "--json").json()["items"]
    return {item["name"]: (item["decision"], item["code"]) for item in items}


def reasons(folder: Path) -> dict[str, str]:
    return {item["name"]: item["reason"] for item in penstock(folder, "plan", "--json").json()["items"]}


def built(folder: Path, *arguments: str) -> set[str]:
    """What a run made, by its own account."""
    done = penstock(folder, "run", *arguments, "--json")
    assert done.code == 0, done
    return {item["name"] for item in done.json()["items"] if item["state"] == "success"}


def reused(folder: Path) -> set[str]:
    return {name for name, (decision, _) in decisions(folder).items() if decision == "reuse"}


def edit(folder: Path, name: str, before: str, after: str) -> None:
    path = folder / name
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def execute(folder: Path, sql: str) -> None:
    with duckdb.connect(str(folder / "kiosk.duckdb")) as connection:
        connection.execute(sql)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, built once."""
    folder = tmp_path_factory.mktemp("kiosk")
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / ".git").mkdir()
    assert built(folder) == {*STABLE, "clocked"}
    return folder


@pytest.fixture
def kiosk(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The built project, for one test: afterwards it is as it was. In a folder of its own dbt would read all of it anew."""
    no_workers = shutil.ignore_patterns("worker-[0-9]*")  # one that is warm remembers the test before
    kept = Path(shutil.copytree(made, tmp_path_factory.mktemp("kept") / "kiosk", ignore=no_workers))
    yield made
    shutil.rmtree(made)
    shutil.copytree(kept, made)


def test_what_is_up_to_date_is_not_made_again(made: Path, tmp_path: Path) -> None:
    """Copied with its .penstock as a person would: it is not taken for the other one."""
    kiosk = Path(shutil.copytree(made, tmp_path, dirs_exist_ok=True))
    assert reused(kiosk) == STABLE
    assert "now()" in reasons(kiosk)["clocked"]
    done = penstock(kiosk, "run")
    assert done.code == 0
    assert done.out.startswith("1 asset to build, 5 up to date")
    assert built(kiosk, "--select", "kinds") == set()
    assert built(kiosk, "--no-reuse") == {*STABLE, "clocked"}


def test_edits_make_what_they_concern(kiosk: Path) -> None:
    edit(kiosk, "macros/twice.sql", "* 2", "* 3")
    assert decisions(kiosk)["doubled"] == ("build", "code")
    assert decisions(kiosk)["total"] == ("build", "along")
    assert reused(kiosk) == {"things", "stg", "kinds"}
    assert built(kiosk) == {"doubled", "total", "clocked"}
    edit(kiosk, "dbt_project.yml", "floor: 5", "floor: 15")
    assert reasons(kiosk)["stg"] == "code: var floor: price > 5 -> price > 15"
    assert built(kiosk) == {"stg", "kinds", "doubled", "total", "clocked"}
    edit(kiosk, "seeds/things.csv", "3,30,a", "3,31,a")
    assert "things" in built(kiosk)
    assert reused(kiosk) == STABLE


def test_what_others_wrote_is_seen(kiosk: Path) -> None:
    execute(kiosk, "update main.kinds set n = 100 where kind = 'a'")
    assert decisions(kiosk)["kinds"] == ("build", "outside")
    execute(kiosk, "drop table main.kinds")
    assert decisions(kiosk)["kinds"] == ("build", "missing")
    execute(kiosk, "update main.stg set price = 11 where id = 1")
    assert decisions(kiosk)["stg"] == ("build", "outside")
    assert decisions(kiosk)["total"][0] == "build"
    assert {"stg", "kinds", "total"} <= built(kiosk)
    assert reused(kiosk) == STABLE


def test_an_old_store_reuses_nothing(kiosk: Path) -> None:
    import sqlite3

    store = sqlite3.connect(kiosk / ".penstock" / "penstock.db")
    store.execute("UPDATE made_from SET document = x'c0'")
    store.commit()
    store.close()
    assert reused(kiosk) == set()
    assert {code for _, code in decisions(kiosk).values()} == {"unrecorded"}


def test_why_tells_the_chain_and_remembers(kiosk: Path) -> None:
    edit(kiosk, "models/stg.sql", "price >", "price >=")
    told = penstock(kiosk, "why", "total", "--json").json()
    assert (told["decision"], told["code"]) == ("build", "along")
    assert told["because"][-1]["name"] == "stg"
    assert told["because"][-1]["reason"] == "code: price > 5 -> price >= 5"
    penstock(kiosk, "run")
    past = penstock(kiosk, "why", "stg", "--run", "latest")
    assert past.out.startswith("stg: build (run 2): code: price > 5 -> price >= 5")
    below = penstock(kiosk, "why", "total", "--run", "latest")
    assert below.out.startswith("total: build (run 2): built in one step with doubled\n")
    assert "  because of stg: build: code: price > 5 -> price >= 5" in below.out
    assert "things" in penstock(kiosk, "why", "--not-built", "--run", "2").out
    now = penstock(kiosk, "why", "stg")
    assert now.out.startswith("stg: reuse: same code, same inputs since run 2")
    assert "did you mean 'total'?" in penstock(kiosk, "why", "totl").err
    assert penstock(kiosk, "why").code == 2


def test_reuse_can_be_turned_off(kiosk: Path) -> None:
    edit(kiosk, "penstock.yml", "name: kiosk", "name: kiosk\nreuse: off")
    assert reused(kiosk) == set()
    edit(kiosk, "penstock.yml", "reuse: off", "reuse: sometimes")
    wrong = penstock(kiosk, "plan")
    assert wrong.code == 2
    assert "reuse" in wrong.err


@pytest.mark.long
def test_new_rows_may_wait(kiosk: Path) -> None:
    edit(kiosk, "penstock.yml", "name: kiosk", "name: kiosk\nreuse: {max_lag: 1h}")
    edit(kiosk, "seeds/things.csv", "3,30,a", "3,31,a")
    assert decisions(kiosk)["stg"] == ("build", "along")
    assert built(kiosk, "--select", "things") == {"things"}
    assert decisions(kiosk)["stg"] == ("reuse", "lag")
    assert reasons(kiosk)["stg"].startswith("new data of things may wait ")


def test_a_comment_makes_nothing(kiosk: Path) -> None:
    edit(kiosk, "models/stg.sql", "select id", "-- all that is worth something\nselect   id")
    assert reasons(kiosk)["stg"].startswith("code changed in form only")
    edit(
        kiosk,
        "models/stg.sql",
        "select   id, price, kind from {{ ref('things') }}",
        "SELECT t.id, price, t.kind FROM {{ ref('things') }} t",
    )
    assert reasons(kiosk)["stg"].startswith("code changed in form only")
    assert reused(kiosk) == STABLE
    edit(kiosk, "models/stg.sql", "price >", "price >=")
    assert decisions(kiosk)["stg"] == ("build", "code")


def test_a_column_makes_what_reads_it(kiosk: Path) -> None:
    edit(kiosk, "models/stg.sql", "price, kind", "price + 1 as price, kind")
    told = reasons(kiosk)
    assert told["stg"] == "code: column price: price -> price + 1 as price"
    assert told["kinds"].startswith("same code, reads none of the columns of stg that change (price)")
    assert decisions(kiosk)["total"] == ("build", "along")
    assert told["total"].startswith("reads stg.price, which changes")
    assert built(kiosk) >= {"stg", "total"}
    assert reused(kiosk) == STABLE
    edit(kiosk, "models/stg.sql", "kind from", "upper(kind) as kind from")
    assert decisions(kiosk)["total"] == ("reuse", "unread")
    assert "total" not in built(kiosk)
    assert reused(kiosk) == STABLE


def test_a_parent_with_the_same_rows_cuts_the_chain(kiosk: Path) -> None:
    """`kinds` is another invocation's business: made alone, its new text gives the old rows."""
    edit(kiosk, "models/stg.sql", "price >", "price > 1 and price >")
    assert built(kiosk, "--select", "stg") == {"stg"}
    assert reused(kiosk) == STABLE


def test_an_audit_finds_a_wrong_reuse(kiosk: Path) -> None:
    """A macro in the database stands in for a function of DuckDB's own: no file changed, and no row that is read."""
    edit(kiosk, "penstock.yml", "name: kiosk", "name: kiosk\nreuse: {audit: 100%}")
    execute(kiosk, "create macro main.reverse(x) as x || '!'")
    shown = {name for name, (_, code) in decisions(kiosk).items() if code == "audit"}
    assert shown == {"stg", "kinds"}  # total sums what a view gives: of which type is not known
    assert reasons(kiosk)["stg"] == "built to audit its reuse: same code, same inputs since run 1"
    assert built(kiosk) == {*shown, "clocked"}
    told = penstock(kiosk, "runs", "latest").out
    assert "reuse of kinds would have been wrong: run 1 left rows " in told
    assert "reuse audited: 1 built again, and the same" in told
    (finding,) = [
        one
        for one in penstock(kiosk, "doctor", "--offline", "--json").json()["findings"]
        if one["code"] == "reuse-differs"
    ]
    assert "reuse of kinds would have been wrong" in finding["message"]
    audits = {one["name"]: one for one in penstock(kiosk, "runs", "latest", "--json").json()["reuse_audits"]}
    assert audits["kinds"]["before"] != audits["kinds"]["after"]
    assert audits["stg"]["before"] == audits["stg"]["after"]


SCHEMA = """
models:
  - name: stg
    columns:
      - name: id
        data_tests: [unique]
      - name: kind
        data_tests: [{accepted_values: {arguments: {values: [a, b]}, config: {severity: warn}}}]
"""


def checks(folder: Path) -> dict[str, tuple[str, str]]:
    """Per check what `build` would do, and why."""
    items = penstock(folder, "plan", "--json").json()["items"]
    return {item["name"]: (item["decision"], item["reason"]) for item in items if item["kind"] == "check"}


def test_verdicts_are_reused_with_the_rows_they_judged(kiosk: Path) -> None:
    (kiosk / "models" / "schema.yml").write_text(SCHEMA)
    (kiosk / "tests").mkdir()
    (kiosk / "tests" / "dear.sql").write_text("select id from {{ ref('stg') }} where price > 100")
    values = "accepted_values_stg_kind__a__b"
    assert penstock(kiosk, "build", "--exclude", "clocked").code == 0
    words = "passed in run 2: same test, same data"
    asked = penstock(kiosk, "why", "dear")
    assert asked.out.startswith(f"dear: reuse: {words}\n  compared  stg: rows ")
    assert "it would be run after a change of the test" in asked.out + asked.err
    assert checks(kiosk) == dict.fromkeys(("unique_stg_id", "dear", values), ("reuse", words))
    # A column that one of them reads: the others keep their verdicts, and a warning stays a warning.
    edit(kiosk, "models/stg.sql", "kind from", "kind || 'x' as kind from")
    told = checks(kiosk)
    assert told[values][0] == "build"
    assert told["dear"] == ("reuse", "passed in run 2: reads none of the columns of stg that change (kind)")
    ended = penstock(kiosk, "build", "--exclude", "clocked", "--json")
    assert ended.code == 0
    assert {one["name"]: one["state"] for one in ended.json()["items"] if one["kind"] == "check"} == {
        "unique_stg_id": "reused", "dear": "reused", values: "warn"
    }  # fmt: skip
    # A failure stands: nothing is run, the run fails again and what it gates is held back.
    edit(kiosk, "tests/dear.sql", "100", "25")
    assert penstock(kiosk, "build", "--exclude", "clocked").code == 1
    edit(kiosk, "models/kinds.sql", "count(*) as n", "count(*) + 1 as n")
    again = penstock(kiosk, "build", "--exclude", "clocked", "--json")
    assert again.code == 1
    states = {one["name"]: (one["state"], one["message"]) for one in again.json()["items"]}
    assert states["dear"][0] == "fail"
    assert states["dear"][1].startswith("failed in run 4 (")
    assert states[values][0] == "warn"
    assert states["kinds"] == ("skipped", "upstream dear failed")
    edit(kiosk, "tests/dear.sql", "25", "100")
    assert checks(kiosk)["dear"] == ("build", "checks stg: code: its file changed")


WHERE = {
    "by name": {"dbt_project.yml": "on-run-end: [\"delete from {{ ref('stg') }} where price < 15\"]\n"},
    "not told": {
        "dbt_project.yml": "on-run-end: [\"{{ trim.trim_rows('st' ~ 'g') }}\"]\n",
        "dbt_packages/trim/dbt_project.yml": "name: trim\nversion: '1.0'\n",
        "dbt_packages/trim/macros/trim.sql": "{% macro trim_rows(t) %}delete from main.{{ t }} where price < 15{% endmacro %}",
    },
}


@pytest.mark.parametrize("where", ["not told", pytest.param("by name", marks=pytest.mark.long)])
def test_what_a_hook_wrote_into_was_not_read_by_what_was_made_before_it(kiosk: Path, where: str) -> None:
    """The hook moves into the model: the rows are those that it left, and what was made of those before it is wrong."""
    project = (kiosk / "dbt_project.yml").read_text()
    for name, text in WHERE[where].items():
        (kiosk / name).parent.mkdir(parents=True, exist_ok=True)
        (kiosk / name).write_text((project if name == "dbt_project.yml" else "") + text)
    edit(kiosk, "models/stg.sql", "select id,", "select id + 0 as id,")
    assert {"stg", "kinds", "total"} <= built(kiosk)
    assert reused(kiosk) & {"stg", "kinds", "total"} <= {"stg"}
    (kiosk / "dbt_project.yml").write_text(project.replace("floor: 5", "floor: 15"))
    assert {"stg", "kinds", "total"} <= built(kiosk)
    with duckdb.connect(str(kiosk / "kiosk.duckdb")) as connection:
        assert connection.execute("select total from main.total").fetchall() == [(100,)]


ADDED_TO = """{{ config(materialized='incremental', unique_key='id') }}
select id, price from {{ ref('stg') }}
{% if is_incremental() %} where price >= (select max(price) from {{ this }}) {% endif %}
"""


@pytest.mark.long
def test_rows_that_older_code_made(kiosk: Path) -> None:
    """One incremental model, from nothing: its next text is known, an unread column is unread, and an edit follows the rule."""
    (kiosk / "models" / "added.sql").write_text(ADDED_TO)
    (kiosk / "models" / "stamped.sql").write_text("select id, now() as loaded_at from {{ ref('stg') }}")
    assert built(kiosk) == {"added", "stamped", "clocked"}
    assert reused(kiosk) == {*STABLE, "added", "stamped"}
    edit(kiosk, "models/stg.sql", "kind from", "upper(kind) as kind from")
    assert decisions(kiosk)["added"] == ("reuse", "unread")
    edit(kiosk, "models/stg.sql", "upper(kind) as kind from", "kind from")
    (kiosk / "models" / "late.sql").write_text("select max(loaded_at) as at from {{ ref('stamped') }}")
    assert decisions(kiosk)["stamped"] == ("build", "volatile")
    (kiosk / "models" / "late.sql").unlink()
    edit(kiosk, "models/added.sql", "select id,", "-- a remark\nselect  id,")
    assert decisions(kiosk)["added"] == ("reuse", "same")
    edit(kiosk, "models/added.sql", "id, price", "id, price * 2 as price")
    assert reasons(kiosk)["added"].endswith("; only new rows follow it")
    edit(kiosk, "penstock.yml", "name: kiosk", "name: kiosk\nreuse: {on_code_change: ask}")
    assert decisions(kiosk)["added"] == ("skip", "asks")
    assert built(kiosk, "--no-reuse", "--select", "added") == {"added"}
    told = penstock(kiosk, "doctor", "--offline", "--json").json()["findings"]
    assert [one["message"] for one in told if one["code"] == "rows-of-older-code"] == [
        "added: its rows from before run 3 were made by older code"
    ]
    edit(kiosk, "models/added.sql", "price * 2", "price * 3")
    edit(kiosk, "penstock.yml", "on_code_change: ask", "on_code_change: full_refresh")
    assert "added" in built(kiosk)
    with duckdb.connect(str(kiosk / "kiosk.duckdb")) as connection:
        assert connection.execute("select * from main.added order by id").fetchall() == [
            (1, 30),
            (2, 60),
            (3, 90),
        ]
    assert reused(kiosk) == {*STABLE, "added", "stamped"}


@pytest.mark.long
def test_above_a_view_that_nothing_here_makes_the_reason_is_told(kiosk: Path) -> None:
    execute(kiosk, "create view shown as select 1 as id")
    (kiosk / "models/raw.yml").write_text("sources: [{name: raw, schema: main, tables: [{name: shown}]}]\n")
    (kiosk / "models/above.sql").write_text("select id from {{ source('raw', 'shown') }}")
    assert "above" in built(kiosk)
    told = "shown is a view that nothing here makes, so nothing tells which rows it shows"
    assert reasons(kiosk)["above"].startswith(told)
