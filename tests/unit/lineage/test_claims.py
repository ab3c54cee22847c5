"""`lineage` of a project claims no more than it knows: relations that are no assets are shown, and nothing is lost."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.unit.lineage.claiming import checked, project, relation, run


def test_a_relation_that_is_no_asset_is_shown_with_one_finding(tmp_path: Path) -> None:
    folder = project(
        tmp_path,
        relation("base", "select 1 as id, 2 as amount"),
        relation("m", "select id, amount from glue__base"),
        relation("n", "select amount, 1 as one from glue__base where id > 1"),
        relation("counted", "select count(*) as rows from elsewhere.events"),
    )
    found = checked(folder)
    assert found["external"] == [
        {"relation": "glue__base", "read_by": ["m", "n"]},
        {"relation": "elsewhere.events", "read_by": ["counted"]},
    ]
    outside = [one for one in found["findings"] if one["code"] == "external-relation"]
    assert [one["asset"] for one in outside] == ["glue__base", "elsewhere.events"]
    counted = found["coverage"]
    assert (counted["columns"], counted["resolved"], counted["undeclared"]) == (7, 7, 3)
    assert counted["external"] == 2

    up = run(folder, "lineage", "m.amount").stdout
    assert "└─ glue__base.amount  IDENTITY  external relation, no asset here" in up
    down = run(folder, "lineage", "glue__base.amount").stdout
    assert [line.split()[1] for line in down.splitlines() if "─" in line] == ["m.amount", "n.amount"]
    assert [
        line.split()[1] for line in run(folder, "lineage", "glue__base").stdout.splitlines() if "─" in line
    ] == [
        "m",
        "n",
    ]
    assert "─ elsewhere.events  external relation" in run(folder, "lineage", "counted").stdout
    edges = json.loads(run(folder, "lineage", "elsewhere.events", "--json").stdout)["edges"]
    assert [(edge["source_asset"], edge["target_asset"]) for edge in edges] == [
        ("elsewhere.events", "counted")
    ]


def test_an_external_relation_is_no_part_of_the_graph(tmp_path: Path) -> None:
    folder = project(
        tmp_path, relation("m", "select id from glue__base"), relation("top", "select id from marts.m")
    )
    checked(folder)
    listed = json.loads(run(folder, "assets", "--json").stdout)["assets"]
    assert {one["name"] for one in listed} == {"m", "top"}
    chosen = json.loads(run(folder, "assets", "-s", "+column:top.id", "--json").stdout)["assets"]
    assert {one["name"] for one in chosen} == {"m", "top"}


def test_the_nearest_name_may_be_that_of_an_external_relation(tmp_path: Path) -> None:
    folder = project(tmp_path, relation("m", "select id from glue__base"))
    error = run(folder, "lineage", "glue_base.id").exception
    assert "glue__base" in str(error)


def test_a_model_that_does_not_parse_is_not_followed(tmp_path: Path) -> None:
    folder = project(tmp_path, relation("broken", "select 1 as a where (1 = 1", columns=("a", "b")))
    counted = checked(folder)["coverage"]
    assert (counted["models"], counted["not_followed"]) == (1, 1)
    assert (counted["columns"], counted["resolved"], counted["unresolved"]) == (2, 0, 2)
    told = run(folder, "lineage", "--check").stdout.splitlines()
    assert told[:2] == [
        "1 model: 0 followed, 1 not",
        "2 columns: 0 resolved (0.0 %), 0 ambiguous, 2 unresolved",
    ]


def test_a_source_that_documents_one_column_has_others(tmp_path: Path) -> None:
    orders = relation("orders", columns=("id",))
    stg = relation("stg", "with s as (select * from raw.orders) select id, user_id, amount as amt from s")
    folder = project(tmp_path, orders, stg)
    found = checked(folder)
    assert {one["code"] for one in found["findings"]} == set()
    counted = found["coverage"]
    assert (counted["columns"], counted["resolved"], counted["undeclared"]) == (3, 3, 2)
    assert "└─ orders.amount  IDENTITY" in run(folder, "lineage", "stg.amt", "-u").stdout


def test_a_source_that_the_catalog_knows_has_those_columns_alone(tmp_path: Path) -> None:
    orders = relation("orders", columns=("id",))
    stg = relation("stg", "select id, amount from raw.orders")
    folder = project(tmp_path, orders, stg, catalog={"source.p.raw.orders": ("id", "total")})
    found = checked(folder)
    assert {one["code"] for one in found["findings"]} == {"unknown-column"}
    assert (found["coverage"]["resolved"], found["coverage"]["unresolved"]) == (1, 1)


def test_a_column_without_an_edge_is_known(tmp_path: Path) -> None:
    folder = project(tmp_path, relation("m", "select 1 as one, 'x' as letter"))
    done = run(folder, "lineage", "m.one")
    assert done.exit_code == 0, done.output
    assert "upstream: nothing" in done.stdout
    assert "'letter'" in str(run(folder, "lineage", "m.leter").exception)


def test_a_share_is_rounded_down(tmp_path: Path) -> None:
    many = ", ".join(f"{at} as c{at}" for at in range(2000))
    folder = project(
        tmp_path, relation("raw_table"), relation("m", f"select {many}, s.* from raw.raw_table s")
    )
    assert "2,001 columns: 2,000 resolved (99.9 %)" in run(folder, "lineage", "--check").stdout


def test_another_text_of_the_same_model_is_followed_anew(tmp_path: Path) -> None:
    """The graph is the same: what a model compiles to is no part of it."""
    folder = project(tmp_path, relation("m", "select 1 as before"))
    assert run(folder, "lineage", "m.before").exit_code == 0
    project(tmp_path, relation("m", "select 1 as afterwards, 2 as more"))
    assert run(folder, "lineage", "m.afterwards").exit_code == 0


def test_the_page_of_an_asset_tells_types_and_expressions(tmp_path: Path) -> None:
    folder = project(
        tmp_path,
        relation("orders", columns=("id", "amount"), depends_on={}),
        relation(
            "stg",
            "select id, amount / 100 as amount from raw.orders where id > 0",
            **above("source.p.raw.orders"),
        ),
        relation("mart", "select sum(amount) as total from marts.stg group by id", **above("model.p.stg")),
        relation("top", "select total from marts.mart", **above("model.p.mart")),
    )
    page = tmp_path / "mart.html"
    assert run(folder, "lineage", "mart", "--html", str(page)).exit_code == 0
    rows = re.findall(r"<tr class=.*?</tr>", page.read_text())
    told = [re.sub(r"<[^>]*>+", " ", row).split() for row in rows]
    assert ["stg.amount", "mart.total", "aggregation", "sum(amount)"] in told
    assert ["stg.id", "mart", "group_by", "id"] in told
    assert ["mart.total", "top.total", "identity", "total"] in told
    assert ["orders", "stg", "1", "identity,", "1", "transformation,", "1", "filter"] in told
    assert run(folder, "lineage", "mart", "--html", str(page), "--direct").exit_code == 0
    assert "group_by" not in page.read_text()


def above(*ids: str) -> dict[str, Any]:
    return {"depends_on": {"nodes": list(ids), "macros": []}}


def test_rows_alone_are_no_value_that_is_made_from_nothing(tmp_path: Path) -> None:
    folder = project(
        tmp_path,
        relation("orders", columns=("id",)),
        relation("m", "select 1 as one from raw.orders where id > 1"),
    )
    lines = run(folder, "lineage", "m.one", "-u").stdout.splitlines()
    assert "upstream: no value, only what decides which rows there are" in lines
    assert any(line.startswith("~ orders.id  FILTER") for line in lines)
    assert "upstream: nothing" not in lines


def test_external_relations_are_listed_by_how_many_read_them(tmp_path: Path) -> None:
    models = [relation(f"m{at}", f"select a from outside.t{at}") for at in range(7)]
    folder = project(tmp_path, *models, relation("n", "select a from outside.t6"))
    told = run(folder, "lineage", "--check")
    lines = told.stdout.splitlines()
    at = lines.index("7 findings: external-relation")
    assert lines[at + 1].strip() == "outside.t6: no asset here is this relation; 2 models read it"
    assert "and 2 relations more" in told.stderr


def test_an_external_relation_names_the_one_in_another_database(tmp_path: Path) -> None:
    folder = project(
        tmp_path, relation("orders", columns=("id",)), relation("m", "select id from other_db.raw.orders")
    )
    (found,) = [one for one in checked(folder)["findings"] if one["code"] == "external-relation"]
    assert found["message"].endswith("; db.raw.orders has the same schema and name")
