"""What a server has told, as an observation: streams, tables, columns, syncs, findings. Pure; asks nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import msgspec

from penstock.assets import (
    AssetKind,
    ChangeKind,
    Column,
    FieldMap,
    Finding,
    Hold,
    Observation,
    ObservedAsset,
    ObservedMaterialization,
    ObservedProducer,
    OnChange,
    Otherwise,
    Permission,
    Relation,
    Role,
    SourceChange,
)
from penstock.integration import Address
from penstock_airbyte.api.config import ApiConfig, Rule, SyncPolicy, rule_for
from penstock_airbyte.api.drift import Shape, changes, removed
from penstock_airbyte.api.gathered import Gathered, KnownConnection, is_loaded
from penstock_airbyte.api.jobs import JobState, interval_of, state_of
from penstock_airbyte.api.landing import Mapped, Place, mapped_fields, places, unknown_mappers
from penstock_airbyte.api.names import kind_of
from penstock_airbyte.api.payload import SyncPayload
from penstock_airbyte.api.schedules import own_times
from penstock_manifests.airbyte.api import ApiActor, ApiConfiguredStream, ApiConnection, ApiStream

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
        for known, label in zip(gathered.connections, labels(gathered), strict=True)
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


def labels(gathered: Gathered) -> list[str]:
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
        self._changes: list[SourceChange] = []
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
        offered = _by_names(known.streams if known else ())
        former = self._former()
        for stream in self._connection.streams:
            self._add(stream, _fields(offered, stream), self._stream_label(stream), former)
        for stream in former.streams:
            if all(
                (one.namespace, one.name) != (stream.namespace, stream.name)
                for one in self._connection.streams
            ):
                label = self._stream_label(stream)
                self._add(stream, _fields(former.offered, stream), label, None)
                self._changes.append(removed(f"{self._label}/{label}#table", f"{self._label}/{label}"))

    def _stream_label(self, stream: ApiConfiguredStream) -> str:
        shared = [one for one in self._connection.streams if one.name == stream.name]
        return (
            stream.name if len(shared) <= 1 or not stream.namespace else f"{stream.namespace}.{stream.name}"
        )

    def _former(self) -> _Former:
        """The definition and the fields as they were loaded last, where that is known."""
        job = self._gathered.jobs.get(self._connection.connection_id)
        known = self._gathered.streams.get(self._connection.source_id)
        connection = self._connection
        if self._known.before is not None and not is_loaded(job, self._known.changed_at):
            connection = self._known.before
        streams = known.streams if known else ()
        if known is not None and known.before is not None and not is_loaded(job, known.changed_at):
            streams = known.before
        return _Former(connection=connection, streams=connection.streams, offered=_by_names(streams))

    def _compared(self, stream: ApiConfiguredStream, now: Shape, label: str, former: _Former) -> list[str]:
        """Note what has changed in a stream; returns the columns that are still in its table and not in its definition."""
        found = [
            one for one in former.streams if (one.namespace, one.name) == (stream.namespace, stream.name)
        ]
        if not found:
            return []
        mapped = mapped_fields(found[0], _fields(former.offered, found[0]))
        candidates = self._places(found[0], [field.name for field in mapped], former.connection)
        if not candidates:
            return []
        before = Shape(stream=found[0], mapped=mapped, columns=candidates[0].columns)
        said = changes(f"{self._label}/{label}#table", f"{self._label}/{label}", before, now)
        self._changes += said
        return [one.column for one in said if one.kind is ChangeKind.COLUMN_REMOVED and one.column]

    def _add(
        self, stream: ApiConfiguredStream, fields: list[str], label: str, former: _Former | None
    ) -> None:
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
        candidates = self._places(stream, [field.name for field in mapped], self._connection)
        if not candidates or self._address is None:
            return
        place = candidates[0]
        shape = Shape(stream=stream, mapped=mapped, columns=place.columns)
        gone = self._compared(stream, shape, label, former) if former else []
        self._add_table(stream, candidates, mapped, stream_at, table_at, common, gone)

    def _places(
        self, stream: ApiConfiguredStream, fields: list[str], connection: ApiConnection
    ) -> tuple[Place, ...]:
        if self._destination is None or self._address is None:
            return ()
        schema = str(self._destination.place.get("schema") or self._address.schema or "")
        found = places(kind_of(self._destination.type), connection, stream, schema, fields)
        if not found:
            self._find(
                "destination-without-tables",
                f"where '{self._label}/{stream.name}' lands is not known for a destination of type '{self._destination.type}'",
                None,
            )
        return found

    def _relation(self, address: Address, place: Place) -> Relation:
        schema = place.schema or address.schema
        return Relation(address.namespace, address.dialect, address.database, schema, place.table)

    def _add_table(
        self,
        stream: ApiConfiguredStream,
        candidates: tuple[Place, ...],
        mapped: tuple[Mapped, ...],
        stream_at: str,
        table_at: str,
        common: dict[str, str],
        gone: list[str],
    ) -> None:
        assert self._address is not None
        place, address = candidates[0], self._address
        columns = [Column(name) for name in place.meta]
        columns += [Column(place.columns[field.name]) for field in mapped]
        # The table has them until the next sync, and what reads them is to be named before that.
        columns += [Column(name) for name in gone]
        self.assets.append(
            ObservedAsset(
                id=table_at,
                role=Role.PRODUCES,
                kind=AssetKind.TABLE,
                name=place.table,
                resource_type="table",
                relation=self._relation(address, place),
                by_rule=True,
                otherwise=tuple(
                    _otherwise(self._relation(address, one), place, one) for one in candidates[1:]
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
            changes=tuple(self._changes),
            on_change=OnChange(self._rule.on_drift.value),
            payload=msgspec.json.encode(payload).decode(),
            own_times=own_times(connection),
            attributes={
                "source": self._source.name if self._source else connection.source_id,
                "destination": self._destination.name if self._destination else connection.destination_id,
                "status": connection.status,
                "schedule": _schedule(
                    connection.schedule.basic_timing or connection.schedule.cron_expression
                ),
                "sync": self._rule.policy.value,
                "interval": "" if interval is None else str(int(interval)),
                "tags": ", ".join(tag.name for tag in connection.tags),
            },
        )

    def _holds(self) -> tuple[Hold, ...]:
        """One job per connection; destination and workspace have as many slots as `pools` gives them."""
        base = f"airbyte:{self._instance}"
        named = [("destination", self._destination.name)] if self._destination else []
        workspaces = {one.workspace_id: one.name for one in self._gathered.workspaces}
        if self._connection.workspace_id in workspaces:
            named.append(("workspace", workspaces[self._connection.workspace_id]))
        shared = (Hold(f"{base}:{what}/{name}", "all", open=True) for what, name in named if name)
        alone = self._address.held_elsewhere() if self._address is not None else ()
        return (Hold(f"{base}/{self._label}", "all"), *alone, *shared)

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


Offered = dict[tuple[str | None, str], ApiStream]


class _Former(msgspec.Struct, frozen=True, kw_only=True):
    """A connection and what its source offered, as they were loaded last."""

    connection: ApiConnection
    streams: tuple[ApiConfiguredStream, ...]
    offered: Offered


def _otherwise(relation: Relation, usual: Place, other: Place) -> Otherwise:
    """The same table by the rules of a version before, with the columns that are called otherwise there."""
    columns = {
        usual.columns[field]: name for field, name in other.columns.items() if usual.columns[field] != name
    }
    return Otherwise(relation=relation, why="legacy", columns=columns)


def _by_names(streams: tuple[ApiStream, ...]) -> Offered:
    return {(stream.stream_namespace or None, stream.stream_name): stream for stream in streams}


def _fields(offered: Offered, stream: ApiConfiguredStream) -> list[str]:
    """The top-level fields that the source offers of a stream. Servers before 1.7 leave namespaces out: then the only stream
    of that name is it."""
    found = offered.get((stream.namespace or None, stream.name))
    if found is None:
        named = [one for (_, name), one in offered.items() if name == stream.name]
        found = named[0] if len(named) == 1 else None
    return list(dict.fromkeys(path[0] for path in found.property_fields)) if found else []


def _schedule(told: str | None) -> str:
    return told or "manual"
