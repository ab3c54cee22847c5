"""Relations by naming rules: the catalog decides, then what others declare; how sure the join is, is kept."""

from __future__ import annotations

import pytest

from penstock.assets import (
    AssetKind,
    Column,
    FieldMap,
    Observation,
    ObservedAsset,
    Otherwise,
    Relation,
    Role,
)
from penstock.graph.document import columns_in
from penstock.graph.merge import merge

SPACE = "snowflake://account"


def _relation(name: str) -> Relation:
    return Relation(SPACE, "snowflake", "DB", "RAW", name)


def _made() -> Observation:
    """A stream's table that today's rules call MY-S, and the rules before MY_S, with a column renamed."""
    table = ObservedAsset(
        id="t",
        kind=AssetKind.TABLE,
        name="MY-S",
        resource_type="table",
        role=Role.PRODUCES,
        relation=_relation("MY-S"),
        columns=(Column("A-B"), Column("ID")),
        by_rule=True,
        otherwise=(Otherwise(relation=_relation("MY_S"), why="legacy", columns={"A-B": "A_B"}),),
    )
    stream = ObservedAsset(
        id="s", kind=AssetKind.STREAM, name="my-s", resource_type="stream", columns=(Column("a-b"),)
    )
    field = FieldMap(source_id="s", source_column="a-b", target_id="t", target_column="A-B")
    return Observation(
        integration="airbyte", instance="cloud", taken_at=1.0, assets=(stream, table), fields=(field,)
    )


def _seen(name: str, role: Role) -> Observation:
    asset = ObservedAsset(
        id=name, kind=AssetKind.TABLE, name=name, resource_type="table", role=role, relation=_relation(name)
    )
    return Observation(integration="zoo", instance="x", taken_at=1.0, assets=(asset,))


CASES = [
    (None, None, "MY-S", "expected"),
    ("MY-S", Role.CATALOGS, "MY-S", "exact"),
    ("my-s", Role.CATALOGS, "my-s", "folded"),
    ("MY_S", Role.CATALOGS, "MY_S", "legacy"),
    ("MY_S", Role.DECLARES, "MY_S", "legacy"),
    ("MY-S", Role.DECLARES, "MY-S", "expected"),
    ("OTHER", Role.CATALOGS, "MY-S", "unresolved"),
    ("OTHER", Role.DECLARES, "MY-S", "expected"),
]


@pytest.mark.parametrize(("there", "role", "table", "joined"), CASES)
def test_the_relation_is_the_one_that_is_there(
    there: str | None, role: Role | None, table: str, joined: str
) -> None:
    others = [_seen(there, role)] if there is not None and role is not None else []
    document = merge([_made(), *others])
    (found,) = [asset for asset in document.assets if asset.attributes.get("joined")]
    assert found.relation is not None and found.relation.identifier == table
    assert found.attributes["joined"] == joined
    assert ("table-not-there" in {finding.code for finding in document.findings}) == (joined == "unresolved")


def test_columns_follow_the_rules_that_made_the_table() -> None:
    document = merge([_made(), _seen("MY_S", Role.CATALOGS)])
    (edge,) = document.fields
    assert edge.target.column == "A_B"
    assert [column.name for column in columns_in(document.columns[edge.target.asset])] == ["A_B", "ID"]


def test_what_follows_from_no_rule_is_left_alone() -> None:
    document = merge([_seen("X", Role.PRODUCES), _seen("Y", Role.CATALOGS)])
    assert all("joined" not in asset.attributes for asset in document.assets)
