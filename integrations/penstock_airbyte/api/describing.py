"""What a server has told, as an observation: streams, tables, columns, syncs, findings. Pure; asks nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import msgspec

from penstock.assets import (
    AssetKind,
    Column,
    FieldMap,
    Finding,
    Hold,
    Observation,
    ObservedAsset,
    ObservedMaterialization,
    ObservedProducer,
    Permission,
    Relation,
    Role,
)
from penstock.integration import Address
from penstock_airbyte.api.config import ApiConfig, Rule, SyncPolicy, rule_for
from penstock_airbyte.api.gathered import Gathered, KnownConnection
from penstock_airbyte.api.jobs import JobState, interval_of, state_of
from penstock_airbyte.api.landing import Mapped, Place, mapped_fields, places, unknown_mappers
from penstock_airbyte.api.names import kind_of
from penstock_airbyte.api.payload import SyncPayload
from penstock_manifests.airbyte.api import ApiActor, ApiConfiguredStream, ApiStream

_PERMISSIONS = {
    SyncPolicy.ALWAYS: Permission.FREE,
    SyncPolicy.ASK: Permission.ASK,
    SyncPolicy.NEVER: Permission.NEVER,
}
Locate = Callable[[ApiActor], tuple[Address | None, str]]


def describe(
    gathered: Gathered,
    config: ApiConfig,
    instance: str,
    locate: Locate,
) -> Observation:
    """`locate` tells a destination's warehouse, or why it is not known."""
    parts = [
        _Part(gathered, known, instance, locate, rule_for(config, known.connection), label)
        for known, label in zip(gathered.connections, _labels(gathered), strict=True)
    ]
    findings = [finding for part in parts for finding in part.findings]
    findings += [_noted(instance, note) for note in gathered.notes]
    if not gathered.complete:
        findings.append(
            Finding(
                code="airbyte-list-moved",
                message="the list of connections kept changing while it was read: some may be missing",
                source=f"airbyte/{instance}",
                hint="penstock refresh",
            )
        )
    return Observation(
        integration="airbyte",
        instance=instance,
        taken_at=gathered.taken_at,
        assets=tuple(asset for part in parts for asset in part.assets),
        producers=tuple(part.producer() for part in parts),
        fields=tuple(field for part in parts for field in part.fields),
        materializations=tuple(made for part in parts for made in part.materializations()),
        findings=tuple(findings),
        inputs=None,
        ages=True,
        facts={"server": gathered.server, "connections": str(len(parts))},
    )


def _labels(gathered: Gathered) -> list[str]:
    """Names of connections, told apart by the beginning of their id where two share one: ids of assets must be unique."""
    counts = Counter(known.connection.name for known in gathered.connections)
    return [
        known.connection.name
        if counts[known.connection.name] == 1 and known.connection.name
        else f"{known.connection.name or 'connection'}-{known.connection.connection_id[:8]}"
        for known in gathered.connections
    ]


def _noted(instance: str, note: str) -> Finding:
    return Finding(
        code="airbyte-answer-odd",
        message=f"left out of Airbyte's answer: {note}",
        source=f"airbyte/{instance}",
    )


class _Part:
    """One connection on its way into the observation."""

    def __init__(
        self,
        gathered: Gathered,
        known: KnownConnection,
        instance: str,
        locate: Locate,
        rule: Rule,
        label: str,
    ) -> None:
        self._gathered = gathered
        self._known = known
        self._connection = known.connection
        self._instance = instance
        self._rule = rule
        self._label = label
        self.assets: list[ObservedAsset] = []
        self.fields: list[FieldMap] = []
        self.findings: list[Finding] = []
        actors = {actor.id: actor for actor in (*gathered.sources, *gathered.destinations)}
        self._source = actors.get(self._connection.source_id)
        self._destination = actors.get(self._connection.destination_id)
        self._address, why = locate(self._destination) if self._destination else (None, "it is not visible")
        if self._address is None:
            self._find(
                "destination-unmapped",
                f"the destination of '{label}' is no warehouse that is known here: {why}",
                f"airbyte.{instance}.destinations: {{{self._destination.name if self._destination else '...'}: WAREHOUSE}}",
            )
        self._offer()

    # ------------------------------------------------------------ streams

    def _offer(self) -> None:
        known = self._gathered.streams.get(self._connection.source_id)
        if known is not None and known.problem:
            self._find(
                "streams-unread", f"the fields of '{self._label}' could not be read: {known.problem}", None
            )
        offered = {(s.stream_namespace or None, s.stream_name): s for s in known.streams} if known else {}
        counts = Counter(stream.name for stream in self._connection.streams)
        for stream in self._connection.streams:
            found = offered.get((stream.namespace or None, stream.name)) or _by_name(offered, stream.name)
            label = stream.name if counts[stream.name] == 1 else f"{stream.namespace}.{stream.name}"
            self._add(stream, found, label)

    def _add(self, stream: ApiConfiguredStream, offered: ApiStream | None, label: str) -> None:
        fields = list(dict.fromkeys(path[0] for path in offered.property_fields)) if offered else []
        mapped = mapped_fields(stream, fields)
        for mapper in unknown_mappers(stream):
            self._find(
                "mapper-unknown", f"'{self._label}/{label}' has a mapper '{mapper}', unknown here", None
            )
        stream_at, table_at = f"{self._label}/{label}", f"{self._label}/{label}#table"
        common = {"connection": self._label, "source": self._source.name if self._source else ""}
        self.assets.append(
            ObservedAsset(
                id=stream_at,
                role=Role.PRODUCES,
                kind=AssetKind.STREAM,
                name=stream.name,
                resource_type="stream",
                aliases=(stream_at,),
                columns=tuple(Column(name) for name in fields),
                attributes=common,
            )
        )
        place = self._place(stream, [field.name for field in mapped])
        if place is None or self._address is None:
            return
        self._add_table(stream, place, mapped, stream_at, table_at, common)

    def _place(self, stream: ApiConfiguredStream, fields: list[str]) -> Place | None:
        if self._destination is None or self._address is None:
            return None
        schema = str(self._destination.place.get("schema") or self._address.schema or "")
        found = places(kind_of(self._destination.type), self._connection, stream, schema, fields)
        if not found:
            self._find(
                "destination-without-tables",
                f"where '{self._label}/{stream.name}' lands is not known for a destination of type '{self._destination.type}'",
                None,
            )
        return found[0] if found else None

    def _add_table(
        self,
        stream: ApiConfiguredStream,
        place: Place,
        mapped: tuple[Mapped, ...],
        stream_at: str,
        table_at: str,
        common: dict[str, str],
    ) -> None:
        assert self._address is not None
        columns = [Column(name) for name in place.meta]
        columns += [Column(place.columns[field.name]) for field in mapped]
        self.assets.append(
            ObservedAsset(
                id=table_at,
                role=Role.PRODUCES,
                kind=AssetKind.TABLE,
                name=place.table,
                resource_type="table",
                relation=Relation(
                    self._address.namespace,
                    self._address.dialect,
                    self._address.database,
                    place.schema or self._address.schema,
                    place.table,
                ),
                upstream=(stream_at,),
                producer=self._label,
                columns=tuple(columns) if mapped else (),
                materialized="table",
                attributes=common | {"sync_mode": stream.sync_mode or ""},
            )
        )
        self.fields += [
            FieldMap(
                source_id=stream_at,
                source_column=field.source,
                target_id=table_at,
                target_column=place.columns[field.name],
                subtype="TRANSFORMATION" if field.how else "IDENTITY",
                expression=field.how,
            )
            for field in mapped
        ]

    # ------------------------------------------------------------ the sync

    def producer(self) -> ObservedProducer:
        connection = self._connection
        interval = interval_of(connection)
        payload = SyncPayload(
            connection=connection.connection_id,
            name=self._label,
            may_start=self._rule.policy is not SyncPolicy.NEVER,
            max_age=self._rule.max_age if self._rule.max_age is not None else interval,
            adopt=self._rule.adopt,
            patience=self._rule.patience,
            changed=self._known.changed_at,
            scheduled=connection.schedule.schedule_type != "manual",
        )
        return ObservedProducer(
            id=self._label,
            kind="sync",
            holds=self._holds(),
            code_version=self._known.digest,
            permission=_PERMISSIONS[self._rule.policy],
            starts=f"a sync of '{self._label}' in Airbyte",
            payload=msgspec.json.encode(payload).decode(),
            attributes={
                "source": self._source.name if self._source else connection.source_id,
                "destination": self._destination.name if self._destination else connection.destination_id,
                "status": connection.status,
                "schedule": _schedule(
                    connection.schedule.basic_timing or connection.schedule.cron_expression
                ),
                "sync": self._rule.policy.value,
                "tags": ", ".join(tag.name for tag in connection.tags),
            },
        )

    def _holds(self) -> tuple[Hold, ...]:
        """One job per connection; destination and workspace have as many slots as `pools` gives them."""
        base = f"airbyte:{self._instance}"
        return (Hold(f"{base}/{self._label}", "all"),)

    def materializations(self) -> tuple[ObservedMaterialization, ...]:
        """The newest finished sync, for each table: made in Airbyte, whoever started it."""
        job = self._gathered.jobs.get(self._connection.connection_id)
        if job is None or job.kind != "sync" or state_of(job) is JobState.RUNNING:
            return ()
        at = job.updated if job.updated is not None else job.created
        if at is None:
            return ()
        tables = [asset for asset in self.assets if asset.kind is AssetKind.TABLE]
        words = {JobState.SUCCEEDED: "success", JobState.FAILED: "error", JobState.CANCELLED: "cancelled"}
        return tuple(
            ObservedMaterialization(
                id=table.id,
                at=at - self._gathered.offset,
                status=words[state_of(job)],
                by=f"Airbyte job {job.id}",
                rows=job.rows if len(tables) == 1 else None,
            )
            for table in tables
        )

    def _find(self, code: str, message: str, hint: str | None) -> None:
        self.findings.append(
            Finding(code=code, message=message, source=f"airbyte/{self._instance}/{self._label}", hint=hint)
        )


def _by_name(offered: dict[tuple[str | None, str], ApiStream], name: str) -> ApiStream | None:
    """The only stream of that name: servers before 1.7 leave namespaces out."""
    found = [stream for (_, other), stream in offered.items() if other == name]
    return found[0] if len(found) == 1 else None


def _schedule(told: str | None) -> str:
    return told or "manual"
