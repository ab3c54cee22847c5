"""What the catalog and the documentation say of a model's columns, against what its SQL gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from penstock.lineage.dialects.rules import rules
from penstock.lineage.project.model_lineage import ModelLineage
from penstock.lineage.project.model_sql import ModelSql
from penstock.lineage.records import LineageFinding


def compared(model: ModelSql, lineage: ModelLineage) -> Iterator[LineageFinding]:
    """One finding for each way in which they disagree. Open columns prove nothing missing."""
    if not lineage.columns:
        return
    keys = rules(model.dialect).column_keys
    differs = lineage.columns != model.columns  # most are as the catalog has them
    if not lineage.is_open and model.documented:
        absent = _without(_any_case, model.documented, {*_any_case([*lineage.columns, *model.added])})
        if absent:
            yield LineageFinding(
                "documented-not-produced", f"documented, but its SQL gives no {_list(absent)}"
            )
    if not lineage.is_open and model.columns and differs:
        gone = _without(keys, model.columns, {*keys([*lineage.columns, *model.added])})
        if gone:
            yield LineageFinding(
                "catalog-not-produced", f"in the catalog, but its SQL gives no {_list(gone)}"
            )
    if model.columns is not None and differs:
        new = _without(keys, lineage.columns, {*keys(list(model.columns))})
        if new:
            yield LineageFinding(
                "not-in-catalog", f"its SQL gives {_list(new)}, which the catalog does not have"
            )
    if model.documented:
        untold = _without(_any_case, lineage.columns, {*_any_case(list(model.documented))})
        if untold:
            yield LineageFinding("not-documented", f"not documented: {_list(untold)}")


def _any_case(names: list[str]) -> list[str]:
    """A document writes `amount` for the column that Snowflake stores as AMOUNT, and no rule says which it means."""
    return [name.lower() for name in names]


def _without(keys: Callable[[list[str]], list[str]], names: Sequence[str], known: set[str]) -> list[str]:
    """The names that are not known, however they are written."""
    return [name for key, name in zip(keys(list(names)), names, strict=True) if key not in known]


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)
