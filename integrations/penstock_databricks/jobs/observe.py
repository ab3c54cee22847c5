"""The jobs that penstock.yml names, as producers of the tables that they write. Asks the workspace which jobs these are."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from penstock.assets import Observation
from penstock.integration import ObserveContext
from penstock.integration.jobs import JobsOf, KnownJob, not_looked_up, observed, place_of
from penstock_databricks.address import address_of, relation_at
from penstock_databricks.client import Client
from penstock_databricks.config import DatabricksConfig, JobConfig
from penstock_databricks.jobs.api import Job, JobsApi
from penstock_databricks.jobs.lineage import recorded


def observe(context: ObserveContext[DatabricksConfig]) -> Observation:
    """Jobs, what they read and write. A job that is not there, or is there twice, is a finding and cannot be run."""
    config: DatabricksConfig = context.config
    assert config.warehouse is not None
    if not context.may_call:
        return not_looked_up(context, "databricks")
    connection = place_of(context, "databricks", config.warehouse)
    api, address = JobsApi(Client(connection)), address_of(connection)
    folder = context.state_dir / "databricks" / context.instance
    return observed(
        context,
        JobsOf(
            integration="databricks",
            tool=api.tool,
            warehouse=config.warehouse,
            start=config.start,
            jobs=config.jobs,
            look=lambda name: _looked_up(api, name, config.jobs[name]),
            table=relation_at,
            example="catalog.schema.table",
            facts={"workspace": api.place},
            recorded=lambda job: recorded(connection, address, job, folder),
        ),
    )


def _looked_up(api: JobsApi, name: str, job: JobConfig) -> KnownJob | str:
    """The job, or why it cannot be told which one is meant."""
    if job.id is not None:
        there = api.job(job.id)
        if there is None:
            return f"there is no job {job.id} ('{name}') in {api.place}, or it is not shown to this user"
        return _known(*there)
    found = api.named(name)
    if len(found) == 1:
        return _known(*found[0])
    if not found:
        return f"there is no job '{name}' in {api.place}, or it is not shown to this user"
    ids = ", ".join(str(one.job_id) for one, _ in found)
    return f"{len(found)} jobs in {api.place} are named '{name}': {ids}; give the `id` of one"


def _known(job: Job, raw: Mapping[str, object]) -> KnownJob:
    return KnownJob(
        job=str(job.job_id),
        definition=msgspec.json.encode(raw.get("settings"), order="deterministic"),
        attributes={"job_id": str(job.job_id)},
    )
