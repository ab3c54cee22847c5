"""The jobs that penstock.yml names, as producers of the tables that they write. The integration tells which job a name means."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

import msgspec

from penstock.assets import (
    AssetKind,
    Finding,
    Hold,
    Observation,
    ObservedAsset,
    ObservedProducer,
    Relation,
    Role,
)
from penstock.errors import ConfigError
from penstock.integration.address import Address, Connection
from penstock.integration.jobs.payload import JobPayload
from penstock.integration.jobs.settings import PERMISSIONS, JobWords, StartPolicy, policy_of, seconds
from penstock.integration.observing import ObserveContext, not_asked

C = TypeVar("C")


class KnownJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job that is there: `job` is how the calls name it, `definition` what it does, as text that changes with it."""

    job: str
    definition: bytes
    attributes: dict[str, str] = {}


class JobTables(msgspec.Struct, frozen=True, kw_only=True):
    """What a job has read and written, as the service itself has recorded."""

    reads: tuple[Relation, ...]
    writes: tuple[Relation, ...]


class JobsOf(msgspec.Struct, frozen=True, kw_only=True):
    """What an integration tells of one instance: `warehouse` names where the jobs run and lie, `tool` is the service for people,
    `example` how a table is written, `look` finds a job or says why it cannot, `table` reads the name of a table. `recorded` tells the
    tables of a job that penstock.yml names without `writes`, or why they are not known."""

    integration: str
    tool: str
    warehouse: str
    start: str | dict[str, str]
    jobs: Mapping[str, JobWords]
    look: Callable[[str], KnownJob | str]
    table: Callable[[Address, str], Relation | None]
    example: str
    facts: dict[str, str] = {}
    recorded: Callable[[KnownJob], JobTables | str] | None = None


def place_of(context: ObserveContext[C], integration: str, warehouse: str) -> Connection:
    """The connection of the warehouse whose jobs an instance names. Raises ConfigError."""
    name = f"{integration}.{context.instance}"
    if context.instance == warehouse:
        raise ConfigError(
            f"the instance {name} has the name of its warehouse",
            hint="give the instance another name: both are shown by it",
        )
    connection = context.connection(warehouse)
    if connection.type != integration:
        raise ConfigError(
            f"{name}: the warehouse '{warehouse}' is of type {connection.type}",
            hint=f"name one of type {integration}",
        )
    return connection


def not_looked_up(context: ObserveContext[C], integration: str) -> Observation:
    """See `not_asked`, of an instance whose jobs are looked up by name."""
    source = f"{integration}/{context.instance}"
    message = f"the jobs of '{context.instance}' have not been looked up yet"
    return not_asked(integration, context.instance, source, message)


def observed(context: ObserveContext[C], given: JobsOf) -> Observation:
    """Jobs, what they read and write. A job that is not there, or is there twice, is a finding and cannot be run."""
    source = f"{given.integration}/{context.instance}"
    address = context.address(context.connection(given.warehouse))
    assets: dict[str, ObservedAsset] = {}
    producers: list[ObservedProducer] = []
    findings: list[Finding] = []
    for name, job in given.jobs.items():
        found = given.look(name)
        if isinstance(found, str):
            hint = f"name it as it is named in {given.tool}"
            findings.append(Finding(code="job-not-found", message=found, source=source, hint=hint))
        tables = _tables(context, given, address, name, job, found)
        if isinstance(tables, str):
            message = f"what the job '{name}' writes is not known: {tables}"
            findings.append(
                Finding(code="job-not-found", message=message, source=source, hint="name it: `writes`")
            )
            found, tables = message, JobTables(reads=(), writes=())
        reads = tuple(_add(assets, relation) for relation in tables.reads)
        for relation in tables.writes:
            identity = str(relation.key)
            if identity in assets and assets[identity].producer is not None:
                raise ConfigError(f"{given.integration}.{context.instance}: two jobs write {relation}")
            assets[identity] = _written(relation, name, reads)
        alone = _alone(context, address, job)
        producers.append(_producer(context.instance, given, name, job, found, alone))
    return Observation(
        integration=given.integration,
        instance=context.instance,
        taken_at=time.time(),
        assets=tuple(assets.values()),
        producers=tuple(producers),
        findings=tuple(findings),
        ages=True,
        facts=given.facts,
    )


def _tables(
    context: ObserveContext[C],
    given: JobsOf,
    address: Address,
    name: str,
    job: JobWords,
    found: KnownJob | str,
) -> JobTables | str:
    """As penstock.yml says; what it does not say, as the service has recorded."""
    reads = tuple(_elsewhere(context, given, address, text, name) for text in job.reads)
    writes = tuple(_here(given, address, text, name) for text in job.writes)
    if writes or given.recorded is None or isinstance(found, str):
        return JobTables(reads=reads, writes=writes)
    recorded = given.recorded(found)
    if isinstance(recorded, str):
        return recorded
    if not recorded.writes:
        return "no run of it has written a table that was recorded"
    return JobTables(reads=reads or recorded.reads, writes=recorded.writes)


def _producer(
    instance: str,
    given: JobsOf,
    name: str,
    job: JobWords,
    found: KnownJob | str,
    alone: tuple[Hold, ...],
) -> ObservedProducer:
    policy, age = policy_of(given.start if job.start is None else job.start)
    producer = ObservedProducer(
        id=name,
        kind="job",
        appends=job.appends,
        permission=PERMISSIONS[policy],
        starts=f"the job '{name}' in {given.tool}",
    )
    if isinstance(found, str):
        return msgspec.structs.replace(producer, unrunnable=found)
    payload = JobPayload(
        job=found.job,
        name=name,
        may_start=policy is not StartPolicy.NEVER,
        max_age=age,
        adopt=job.adopt,
        patience=seconds(job.patience),
        parameters=job.parameters,
    )
    return msgspec.structs.replace(
        producer,
        holds=(Hold(f"{given.integration}:{instance}/{name}"), *alone),
        code_version=hashlib.sha256(found.definition).hexdigest()[:16],
        payload=msgspec.json.encode(payload).decode(),
        attributes={**found.attributes, "start": policy.value},
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


def _here(given: JobsOf, address: Address, text: str, job: str) -> Relation:
    relation = given.table(address, text)
    if relation is None:
        raise ConfigError(f"the job '{job}': '{text}' is no table", hint=f"write {given.example}")
    return relation


def _elsewhere(context: ObserveContext[C], given: JobsOf, address: Address, text: str, job: str) -> Relation:
    """`WAREHOUSE:a.b.c` lies in that warehouse of penstock.yml."""
    place, rest = _placed(context, address, text)
    return _here(given, place, rest, job)


def _placed(context: ObserveContext[C], address: Address, text: str) -> tuple[Address, str]:
    name, colon, rest = text.partition(":")
    if colon and not any(sign in name for sign in '."`'):
        return context.address(context.connection(name)), rest
    return address, text


def _alone(context: ObserveContext[C], address: Address, job: JobWords) -> tuple[Hold, ...]:
    """Of what it reads: what it writes lies where it runs."""
    places = (_placed(context, address, text)[0] for text in job.reads)
    return tuple(dict.fromkeys(hold for place in places for hold in place.held_elsewhere()))
