"""What a tool reports of an asset, a check or a producer stands under the same name in the graph, and in one order."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest

from penstock.assets import (
    Asset,
    AssetKind,
    Check,
    DeclaredPolicy,
    Hold,
    Observation,
    ObservedAsset,
    ObservedCheck,
    ObservedProducer,
    OnChange,
    OwnTimes,
    Permission,
    Producer,
    Recipe,
    Relation,
    Severity,
    SourceChange,
)
from penstock.assets.asset import ChangeKind
from penstock.graph import AssetGraph

RECORDS: dict[str, object] = {
    "kind": AssetKind.VIEW,
    "relation": Relation("duckdb:x", "duckdb", "x", "main", "a"),
    "severity": Severity.WARN,
    "permission": Permission.ASK,
    "on_change": OnChange.BLOCK,
    "holds": (Hold("x"),),
    "changes": (SourceChange(kind=ChangeKind.COLUMN_ADDED, item="a", message="new"),),
    "policy": DeclaredPolicy(place="a.yml"),
    "own_times": OwnTimes(text="daily"),
    "recipe": Recipe(form="view", settings="s", template="t"),
    "before": True,
    "appends": True,
    "config": b"{}",
}


def told(record: type[msgspec.Struct], **given: object) -> dict[str, Any]:
    """A value for each field, no two of one type the same."""
    number = itertools.count(1)
    found: dict[str, Any] = {}
    for field in msgspec.structs.fields(record):
        text = f"{field.name}-{next(number)}"
        if field.name in ("rows", "size_bytes"):
            found[field.name] = next(number)
        elif field.name in ("aliases", "tags", "fqn"):
            found[field.name] = (text,)
        else:
            found[field.name] = {text: text} if field.name == "attributes" else text
    known = {name: value for name, value in RECORDS.items() if name in found}
    return found | known | given


ASSET = ObservedAsset(
    **told(
        ObservedAsset,
        id="a",
        upstream=(),
        columns=(),
        packed=b"",
        declared_as=None,
        by_rule=False,
        otherwise=(),
        role="produces",
    )
)
CHECK = ObservedCheck(**told(ObservedCheck, kind="data_test", assets=("a",), keeps=None))
PRODUCER = ObservedProducer(**told(ObservedProducer, kind="model"))


def graph(*tools: str) -> AssetGraph:
    return AssetGraph.of(
        Observation(
            integration=tool,
            instance="main",
            taken_at=1.0,
            assets=(
                ASSET if tool == "dbt" else msgspec.structs.replace(ASSET, relation=None),
                msgspec.structs.replace(ASSET, id="B", relation=None),
            ),
            checks=(CHECK,),
            producers=(PRODUCER,),
        )
        for tool in tools
    )


@pytest.mark.parametrize(
    ("seen", "kind", "where"),
    [(ASSET, Asset, "assets"), (CHECK, Check, "checks"), (PRODUCER, Producer, "producers")],
)
def test_each_field_is_told_under_its_name(
    seen: msgspec.Struct, kind: type[msgspec.Struct], where: str
) -> None:
    kept = next(iter(reversed(getattr(graph("dbt"), where).values())))
    made_anew = {"assets", "producer"}
    shared = [
        name
        for name in kind.__struct_fields__
        if name in seen.__struct_fields__ and name not in made_anew and getattr(seen, name) is not None
    ]
    assert len(shared) >= 12
    assert {name: getattr(kept, name) for name in shared} == {name: getattr(seen, name) for name in shared}


def test_keys_stand_in_their_own_order_over_all_namespaces() -> None:
    found = graph("dbt", "airbyte", "duckdb")
    assert len(found.assets) == 6
    assert list(found.assets) == sorted(found.assets)
    assert list(found.checks) == sorted(found.checks)
    assert list(found.producers) == sorted(found.producers)
