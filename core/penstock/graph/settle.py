"""Relations that follow from naming rules, settled by what other tools see: the warehouse's catalog first, then declarations.

How sure the join is becomes an attribute of the asset: exact, folded, legacy, expected (nobody looked), unresolved. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from penstock.assets import AssetKey, Finding, Observation, ObservedAsset, Relation, Role

CONFIDENCE = "joined"


def settled(observations: Iterable[Observation]) -> list[Observation]:
    """The observations, each relation that is `by_rule` replaced by the one that is there."""
    seen = list(observations)
    if not any(asset.by_rule for one in seen for asset in one.assets):
        return seen
    known = _Known(seen)
    return [_settled(one, known) for one in seen]


class _Known:
    """Relations that a catalog has, and that others declare, by key and by name without case."""

    def __init__(self, observations: list[Observation]) -> None:
        self.spaces: set[str] = set()
        self._exact: dict[Role, dict[AssetKey, Relation]] = {Role.CATALOGS: {}, Role.DECLARES: {}}
        self._folded: dict[Role, dict[AssetKey, Relation]] = {Role.CATALOGS: {}, Role.DECLARES: {}}
        for observation in observations:
            for asset in observation.assets:
                if asset.relation is not None and asset.role in self._exact:
                    self._add(asset.role, asset.relation)

    def _add(self, role: Role, relation: Relation) -> None:
        key = relation.key
        self._exact[role][key] = relation
        self._folded[role].setdefault(AssetKey(key.namespace, key.name.lower()), relation)
        if role is Role.CATALOGS:
            self.spaces.add(key.namespace)

    def exact(self, role: Role, relation: Relation) -> Relation | None:
        return self._exact[role].get(relation.key)

    def folded(self, role: Role, relation: Relation) -> Relation | None:
        key = relation.key
        return self._folded[role].get(AssetKey(key.namespace, key.name.lower()))


def _settled(observation: Observation, known: _Known) -> Observation:
    assets: list[ObservedAsset] = []
    renamed: dict[str, dict[str, str]] = {}
    findings: list[Finding] = []
    for asset in observation.assets:
        if asset.by_rule and asset.relation is not None:
            relation, confidence, columns = _chosen(asset, asset.relation, known)
            if confidence == "unresolved":
                findings.append(_not_there(observation, relation))
            if columns:
                renamed[asset.id] = columns
            asset = msgspec.structs.replace(
                asset,
                relation=relation,
                columns=tuple(
                    msgspec.structs.replace(column, name=columns.get(column.name, column.name))
                    for column in asset.all_columns
                ),
                packed=b"",
                attributes={**asset.attributes, CONFIDENCE: confidence},
            )
        assets.append(asset)
    fields = tuple(
        msgspec.structs.replace(
            field, target_column=renamed[field.target_id].get(field.target_column, field.target_column)
        )
        if field.target_id in renamed
        else field
        for field in observation.fields
    )
    return msgspec.structs.replace(
        observation, assets=tuple(assets), fields=fields, findings=(*observation.findings, *findings)
    )


def _not_there(observation: Observation, relation: Relation) -> Finding:
    return Finding(
        code="table-not-there",
        message=f"{relation} is not in the warehouse's catalog: it was never loaded, or its loader names it otherwise",
        asset=relation.key,
        source=f"{observation.integration}/{observation.instance}",
    )


def _chosen(asset: ObservedAsset, usual: Relation, known: _Known) -> tuple[Relation, str, dict[str, str]]:
    """The relation, how sure it is, and the columns that have another name there."""
    options = [(usual, "", {}), *((one.relation, one.why, one.columns) for one in asset.otherwise)]
    for role in (Role.CATALOGS, Role.DECLARES):
        for relation, why, columns in options:
            found = known.exact(role, relation)
            if found is not None:
                return found, why or ("exact" if role is Role.CATALOGS else "expected"), columns
        for relation, why, columns in options:
            found = known.folded(role, relation)
            if found is not None:
                return found, why or "folded", columns
    return usual, "unresolved" if usual.key.namespace in known.spaces else "expected", {}
