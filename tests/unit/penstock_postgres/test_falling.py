"""Where views and foreign keys fall with what they rest on, a plan names those that go with what it makes and that it does not build."""

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
from penstock.service.falling import holds_up, left_behind
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
    "listed": ("seed", ()),
    "chosen": ("view", ("listed",)),
    "lasting": ("incremental", ()),
    "last": ("view", ("lasting",)),
    "theirs": ("", ("base",)),
    "base": ("table", ()),
    "lines": ("table", ("base",)),
    "log": ("incremental", ("base",)),
    "totals": ("table", ()),
    "summed": ("materialized_view", ("totals",)),
}
BOUND = {"lines", "log"}
KINDS = {"view": AssetKind.VIEW, "": AssetKind.VIEW, "ephemeral": AssetKind.EPHEMERAL}


def graph(space: str) -> AssetGraph:
    assets = [
        ObservedAsset(
            id=name,
            kind=KINDS.get(form, AssetKind.TABLE),
            name=name,
            resource_type="model",
            relation=Relation(space, "postgres", "shop", "marts", name) if form != "ephemeral" else None,
            upstream=parents,
            producer=name if form else None,
        )
        for name, (form, parents) in SHOP.items()
    ]
    producers = [
        ObservedProducer(
            id=name,
            kind="model",
            recipe=Recipe(
                form=form, settings="", template=name, keeps=name == "lasting", bound=name in BOUND
            ),
        )
        for name, (form, _) in SHOP.items()
        if form
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
        (tuple(name for name, (form, _) in SHOP.items() if form), set()),
    ],
)
def test_views_that_fall_are_named(workspace: Workspace, chosen: tuple[str, ...], falls: set[str]) -> None:
    assert named(workspace, "postgres://db:5432", chosen) == falls
    assert named(workspace, "duckdb:shop.duckdb", chosen) == set()


@pytest.mark.parametrize(
    ("chosen", "falls"),
    [
        (("added",), {"recent", "richest"}),
        (("listed",), {"chosen"}),
        (("listed", "chosen"), set()),
        (("lasting",), set()),  # dbt is told never to make it anew
    ],
)
def test_what_is_asked_for_whole_is_made_anew(
    workspace: Workspace, chosen: tuple[str, ...], falls: set[str]
) -> None:
    assert named(workspace, "postgres://db:5432", chosen, full_refresh=True) == falls
    assert named(workspace, "duckdb:shop.duckdb", chosen, full_refresh=True) == set()


def test_what_holds_up_a_view_or_a_key_is_known() -> None:
    shop = graph("postgres://db:5432")
    found = {shop.names.shown(key) for key in shop.assets if holds_up(shop, key)}
    assert found == {"stg", "added", "rich", "inner", "listed", "lasting", "base", "totals"}


def test_a_view_that_nothing_here_makes_is_for_the_user(workspace: Workspace) -> None:
    said = noted(workspace, "postgres://db:5432", ("base", "lines"))
    assert said[0] == (
        "views fall there with what is made anew: theirs (reads base);"
        " nothing here makes them: make them again yourself"
    )


def test_foreign_keys_that_fall_are_named(workspace: Workspace) -> None:
    words = "foreign keys fall there with what is made anew, and these are not made anew: "
    said = noted(workspace, "postgres://db:5432", ("base",))[1]
    assert said.startswith(f"{words}lines (reads base), log (reads base);")
    assert said.endswith("penstock run --full-refresh -s lines log")
    built = noted(workspace, "postgres://db:5432", ("base", "lines", "log"))[1]
    assert built.startswith(f"{words}log (reads base);")  # it is written in place
    assert len(noted(workspace, "postgres://db:5432", ("base", "lines", "log"), full_refresh=True)) == 1
    assert noted(workspace, "duckdb:shop.duckdb", ("base",)) == []


def named(
    workspace: Workspace, space: str, chosen: tuple[str, ...], *, full_refresh: bool = False
) -> set[str]:
    said = [one for one in noted(workspace, space, chosen, full_refresh=full_refresh) if "--select" in one]
    words = " ".join(said).partition("not built: ")[2].partition(";")[0]
    return {one.split(" ")[0] for one in words.split("), ") if one}


def noted(
    workspace: Workspace, space: str, chosen: tuple[str, ...], *, full_refresh: bool = False
) -> list[str]:
    made = graph(space)
    keys = {asset.name: key for key, asset in made.assets.items()}
    request = Request(
        environment="dev",
        assets=frozenset[AssetKey](keys[name] for name in chosen),
        full_refresh=full_refresh,
        options={"dbt/t": {"full_refresh": True}} if full_refresh else {},
    )
    return left_behind(made, make_plan(made, request, {}), Holdings(workspace))
