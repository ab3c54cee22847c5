"""A project: derived columns flow down, ephemerals are followed through, what fails or does not fit is told."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from sqlglot import exp

from penstock.lineage.project.derive import ProjectLineage, derive
from penstock.lineage.scope.walk import Walk
from penstock.lineage.statements.targets import Outcome
from tests.unit.lineage.models import SOURCES, edges, model


def test_a_structs_fields_are_known_to_the_children_by_the_catalogs_type() -> None:
    made = model(
        "stg", "select id, lines, address from raw.orders", columns=("id", "lines", "address"), types=LINES
    )
    reader = model("mart", "select id, inline.sku from marts.stg, (select unnest(lines) as inline)")
    spread = model("wide", "select unnest(address) from marts.stg")
    found = derive([made, reader, spread], {("raw", "orders"): ["id", *LINES]})
    assert edges(found.models["mart"]) == {
        "id <- marts.stg.id IDENTITY",
        "sku <- marts.stg.lines TRANSFORMATION",
    }
    assert found.models["wide"].columns == ("city", "zip")
    assert not found.findings


LINES = {"lines": "STRUCT(sku VARCHAR, qty INTEGER)[]", "address": "STRUCT(city VARCHAR, zip VARCHAR)"}


def codes(project: ProjectLineage, key: str) -> list[str]:
    return [finding.code for finding in project.findings.get(key, ())]


def test_derived_columns_are_the_childrens_schema() -> None:
    project = derive(
        [
            model("report", "select * from marts.paid"),
            model("paid", "select id, amount * 2 as twice from raw.orders where status = 'paid'"),
        ],
        SOURCES,
    )
    assert project.models["report"].columns == ("id", "twice")
    assert edges(project.models["report"]) == {
        "id <- marts.paid.id IDENTITY",
        "twice <- marts.paid.twice IDENTITY",
    }
    assert project.order.index("paid") < project.order.index("report")
    assert project.findings == {}


def test_ephemeral_models_are_followed_through() -> None:
    inlined = "with __dbt__cte__clean as (select id, upper(status) as s from raw.orders) select s from __dbt__cte__clean"
    project = derive(
        [
            model("child", inlined),
            model("clean", "select id, upper(status) as s from raw.orders", ephemeral=True),
        ],
        SOURCES,
    )
    assert edges(project.models["child"]) == {"s <- raw.orders.status TRANSFORMATION"}
    assert edges(project.models["clean"]) == {
        "id <- raw.orders.id IDENTITY",
        "s <- raw.orders.status TRANSFORMATION",
    }


def test_the_catalog_says_what_a_star_over_unknown_columns_is() -> None:
    project = derive([model("m", "select * from raw.unknown", columns=("a", "b"))], {})
    assert project.models["m"].columns == ("a", "b")
    assert edges(project.models["m"]) == {"a <- raw.unknown.a IDENTITY", "b <- raw.unknown.b IDENTITY"}
    assert not project.models["m"].is_open


def test_open_columns_are_carried_down_and_what_readers_ask_for_goes_up() -> None:
    project = derive(
        [
            model("base", "select *, 1 as one from raw.unknown"),
            model("middle", "select * from marts.base"),
            model("top", "select x, one from marts.middle"),
        ],
        {},
    )
    assert edges(project.models["top"]) == {
        "x <- marts.middle.x IDENTITY",
        "one <- marts.middle.one IDENTITY",
    }
    assert "x <- marts.base.x IDENTITY" in edges(project.models["middle"])
    assert "x <- raw.unknown.x IDENTITY" in edges(project.models["base"])
    assert project.models["base"].is_open


def test_columns_that_only_the_sql_has_are_known_to_children() -> None:
    """The catalog is as old as the last build; a new column of the parent is there all the same."""
    project = derive(
        [
            model("parent", "select id, amount as brand_new from raw.orders", columns=("id",)),
            model("child", "select brand_new from marts.parent"),
        ],
        SOURCES,
    )
    assert edges(project.models["child"]) == {"brand_new <- marts.parent.brand_new IDENTITY"}
    assert codes(project, "child") == []
    assert codes(project, "parent") == ["not-in-catalog"]


def test_an_incremental_model_reads_itself() -> None:
    sql = "select id, amount from raw.orders where id > (select max(id) from marts.inc)"
    project = derive([model("inc", sql)], SOURCES)
    assert codes(project, "inc") == []
    assert edges(project.models["inc"]) == {
        "id <- raw.orders.id IDENTITY",
        "amount <- raw.orders.amount IDENTITY",
    }


def test_a_cycle_is_told_and_does_not_stop_the_rest() -> None:
    project = derive(
        [
            model("a", "select x from marts.b"),
            model("b", "select x from marts.a"),
            model("c", "select id from raw.orders"),
        ],
        SOURCES,
    )
    assert "cycle" in [*codes(project, "a"), *codes(project, "b")]
    assert edges(project.models["c"]) == {"id <- raw.orders.id IDENTITY"}


def test_a_broken_model_is_a_finding_and_its_children_go_on() -> None:
    project = derive(
        [
            model("broken", "select id from raw.orders where\n ( oops", documented=("id", "total")),
            model("child", "select total from marts.broken"),
        ],
        SOURCES,
    )
    found = project.findings["broken"][0]
    assert (found.code, found.line) == ("not-parsed", 2)
    assert edges(project.models["child"]) == {"total <- marts.broken.total IDENTITY"}


def test_an_internal_error_is_a_finding_with_the_models_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from penstock.lineage import script

    true = script.derive_statement  # type: ignore[attr-defined]  # replaced where it is used

    def fails_on_one(walk: Walk, statement: exp.Expr) -> list[Outcome]:
        if "boom" in statement.sql():
            raise ZeroDivisionError("boom")
        return true(walk, statement)

    monkeypatch.setattr(script, "derive_statement", fails_on_one)
    project = derive([model("bad", "select 1 as boom"), model("good", "select id from raw.orders")], SOURCES)
    assert codes(project, "bad") == ["internal-error"]
    assert "boom" in project.findings["bad"][0].message
    assert edges(project.models["good"]) == {"id <- raw.orders.id IDENTITY"}


def test_a_model_without_sql_keeps_its_columns() -> None:
    project = derive(
        [
            model("py", None, columns=("a", "b"), reason="a Python model"),
            model("child", "select * from marts.py"),
        ],
        {},
    )
    assert [finding.message for finding in project.findings["py"]] == ["a Python model"]
    assert project.models["child"].columns == ("a", "b")


def test_columns_that_the_tool_adds() -> None:
    project = derive(
        [
            model(
                "snap",
                "select id from raw.orders",
                added=("dbt_valid_from",),
                columns=("id", "dbt_valid_from"),
            ),
            model("child", "select dbt_valid_from from marts.snap"),
        ],
        SOURCES,
    )
    assert codes(project, "snap") == []
    assert edges(project.models["child"]) == {"dbt_valid_from <- marts.snap.dbt_valid_from IDENTITY"}


def test_documentation_and_catalog_against_the_sql() -> None:
    sql = "select id, amount from raw.orders"
    project = derive([model("m", sql, documented=("id", "gone"), columns=("id", "stale"))], SOURCES)
    told = {finding.code: finding.message for finding in project.findings["m"]}
    assert told == {
        "documented-not-produced": "documented, but its SQL gives no gone",
        "catalog-not-produced": "in the catalog, but its SQL gives no stale",
        "not-in-catalog": "its SQL gives amount, which the catalog does not have",
        "not-documented": "not documented: amount",
    }


def test_ambiguous_columns_keep_their_candidates() -> None:
    project = derive([model("m", "select x from raw.one, raw.two")], {})
    assert edges(project.models["m"]) == {"x <- raw.one or raw.two.x IDENTITY ambiguous"}
    assert codes(project, "m") == ["ambiguous-column"]


def test_a_model_that_says_create_table_is_read_by_its_target() -> None:
    sql = "create temp table s as select id from raw.orders; create table marts.m as select id as key from s; select 1"
    project = derive([model("m", sql)], SOURCES)
    assert edges(project.models["m"]) == {"key <- raw.orders.id IDENTITY"}


def test_order_does_not_matter_and_upstream_saves_work() -> None:
    chain = [
        model(
            f"m{at}",
            f"select * from marts.m{at - 1}" if at else "select id from raw.orders",
            upstream=(f"m{at - 1}",),
        )
        for at in range(30)
    ]
    forward = derive(chain, SOURCES)
    backward = derive(list(reversed(chain)), SOURCES)
    bare = derive([model(one.key, one.sql) for one in reversed(chain)], SOURCES)
    assert forward.models == backward.models == bare.models
    assert forward.models["m29"].columns == ("id",)


def test_garbage_collection_is_restored() -> None:
    assert gc.isenabled()
    derive([model("m", "select id from raw.orders")], SOURCES)
    assert gc.isenabled()
    gc.disable()
    try:
        derive([model("m", "select id from raw.orders")], SOURCES)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_lineage_imports_no_sqlglot_before_it_is_needed(tmp_path: Path) -> None:
    """The command line reads what was kept without paying for a parser."""
    import os
    import subprocess
    import sys

    code = (
        "import sys; from penstock.lineage import column_lineage; from penstock.lineage.project.derive import derive; "
        "from penstock.lineage.project.cache import LineageCache; print('sqlglot' in sys.modules)"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path, env=environ
    )
    assert done.stdout.strip() == "False"
