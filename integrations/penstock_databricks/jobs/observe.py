"""The jobs that penstock.yml names, as producers of the tables that they write. Asks the workspace which jobs these are."""

from __future__ import annotations

import hashlib
import time
from typing import Any

import msgspec

from penstock.assets import (
    AssetKind,
    Finding,
    Hold,
    Observation,
    ObservedAsset,
    ObservedProducer,
    Permission,
    Relation,
    Role,
)
from penstock.errors import ConfigError
from penstock.integration import Address, ObserveContext
from penstock_databricks.address import address_of, relation_at
from penstock_databricks.client import Client
from penstock_databricks.config import DatabricksConfig, JobConfig, StartPolicy, policy_of, seconds
from penstock_databricks.jobs.api import Job, JobsApi
from penstock_databricks.jobs.payload import JobPayload
from penstock_databricks.observe import unseen

_PERMISSIONS = {
    StartPolicy.ASK: Permission.ASK,
    StartPolicy.NEVER: Permission.NEVER,
    StartPolicy.ALWAYS: Permission.FREE,
}


def observe(context: ObserveContext[DatabricksConfig]) -> Observation:
    """Jobs, what they read and write. A job that is not there, or is there twice, is a finding and cannot be run."""
    config: DatabricksConfig = context.config
    assert config.warehouse is not None
    source = f"databricks/{context.instance}"
    if context.instance == config.warehouse:
        raise ConfigError(
            f"the instance databricks.{context.instance} has the name of its warehouse",
            hint="give the instance another name: both are shown by it",
        )
    if not context.may_call:
        return unseen(context, source, f"the jobs of '{context.instance}' have not been looked up yet")
    connection = context.connection(config.warehouse)
    if connection.type != "databricks":
        raise ConfigError(
            f"databricks.{context.instance}: the warehouse '{config.warehouse}' is of type {connection.type}",
            hint="name one of type databricks",
        )
    api, address = JobsApi(Client(connection)), address_of(connection)
    assets: dict[str, ObservedAsset] = {}
    producers: list[ObservedProducer] = []
    findings: list[Finding] = []
    for name, job in config.jobs.items():
        found = _looked_up(api, name, job)
        if isinstance(found, str):
            findings.append(
                Finding(
                    code="job-not-found",
                    message=found,
                    source=source,
                    hint="name it as it is named in Databricks, or give its `id`",
                )
            )
        reads = tuple(_add(assets, _elsewhere(context, address, text, name)) for text in job.reads)
        for text in job.writes:
            relation = _here(address, text, name)
            identity = str(relation.key)
            if identity in assets and assets[identity].producer is not None:
                raise ConfigError(f"databricks.{context.instance}: two jobs write {text}")
            assets[identity] = _written(relation, name, reads)
        producers.append(_producer(context.instance, config, name, job, found))
    return Observation(
        integration="databricks",
        instance=context.instance,
        taken_at=time.time(),
        assets=tuple(assets.values()),
        producers=tuple(producers),
        findings=tuple(findings),
        ages=True,
        facts={"workspace": api.place},
    )


def _looked_up(api: JobsApi, name: str, job: JobConfig) -> tuple[Job, dict[str, Any]] | str:
    """The job, or why it cannot be told which one is meant."""
    if job.id is not None:
        return (
            api.job(job.id)
            or f"there is no job {job.id} ('{name}') in {api.place}, or it is not shown to this user"
        )
    found = api.named(name)
    if len(found) == 1:
        return found[0]
    if not found:
        return f"there is no job '{name}' in {api.place}, or it is not shown to this user"
    ids = ", ".join(str(one.job_id) for one, _ in found)
    return f"{len(found)} jobs in {api.place} are named '{name}': {ids}"


def _producer(
    instance: str,
    config: DatabricksConfig,
    name: str,
    job: JobConfig,
    found: tuple[Job, dict[str, Any]] | str,
) -> ObservedProducer:
    policy, age = policy_of(config.start if job.start is None else job.start)
    common: dict[str, Any] = {
        "id": name,
        "kind": "job",
        "appends": job.appends,
        "permission": _PERMISSIONS[policy],
        "starts": f"the job '{name}' in Databricks",
    }
    if isinstance(found, str):
        return ObservedProducer(**common, unrunnable=found)
    known, raw = found
    payload = JobPayload(
        job=known.job_id,
        name=name,
        may_start=policy is not StartPolicy.NEVER,
        max_age=age,
        adopt=job.adopt,
        patience=seconds(job.patience),
        parameters=job.parameters,
    )
    settings = msgspec.json.encode(raw.get("settings"), order="deterministic")
    return ObservedProducer(
        **common,
        holds=(Hold(f"databricks:{instance}/{name}"),),
        code_version=hashlib.sha256(settings).hexdigest()[:16],
        payload=msgspec.json.encode(payload).decode(),
        attributes={"job_id": str(known.job_id), "start": policy.value},
    )


def _written(relation: Relation, job: str, reads: tuple[str, ...]) -> ObservedAsset:
    return ObservedAsset(
        id=str(relation.key),
        kind=AssetKind.TABLE,
        name=relation.identifier,
        resource_type="table",
        role=Role.PRODUCES,
        relation=relation,
        upstream=reads,
        producer=job,
        aliases=(job,),
        attributes={"job": job},
    )


def _add(assets: dict[str, ObservedAsset], relation: Relation) -> str:
    """What is read is declared once; what another job writes stays as that job says."""
    name = str(relation.key)
    assets.setdefault(
        name,
        ObservedAsset(
            id=name,
            kind=AssetKind.TABLE,
            name=relation.identifier,
            resource_type="table",
            relation=relation,
        ),
    )
    return name


def _here(address: Address, text: str, job: str) -> Relation:
    relation = relation_at(address, text)
    if relation is None:
        raise ConfigError(f"the job '{job}': '{text}' is no table", hint="write catalog.schema.table")
    return relation


def _elsewhere(context: ObserveContext[DatabricksConfig], address: Address, text: str, job: str) -> Relation:
    """`WAREHOUSE:a.b.c` lies in that warehouse of penstock.yml."""
    name, colon, rest = text.partition(":")
    if colon and "." not in name and "`" not in name:
        return _here(context.address(context.connection(name)), rest, job)
    return _here(address, text, job)
