"""A compile that goes on after a failing node, and what builds leave of compiled SQL; the user's own target/ is never touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from penstock_dbt.config import DbtConfig
from penstock_dbt.invoke import compile_project, parse
from tests.tools.environment import real_environment
from tests.unit.penstock_dbt_run.bench import Bench, executable_only, tables
from tests.unit.penstock_dbt_run.shop import write_shop

pytestmark = pytest.mark.slow

BROKEN = "{% if execute %}{{ exceptions.raise_compiler_error('not today') }}{% endif %} select 1 as x\n"


def test_compile_goes_on_after_a_failing_node(shop: Bench) -> None:
    write_shop(shop.root, {"models/broken.sql": BROKEN})
    said: list[str] = []
    result = compile_project(shop.observe_context(said.append), shop.root, shop.config)
    assert said[0].startswith("Compiling shop with dbt 1.11.")
    assert set(result.failed) == {"model.shop.broken"} and "not today" in result.failed["model.shop.broken"]
    nodes = json.loads(result.manifest.read_bytes())["nodes"]
    uncompiled = {
        uid
        for uid, node in nodes.items()
        if uid.startswith(("model.", "test.", "snapshot.")) and not node.get("compiled_code")
    }
    assert uncompiled == {"model.shop.broken"}
    assert "__dbt__cte__named_again" in nodes["model.shop.customers"]["compiled_code"]
    assert [path.name for path in (shop.root / "target").iterdir()] == ["partial_parse.msgpack"]
    assert not (shop.root / "logs").exists()


def test_compile_of_some(shop: Bench) -> None:
    result = compile_project(
        shop.observe_context(),
        shop.root,
        shop.config,
        frozenset({"model.shop.customers", "model.shop.orders"}),
    )
    nodes = json.loads(result.manifest.read_bytes())["nodes"]
    compiled = {uid for uid, node in nodes.items() if node.get("compiled_code") and uid.startswith("model.")}
    # An ephemeral model is compiled with what it is compiled into.
    assert compiled - {"model.shop.named", "model.shop.named_again"} == {
        "model.shop.customers",
        "model.shop.orders",
    }


def test_a_build_leaves_its_compiled_sql_with_the_checksum_of_its_source(shop: Bench) -> None:
    manifest = shop.manifest()
    shop.run("seed.shop.people", "model.shop.stg_people", "model.shop.history")
    folder = next((shop.root / ".penstock" / "dbt").glob("*/*/compiled"))
    record = json.loads((folder / "model.shop.stg_people.json").read_bytes())
    assert record["checksum"] == manifest["nodes"]["model.shop.stg_people"]["checksum"]["checksum"]
    assert '"shop"."main"."people"' in record["sql"]


def test_parsing_by_the_executable_alone(tmp_path: Path, environ: dict[str, str]) -> None:
    root = write_shop(tmp_path, {"models/broken.sql": BROKEN})
    config = DbtConfig(project=".", command=executable_only(tmp_path, real_environment("1.11")))
    bench = Bench(root, environ, config)
    manifest = json.loads(parse(bench.observe_context(), root, config).read_bytes())
    assert "model.shop.customers" in manifest["nodes"]
    assert not (root / "target").exists()


def test_parsing_makes_no_warehouse(shop: Bench) -> None:
    shop.manifest()
    assert not (shop.root / "shop.duckdb").exists()
    assert tables(shop.root / "shop.duckdb") == {}
