"""What runs have spent: the items that ran since a time, and the steps that they ran in. Sums are the reader's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from penstock.assets import AssetKey, DataVersionKind
from penstock.store import schema
from penstock.store.database import Database
from penstock.store.records import ItemRecord, StepRecord
from penstock.store.rows import item_record, materialization_record, step_record
from penstock.store.schema_columns import beside


def spent_since(
    database: Database, environment: str, since: float
) -> tuple[Sequence[ItemRecord], Sequence[StepRecord]]:
    """Items and steps of the environment that ended at `since` (epoch seconds) or later."""
    items, steps, runs = schema.run_items, schema.steps, schema.runs.c
    # Few runs are that new, and what is of a run lies together: to look through all items takes a hundred times as long.
    late = runs.ended_at.is_(None) | (runs.ended_at >= since)
    of_late = select(runs.id).where(runs.environment == environment, late)
    of_items = select(items).where(
        items.c.run_id.in_(of_late), items.c.step.is_not(None), items.c.ended_at >= since
    )
    of_steps = select(steps).where(steps.c.run_id.in_(of_late), steps.c.ended_at >= since)
    with database.read() as connection:
        found = [item_record(row) for row in connection.execute(of_items)]
        return found, [step_record(row) for row in connection.execute(of_steps)]


def job_runs_since(
    database: Database, environment: str, since: float
) -> Mapping[str, Sequence[tuple[str, AssetKey]]]:
    """What jobs of a service have made since then: (run, asset) by the job's own run."""
    made = schema.materializations
    query = select(made).where(
        beside(made.c.environment) == environment,
        made.c.ended_at >= since,
        made.c.data_version_kind == DataVersionKind.JOB.value,
    )
    found: dict[str, list[tuple[str, AssetKey]]] = {}
    with database.read() as connection:
        for row in connection.execute(query):
            record = materialization_record(row)
            if record.data_version is not None:
                found.setdefault(record.data_version.value, []).append((record.run, record.asset))
    return found
