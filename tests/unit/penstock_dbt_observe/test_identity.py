"""What changes a node's code version, and what makes kept SQL worthless."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from penstock_dbt.fingerprints import Macros, shipped_packages
from penstock_dbt.kept import Identities, Kept, KeptSql, load_kept, save_kept
from penstock_dbt.recipes import Values
from penstock_manifests.dbt import Compiled, DependsOn, Macro, read_compiled_with_parts
from tests.fixtures.artefacts import NEWEST, plain
from tests.unit.penstock_dbt_observe.observing import DUCKDB, written

Change = Callable[[dict[str, Any]], None]


def code_versions(manifest: dict[str, Any]) -> dict[str, str | None]:
    return {producer.id: producer.code_version for producer in written(manifest).producers}


def identities(manifest: dict[str, Any]) -> dict[str, str]:
    compiled = read_compiled_with_parts(json.dumps(manifest).encode())
    known = Identities(compiled)
    return {key: known.of(node) for key, node in compiled.nodes.items()}


def in_node(unique_id: str, **fields: Any) -> Change:
    def change(manifest: dict[str, Any]) -> None:
        manifest["nodes"][unique_id] |= fields

    return change


def in_config(unique_id: str, **settings: Any) -> Change:
    def change(manifest: dict[str, Any]) -> None:
        manifest["nodes"][unique_id]["config"] |= settings
        manifest["nodes"][unique_id]["unrendered_config"] |= settings

    return change


def in_macro(name: str) -> Change:
    def change(manifest: dict[str, Any]) -> None:
        manifest["macros"][name]["macro_sql"] += " -- edited"

    return change


def in_source(manifest: dict[str, Any]) -> None:
    manifest["sources"]["source.shop.crm.order_lines"]["relation_name"] = '"shop"."old"."Order Lines"'


def changed(change: Change, read: Callable[[dict[str, Any]], dict[str, Any]]) -> set[str]:
    before, after = plain(NEWEST, "manifest"), plain(NEWEST, "manifest")
    change(after)
    was, now = read(before), read(after)
    return {key for key in was if was[key] != now[key] and not key.startswith(("test.", "operation."))}


CUSTOMERS = "model.shop.customers"
EDITED = {"name": "sha256", "checksum": "0" * 64}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (in_node(CUSTOMERS, checksum=EDITED), {CUSTOMERS}),
        (in_config(CUSTOMERS, unique_key="user_id"), {CUSTOMERS}),
        (in_config(CUSTOMERS, materialized="view"), {CUSTOMERS}),
        (
            in_config(CUSTOMERS, tags=["new"], meta={"owner": "x"}, docs={"show": False}, group="finance"),
            set(),
        ),
        (in_node(CUSTOMERS, description="new", created_at=1.0, raw_code="not read"), set()),
        (in_macro("macro.shop.note"), {"model.shop.big_spenders"}),
    ],
)
def test_code_versions(change: Change, expected: set[str]) -> None:
    assert changed(change, code_versions) == expected


def test_an_upgrade_of_dbt_is_no_change_of_code() -> None:
    """It brings settings with new defaults, and new text of its own macros."""

    def upgrade(manifest: dict[str, Any]) -> None:
        for key, macro in manifest["macros"].items():
            if key.startswith(("macro.dbt.", "macro.dbt_duckdb.")):
                macro["macro_sql"] += " -- better"
        for node in manifest["nodes"].values():
            node["config"]["a_setting_of_tomorrow"] = None

    assert changed(upgrade, code_versions) == set()
    assert "model.shop.orders_fact" in changed(upgrade, identities)


@pytest.mark.parametrize(
    ("adapter", "packages"),
    [
        ("duckdb", {"dbt", "dbt_duckdb"}),
        ("databricks", {"dbt", "dbt_databricks", "dbt_spark"}),
        ("synapse", {"dbt", "dbt_synapse", "dbt_fabric", "dbt_sqlserver"}),
        (None, {"dbt"}),
    ],
)
def test_macros_that_come_with_dbt(adapter: str | None, packages: set[str]) -> None:
    assert shipped_packages(adapter) == packages


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (in_node(CUSTOMERS, checksum=EDITED), {CUSTOMERS}),
        (
            in_node("model.shop.stg_orders", checksum=EDITED),
            {
                "model.shop.stg_orders",
                "model.shop.big_orders",
                "model.shop.big_spenders",
                "model.shop.orders_fact",
            },
        ),
        (
            in_node("model.shop.stg_users", relation_name='"shop"."other"."stg_users"'),
            {"model.shop.stg_users", CUSTOMERS},
        ),
        (
            in_source,
            {
                "model.shop.stg_orders",
                "model.shop.big_orders",
                "model.shop.big_spenders",
                "model.shop.orders_fact",
            },
        ),
        (in_macro("macro.shop.note"), {"model.shop.big_spenders"}),
        (in_node(CUSTOMERS, compiled_code="select 1", description="new"), set()),
    ],
)
def test_what_sql_is_made_from(change: Change, expected: set[str]) -> None:
    assert changed(change, identities) == expected


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    kept = KeptSql({"a": Kept("1", "select 1", ("b",)), "b": Kept("2", None, (), "no such macro", 5.0)}, 7.0)
    save_kept(tmp_path / "deep" / "compiled.msgpack", kept)
    assert load_kept(tmp_path / "deep" / "compiled.msgpack") == kept
    (tmp_path / "deep" / "compiled.msgpack").write_bytes(b"torn")
    assert load_kept(tmp_path / "deep" / "compiled.msgpack") == KeptSql()


NAMES = st.sampled_from("abcdef")


@given(st.dictionaries(NAMES, st.frozensets(NAMES)), NAMES, NAMES)
def test_a_macro_counts_exactly_where_it_is_reached(
    calls: dict[str, frozenset[str]], start: str, edited: str
) -> None:
    def digest(text: bytes) -> str:
        macros = {
            f"macro.p.{name}": Macro(
                name=name,
                macro_sql=Raw(text if name == edited else b"0"),
                depends_on=DependsOn((), tuple(f"macro.p.{other}" for other in called)),
            )
            for name, called in calls.items()
        }
        return Macros(macros).digest((f"macro.p.{start}",))

    reached, stack = {start}, [start]
    while stack:
        for name in calls.get(stack.pop(), ()):
            if name not in reached:
                reached.add(name)
                stack.append(name)
    assert (digest(b"1") != digest(b"2")) == (edited in reached and edited in calls)


def compiled_of(manifest: dict[str, Any]) -> Compiled:
    return read_compiled_with_parts(json.dumps(manifest).encode())


@pytest.mark.parametrize(
    ("change", "settings", "expected"),
    [
        (lambda manifest: None, True, True),
        (in_node(CUSTOMERS, checksum=EDITED), True, False),
        (in_node(CUSTOMERS, relation_name='"other"."place"."customers"'), False, False),
        (in_config(CUSTOMERS, unique_key="user_id"), True, False),
        (in_config(CUSTOMERS, unique_key="user_id"), False, True),
    ],
)
def test_a_compiled_node_agrees_with_the_parsed_one(change: Change, settings: bool, expected: bool) -> None:
    parsed, compiled = plain(NEWEST, "manifest"), plain(NEWEST, "manifest")
    found_late = next(iter(compiled["macros"]))
    compiled["nodes"][CUSTOMERS]["depends_on"]["macros"].append(found_late)
    change(compiled)
    ours, theirs = compiled_of(parsed), compiled_of(compiled)
    node = ours.nodes[CUSTOMERS]
    assert Identities(ours).agree(node, Identities(theirs), settings=settings) is expected
    assert Identities(ours).of(node) != Identities(ours).of(node, (found_late,))


def parts(manifest: dict[str, Any]) -> dict[str, dict[str, str]]:
    values = Values(vars={}, every_var="", environ={}, target="")
    found = written(manifest, msgspec.structs.replace(DUCKDB, values=values))
    return {one.id: one.recipe.parts for one in found.producers if one.recipe is not None}


@pytest.mark.parametrize(
    ("change", "of", "named"),
    [
        (in_node(CUSTOMERS, checksum=EDITED), CUSTOMERS, {"its file"}),
        (in_config(CUSTOMERS, unique_key="user_id"), CUSTOMERS, {"configuration unique_key"}),
        (in_config(CUSTOMERS, tags=["new"]), CUSTOMERS, set()),
        (in_macro("macro.shop.note"), "model.shop.big_spenders", {"macro note"}),
    ],
)
def test_what_changed_is_named(change: Change, of: str, named: set[str]) -> None:
    before, after = plain(NEWEST, "manifest"), plain(NEWEST, "manifest")
    change(after)
    was, now = parts(before)[of], parts(after)[of]
    assert {name for name in was.keys() | now.keys() if was.get(name) != now.get(name)} == named


def test_sql_holds_under_the_vars_that_it_was_compiled_with() -> None:
    """What an older penstock kept does not say which these were: it is compiled once more."""
    kept = KeptSql({CUSTOMERS: Kept("i", "select 1")}, users=5.0, vars="a")
    assert kept.under("a", 9.0) == kept
    assert kept.under("b", 9.0) == KeptSql({}, 9.0, "b")
    assert KeptSql(kept.nodes, 5.0).under("b", 9.0) == KeptSql({}, 9.0, "b")
    assert KeptSql().under("b", 9.0) == KeptSql(vars="b")
