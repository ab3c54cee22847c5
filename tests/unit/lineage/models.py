"""Small models over one source, and their edges in one line each."""

from __future__ import annotations

from penstock.assets import Certainty, EdgeSubtype, Relation
from penstock.lineage.project.derive import ModelSql
from penstock.lineage.project.model_lineage import ModelLineage
from penstock.lineage.scope.catalog import Columns

SUBTYPES, CERTAINTIES = tuple(EdgeSubtype), tuple(Certainty)
Parts = tuple[str, ...]
SOURCES: dict[Parts, Columns | None] = {("raw", "orders"): ["id", "amount", "status"]}


def model(name: str, sql: str | None, *, ephemeral: bool = False, **more: object) -> ModelSql:
    relation = None if ephemeral else Relation("wh", "duckdb", None, "marts", name)
    return ModelSql(key=name, sql=sql, dialect="duckdb", relation=relation, **more)  # type: ignore[arg-type]


def edges(lineage: ModelLineage) -> set[str]:
    """Each edge in one line, without what concerns all columns."""
    found = set()
    for row in lineage.rows:
        if row.output < 0:
            continue
        places = [row.relation] if row.relation >= 0 else list(row.candidates)
        where = " or ".join(".".join(lineage.relations[at]) for at in places) or "?"
        doubt = "" if row.certainty == 0 else f" {CERTAINTIES[row.certainty]}"
        found.add(
            f"{lineage.names[row.output]} <- {where}.{lineage.names[row.name]} {SUBTYPES[row.subtype]}{doubt}"
        )
    return found
