"""Which part of a warehouse is read: what penstock.yml names, else what somebody here uses. Pure."""

from __future__ import annotations

from penstock.assets import AssetKind, Observation, ObservedAsset, Relation, Role
from penstock.integration import Scope, scopes_of
from penstock.service.observe import used_in

PLACE = "snowflake://acme"


def seen(*relations: tuple[str, str, str], role: Role = Role.DECLARES) -> Observation:
    assets = tuple(
        ObservedAsset(
            id=str(number),
            kind=AssetKind.TABLE,
            name="t",
            resource_type="table",
            role=role,
            relation=Relation(namespace, "snowflake", database, schema, "T"),
        )
        for number, (namespace, database, schema) in enumerate(relations)
    )
    return Observation(integration="dbt", instance="shop", taken_at=1.0, assets=assets)


def test_what_tools_speak_of_counts_and_what_a_catalog_lists_does_not() -> None:
    found = used_in(
        PLACE,
        [
            seen((PLACE, "D", "RAW"), (PLACE, "D", "MARTS"), ("snowflake://other", "D", "X")),
            seen((PLACE, "D", "HUGE"), role=Role.CATALOGS),
        ],
    )
    assert found == frozenset({("D", "RAW"), ("D", "MARTS")})
    assert used_in(PLACE, []) is None


def test_what_is_named_wins_and_a_star_is_all() -> None:
    used = frozenset({("D", "RAW"), ("D", "MARTS"), ("E", "RAW")})
    assert scopes_of(None, None, used) == (
        Scope(database="D", schemas=("MARTS", "RAW")),
        Scope(database="E", schemas=("RAW",)),
    )
    assert scopes_of(("HR",), None, used) == (Scope(schemas=("HR",)),)
    assert scopes_of(None, ("D",), used) == (Scope(),)
    assert scopes_of(("*",), None, used) == (Scope(),)
    assert scopes_of(None, None, None) == (Scope(),)
