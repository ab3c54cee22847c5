"""A run on PostgreSQL makes only what must be made, and leaves no view dropped. Server, dbt and its adapter are real."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.tools.postgres import new_server
from tests.tools.stall import Stall, stall_in

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.xdist_group("reuse-postgres")]

ALL = {"stg", "doubled", "total", "names"}

CONTRACTS = """
models:
  - name: parent
    config: {contract: {enforced: true}}
    columns:
      - {name: id, data_type: int, constraints: [{type: primary_key}]}
      - {name: word, data_type: text}
  - name: child
    config: {contract: {enforced: true}}
    constraints: [{type: foreign_key, columns: [parent_id], to: ref('parent'), to_columns: [id]}]
    columns: [{name: parent_id, data_type: int}]
"""


@pytest.fixture(scope="module")
def stall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stall]:
    server = new_server()
    server.start(fsync=False)
    yield stall_in(tmp_path_factory.mktemp("stall"), server.url())
    server.remove()


def test_what_is_up_to_date_is_left_alone(stall: Stall) -> None:
    plan = stall.plan()
    assert {name for name, (decision, _, _) in plan.items() if decision == "reuse"} == ALL, plan
    assert plan["total"][2] == "same code, same inputs since run 1"
    assert stall("run").out.startswith("0 assets to build, 4 up to date")


def test_an_edit_makes_what_must_be_made_and_the_views_that_fall(stall: Stall) -> None:
    stall.edit("models/stg.sql", "price > 5", "price > 4")
    plan = stall.plan()
    assert plan["doubled"][:2] == ("build", "falls"), plan
    assert "views fall with it" in plan["doubled"][2]
    assert plan["names"][0] == "reuse", plan
    built = stall.built()
    assert {"stg", "doubled"} <= built and "names" not in built
    assert stall.sql("select sum(price) from marts.doubled") == [(60,)]
    assert stall.built() == set()


def test_a_selection_says_which_views_fall_with_it(stall: Stall) -> None:
    plan = stall("plan", "--select", "stg", "--no-reuse").err
    assert "these are not built: doubled (reads stg)" in plan
    assert "these are not built" not in stall("plan", "--select", "stg+", "--no-reuse").err


def test_new_rows_make_what_reads_them(stall: Stall) -> None:
    stall.sql("insert into raw.things values (3, 30, 'a')")
    assert stall.built() == {"stg", "doubled", "total"}
    assert stall.sql("select total from marts.total") == [(120,)]


def test_what_somebody_else_writes_is_made_again(stall: Stall) -> None:
    stall.sql("update marts.names set name = 'Bob'", "drop view marts.doubled")
    built = stall.built()
    assert {"names", "doubled"} <= built and "stg" not in built
    assert stall.sql("select name from marts.names") == [("ann",)]


KEYS = "select conname from pg_constraint where contype = 'f' and conrelid = 'marts.child'::regclass"


def test_a_foreign_key_that_falls_is_made_again(stall: Stall) -> None:
    stall.write("models/parent.sql", "select 1 as id, 'a' as word")
    stall.write("models/child.sql", "select id as parent_id from {{ ref('parent') }}")
    stall.write("models/contracts.yml", CONTRACTS)
    assert stall.built() == {"parent", "child"}
    assert len(stall.sql(KEYS)) == 1
    assert stall.built() == set()
    stall.edit("models/parent.sql", "'a'", "'b'")
    assert stall.plan()["child"][:2] == ("build", "falls")
    assert "foreign keys fall there" in stall("plan", "--select", "parent").err
    assert stall.built() == {"parent", "child"}
    assert len(stall.sql(KEYS)) == 1
    assert stall.built() == set()


def test_above_a_view_that_nothing_here_makes_the_reason_is_told(stall: Stall) -> None:
    stall.sql("create view raw.shown as select id from raw.things")
    stall.write("models/shown.yml", "sources: [{name: shown, schema: raw, tables: [{name: shown}]}]\n")
    stall.write(
        "models/between.sql",
        "{{ config(materialized='view') }} select id from {{ source('shown', 'shown') }}",
    )
    stall.write("models/above.sql", "select id from {{ ref('between') }}")
    assert stall.built() == {"between", "above"}
    plan = stall.plan()
    assert plan["between"][0] == "reuse"
    assert plan["above"][:2] == ("build", "unknown")
    assert plan["above"][2].startswith(
        "shown is a view that nothing here makes, so nothing tells which rows it shows"
    )
