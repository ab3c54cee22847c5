"""What the catalog and the documentation say of a model's columns, against what its SQL gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from penstock.lineage.compact import ModelLineage
from penstock.lineage.models import ModelSql
from penstock.lineage.records import LineageFinding
from penstock.lineage.rules import rules


def compared(model: ModelSql, lineage: ModelLineage) -> Iterator[LineageFinding]:
    """One finding for each way in which they disagree. Open columns prove nothing missing."""
    if not lineage.columns:
        return
    fold = rules(model.dialect).column_key
    made = {fold(name) for name in (*lineage.columns, *model.added)}
    if not lineage.is_open:
        absent = [name for name in model.documented if fold(name) not in made]
        if absent:
            yield LineageFinding(
                "documented-not-produced", f"documented, but its SQL gives no {_list(absent)}"
            )
        gone = [name for name in model.columns or () if fold(name) not in made]
        if gone:
            yield LineageFinding(
                "catalog-not-produced", f"in the catalog, but its SQL gives no {_list(gone)}"
            )
    if model.columns is not None:
        there = {fold(name) for name in model.columns}
        new = [name for name in lineage.columns if fold(name) not in there]
        if new:
            yield LineageFinding(
                "not-in-catalog", f"its SQL gives {_list(new)}, which the catalog does not have"
            )
    if model.documented:
        told = {fold(name) for name in model.documented}
        untold = [name for name in lineage.columns if fold(name) not in told]
        if untold:
            yield LineageFinding("not-documented", f"not documented: {_list(untold)}")


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)
