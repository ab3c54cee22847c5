"""Columns that only their readers name: a model that hands on a star over unknown columns has them after all."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from penstock.lineage.project.model_lineage import ModelLineage, Row
from penstock.lineage.records import Parts

STAR = "*"


def implied(lineages: Mapping[str, ModelLineage], owners: Mapping[Parts, str]) -> dict[str, ModelLineage]:
    """The same lineages, with an edge for each column that a reader takes out of a model's open star.

    `lineages` come with readers after what they read, so that the last is seen first and demand goes upstream.
    """
    owners = {parts: key for parts, key in owners.items() if key in lineages and lineages[key].is_open}
    if not owners:
        return dict(lineages)
    wanted: dict[str, dict[str, None]] = {}
    found: dict[str, ModelLineage] = {}
    for key in reversed(list(lineages)):
        lineage = lineages[key]
        if lineage.is_open and key in wanted:
            lineage = _with(lineage, [name for name in wanted[key] if name not in lineage.columns])
        found[key] = lineage
        asked = {at: owners[parts] for at, parts in enumerate(lineage.relations) if parts in owners}
        for row in lineage.rows if asked else ():
            for at in (row.relation, *row.candidates):
                if at in asked and lineage.names[row.name] != STAR:
                    wanted.setdefault(asked[at], {})[lineage.names[row.name]] = None
    return {key: found[key] for key in lineages}


def _with(lineage: ModelLineage, wanted: list[str]) -> ModelLineage:
    if STAR not in lineage.names or not wanted:
        return lineage
    star = lineage.names.index(STAR)
    stars = [row for row in lineage.rows if row.output == star and row.name == star]
    if not stars:
        return lineage
    names = {name: at for at, name in enumerate(lineage.names)}
    rows: list[Row] = []
    for name in wanted:
        at = names.setdefault(name, len(names))
        rows.extend(msgspec.structs.replace(row, output=at, name=at) for row in stars)
    return msgspec.structs.replace(lineage, names=tuple(names), rows=(*lineage.rows, *rows))
