"""Where views fall with what they read, a plan names those that go with what it makes and that it does not build."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.assets import (
    AssetKey,
    AssetKind,
    Observation,
    ObservedAsset,
    ObservedProducer,
    Recipe,
    Relation,
)
from penstock.graph import AssetGraph
from penstock.plan import Request, make_plan
from penstock.service.contents import Holdings
from penstock.service.falling import left_behind
from penstock.service.workspace import Workspace
from tests.unit.service.test_reached import read

# name: how it is made, and what it reads
SHOP = {
    "stg": ("table", ()),
    "added": ("incremental", ()),
    "rich": ("view", ("stg",)),
    "inner": ("ephemeral", ("stg",)),
    "through": ("view", ("inner",)),
    "richest": ("view", ("rich", "added")),
    "kept": ("table", ("richest",)),
    "recent": ("view", ("added",)),
}
KINDS = {"view": AssetKind.VIEW, "ephemeral": AssetKind.EPHEMERAL}


def graph(space: str) -> AssetGraph:
    assets = [
        ObservedAsset(
            id=name,
            kind=KINDS.get(form, AssetKind.TABLE),
            name=name,
            resource_type="model",
            relation=Relation(space, "postgres", "shop", "marts", name) if form != "ephemeral" else None,
            upstream=parents,
            producer=name,
        )
        for name, (form, parents) in SHOP.items()
    ]
    producers = [
        ObservedProducer(id=name, kind="model", recipe=Recipe(form=form, settings="", template=name))
        for name, (form, _) in SHOP.items()
    ]
    seen = Observation(
        integration="dbt", instance="t", taken_at=0.0, assets=tuple(assets), producers=tuple(producers)
    )
    return AssetGraph.of([seen])


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "penstock.yml").write_text(
        "name: shop\nwarehouses: {main: {type: postgres, host: db, dbname: shop},"
        " other: {type: duckdb, path: shop.duckdb}}\n"
    )
    return read(tmp_path)


@pytest.mark.parametrize(
    ("chosen", "falls"),
    [
        (("stg",), {"rich", "richest", "through"}),
        (("stg", "rich"), {"richest", "through"}),
        (("rich",), {"richest"}),
        (("stg", "rich", "richest", "through"), set()),
        (("kept",), set()),
        (("added",), set()),  # written in place
        (tuple(SHOP), set()),
    ],
)
def test_views_that_fall_are_named(workspace: Workspace, chosen: tuple[str, ...], falls: set[str]) -> None:
    assert named(workspace, "postgres://db:5432", chosen) == falls
    assert named(workspace, "duckdb:shop.duckdb", chosen) == set()


def named(workspace: Workspace, space: str, chosen: tuple[str, ...]) -> set[str]:
    made = graph(space)
    keys = {asset.name: key for key, asset in made.assets.items()}
    request = Request(environment="dev", assets=frozenset[AssetKey](keys[name] for name in chosen))
    said = left_behind(made, make_plan(made, request, {}), Holdings(workspace))
    words = " ".join(said).partition("not built: ")[2].partition(";")[0]
    return {one.split(" ")[0] for one in words.split("), ") if one}
