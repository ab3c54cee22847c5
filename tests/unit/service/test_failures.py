"""What failed last time is a problem until it is made, or until nothing makes it any more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from penstock.assets import AssetKind, Observation, ObservedAsset, ObservedProducer, Relation
from penstock.graph import AssetGraph
from penstock.integration import Outcome
from penstock.plan import Decision
from penstock.run import create_run
from penstock.service.problems import failures
from penstock.service.workspace import Workspace, open_workspace
from penstock.store import RunStore, open_store
from tests.tools.engine import Engine
from tests.tools.scripted import Script, World, asset, plan

PLACE = Relation("duckdb:shop.duckdb", "duckdb", "shop", "main", "orders")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "penstock.yml").write_text("name: shop\n")
    return open_workspace(tmp_path)


@pytest.fixture
def store(workspace: Workspace, tmp_path: Path) -> Iterator[RunStore]:
    opened = open_store(workspace.project.store_url(), root=tmp_path)
    yield opened
    opened.close()


def graph(*, made: bool) -> AssetGraph:
    one = ObservedAsset(
        id="orders",
        kind=AssetKind.TABLE,
        name="orders",
        resource_type="model" if made else "source",
        relation=PLACE,
        producer="orders" if made else None,
    )
    producers = (ObservedProducer(id="orders", kind="model"),) if made else ()
    seen = Observation(integration="fake", instance="one", taken_at=0.0, assets=(one,), producers=producers)
    return AssetGraph.of([seen])


def test_a_failure_is_told_of_while_something_makes_it(
    workspace: Workspace, store: RunStore, tmp_path: Path
) -> None:
    engine, (key,) = Engine(store, tmp_path), graph(made=True).assets
    item = replace(asset("orders"), key=key)
    broken = World(scripts={"orders": Script(outcomes=(Outcome.ERROR,))}, retryable=False)
    engine.run(plan(item), broken)
    engine.run(plan(replace(item, decision=Decision.SKIP), asset("other")), World())
    (told,) = failures(workspace, graph(made=True), store)
    assert told.told.title == "orders failed in run 1"
    assert failures(workspace, graph(made=False), store) == []


def test_a_failure_is_told_of_until_it_is_made_well(
    workspace: Workspace, store: RunStore, tmp_path: Path
) -> None:
    """Neither that it is tried again is a recovery, nor that something above it fails next time."""
    engine, (key,) = Engine(store, tmp_path), graph(made=True).assets
    item = replace(asset("orders"), key=key)

    def bad(name: str) -> World:
        return World(scripts={name: Script(outcomes=(Outcome.ERROR,))}, retryable=False)

    def told() -> list[str]:
        return [one.told.title for one in failures(workspace, graph(made=True), store)]

    engine.run(plan(item), bad("orders"))
    create_run(store, plan(item))
    assert told() == ["orders failed in run 1"]
    above = asset("above")
    engine.run(plan(above, replace(item, depends_on=(above.key,))), bad("above"))
    assert told() == ["orders failed in run 1"]
    engine.run(plan(item), World())
    assert told() == []
