"""Connections as observations: streams, the tables they land in, which field feeds which column, and the syncs."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

import msgspec

from penstock.assets import (
    MEMORY,
    AssetKind,
    Column,
    FieldMap,
    Finding,
    Hold,
    Observation,
    ObservedAsset,
    ObservedProducer,
    OnChange,
    Relation,
    Role,
    SourceChange,
)
from penstock.errors import MissingVariable, PenstockError, ToolError, UsageError
from penstock.integration import Address, ObserveContext
from penstock_airbyte.config import AirbyteConfig, ConnectionConfig, SyncPayload
from penstock_airbyte.drift import changes, gone, loaded_file, read_loaded
from penstock_airbyte.namespaces import NamespaceDefinition, Schemas
from penstock_airbyte.naming import META_COLUMNS, rule_of, table_name
from penstock_airbyte.schema import descriptions_of
from penstock_airbyte.source import Source
from penstock_airbyte.streams import SyncedStream, named_streams, schemas_of, synced_streams
from penstock_manifests.airbyte import AirbyteCatalog

EVERY = "*"  # stands for all streams of a connection, where they are not known
_LOOKS = 6  # the streams of a source are asked for at each so many looks that only age makes necessary
_MEGABYTES = 300  # a connector, and the staging file of its records


def observe(context: ObserveContext[AirbyteConfig]) -> Observation:
    """What is configured, joined with what the sources offer. Starts connectors only when `may_call`; else it knows what
    was discovered before, and says what was not. What is wrong with one connection is its finding, and stops no other."""
    config: AirbyteConfig = context.config
    parts = [_Part(context, name, connection) for name, connection in config.connections.items()]
    for part in parts:
        part.look()
    return Observation(
        integration="airbyte",
        instance=context.instance,
        # As old as the oldest answer of a source in it: who wants a younger one asks again.
        taken_at=time.time() - max((part.age for part in parts), default=0.0),
        assets=tuple(asset for part in parts for asset in part.assets),
        producers=tuple(part.producer() for part in parts),
        fields=tuple(field for part in parts for field in part.fields),
        findings=tuple(finding for part in parts for finding in part.findings),
        # What is not discovered yet is worth another try whenever connectors may be started.
        inputs=tuple(str(file) for part in parts for file in (part.source.catalog_file, part.loaded_file))
        if all(p.known for p in parts)
        else None,
        ages=True,
        seldom=_LOOKS,
        stale="; ".join(part.trouble for part in parts if part.trouble) or None,
        facts={name: connection.source.title for name, connection in config.connections.items()},
    )


def stream_id(connection: str, label: str) -> str:
    return f"{connection}/{label}"


def table_id(connection: str, label: str) -> str:
    """The id of the table that a stream lands in; also the item of a sync step."""
    return f"{connection}/{label}#table"


def holds_of(instance: str, connection: str, resource: str | None) -> tuple[Hold, ...]:
    """A sync has its connection for itself all the time, the warehouse only while it commits; and it needs memory."""
    return (
        Hold(f"airbyte:{instance}/{connection}", "all"),
        *((Hold(resource, "commit"),) if resource else ()),
        Hold(MEMORY, "all", _MEGABYTES),
    )


class _Part:
    """One connection on its way into the observation."""

    def __init__(self, context: ObserveContext[AirbyteConfig], name: str, config: ConnectionConfig) -> None:
        self._context = context
        self._name = name
        self._config = config
        self._place = f"airbyte.{context.instance}.connections.{name}"
        self._address: Address | None = None
        self._rule: Callable[[str], str] = str
        self._schemas: Schemas | None = None
        self.source = Source(context, name, config.source)
        self.assets: list[ObservedAsset] = []
        self.fields: list[FieldMap] = []
        self.findings: list[Finding] = []
        self._changes: list[SourceChange] = []
        self.loaded_file = loaded_file(context.state_dir, context.instance, context.environment, name)
        self._loaded = read_loaded(self.loaded_file)
        self.known = False
        self.trouble = ""  # what went wrong with it, in a few words

    def look(self) -> None:
        try:
            address = self._locate()
            catalog = self._catalog()
            if catalog is not None:
                streams = synced_streams(self._config, catalog, address, self._place)
                self.known = True
        except MissingVariable:
            raise
        except UsageError as error:
            self._find("connection-misconfigured", error)
        if not self.known:
            self._only_named()
            return
        for stream in streams:
            self._add(stream)

    def _locate(self) -> Address:
        address = self._context.address(self._context.connection(self._config.destination))
        self._rule = rule_of(address.dialect)
        self._address = address
        self._schemas = schemas_of(self._config, address)
        return address

    @property
    def age(self) -> float:
        """Seconds since its streams were discovered; 0 where they are not known."""
        return max(0.0, self.source.catalog_age()) if self.known else 0.0

    def producer(self) -> ObservedProducer:
        source = self._config.source
        return ObservedProducer(
            id=self._name,
            kind="sync",
            holds=holds_of(
                self._context.instance, self._name, self._address.resource if self._address else None
            ),
            code_version=_code_version(self.source, self._config),
            payload=msgspec.json.encode(SyncPayload(connection=self._name)).decode(),
            changes=tuple(self._changes),
            on_change=OnChange(self._config.on_drift.value),
            attributes={"source": source.title, "destination": self._config.destination},
        )

    def _catalog(self) -> AirbyteCatalog | None:
        """As discovered some looks ago, or now; what was discovered before when the source cannot be reached. Streams change seldom,
        and to ask for them starts a process for seconds of CPU: a daemon that has nothing to do would do that all day."""
        known = self.source.known_catalog()
        max_age = _LOOKS * self._context.max_age
        if not self._context.may_call or (known and self.source.catalog_age() <= max_age):
            return known
        try:
            connector = self.source.connector(self._context.progress)
            return self.source.catalog(connector, self._context.progress, max_age=max_age)
        except ToolError as error:
            self._find("source-unreachable", error)
            return known

    def _find(self, code: str, error: PenstockError) -> None:
        words = {"source-unreachable": "could not be asked", "connection-misconfigured": "is misconfigured"}
        self.trouble = f"{self._name} {words[code]}"
        where = error.where or self._place
        self.findings.append(
            Finding(code=code, message=f"{self._name}: {error.what}", source=where, hint=error.hint)
        )

    def _only_named(self) -> None:
        if not self.findings:
            self.findings.append(
                Finding(
                    code="not-discovered",
                    message=f"the streams of {self._name} are not discovered yet",
                    source=self._place,
                    hint="penstock refresh",
                )
            )
        if self._config.streams is None:
            self._add_all()
        for label in named_streams(self._config):
            table = table_name(self._rule, self._config.prefix + label)
            self._add_pair(label, label, self._default(table), table, (), (), {})

    def _add_all(self) -> None:
        """What this connection makes is not known; that it is to be synced is, and that it was must have an outcome."""
        self.assets.append(
            ObservedAsset(
                id=table_id(self._name, EVERY),
                kind=AssetKind.OTHER,
                name=f"{self._name}/{EVERY}",
                resource_type="connection",
                role=Role.PRODUCES,
                producer=self._name,
                attributes={"connection": self._name, "source": self._config.source.title},
            )
        )

    def _add(self, stream: SyncedStream) -> None:
        told = descriptions_of(stream.stream.json_schema)
        fields = tuple(Column(field, kind, told.get(field, "")) for field, _, kind in stream.columns)
        columns = tuple(Column(column, None, told.get(field, "")) for field, column, _ in stream.columns)
        # The table has them until the next sync, and what reads them is to be named before that.
        kept = tuple(Column(name) for name in gone(self._compared(stream)))
        written = (*(Column(meta) for meta in META_COLUMNS), *columns, *kept)
        facts = {"sync_mode": stream.mode.value}
        at = relation_of(self._address, stream.schema, stream.table) if self._address else None
        self._add_pair(stream.label, stream.stream.name, at, stream.table, fields, written, facts)
        stream_at, table_at = stream_id(self._name, stream.label), table_id(self._name, stream.label)
        self.fields += [
            FieldMap(source_id=stream_at, source_column=field, target_id=table_at, target_column=column)
            for field, column, _ in stream.columns
        ]

    def _compared(self, stream: SyncedStream) -> list[SourceChange]:
        """What has changed since the stream was loaded last; nothing where that is not known."""
        before = self._loaded.get(stream.label)
        if before is None:
            return []
        item = table_id(self._name, stream.label)
        found = changes(item, stream_id(self._name, stream.label), before, stream)
        self._changes += found
        return found

    def _default(self, table: str) -> Relation | None:
        """Where the table of a stream lies whose namespace nobody knows yet; None where that decides."""
        if self._address is None or self._schemas is None or self._schemas.by_stream:
            return None
        return relation_of(self._address, self._schemas.default, table)

    def _add_pair(
        self,
        label: str,
        name: str,
        relation: Relation | None,
        table: str,
        fields: tuple[Column, ...],
        columns: tuple[Column, ...],
        facts: dict[str, str],
    ) -> None:
        common = {"connection": self._name, "source": self._config.source.title}
        self.assets.append(
            ObservedAsset(
                id=stream_id(self._name, label),
                kind=AssetKind.STREAM,
                name=name,
                resource_type="stream",
                aliases=(f"{self._name}/{label}",),
                columns=fields,
                attributes=common,
            )
        )
        self.assets.append(
            ObservedAsset(
                id=table_id(self._name, label),
                kind=AssetKind.TABLE,
                name=table,
                resource_type="table",
                relation=relation,
                upstream=(stream_id(self._name, label),),
                role=Role.PRODUCES,
                producer=self._name,
                columns=columns,
                materialized="table",
                attributes=common | facts,
            )
        )


def relation_of(address: Address, schema: str, table: str) -> Relation:
    return Relation(address.namespace, address.dialect, address.database, schema, table)


def _code_version(source: Source, config: ConnectionConfig) -> str:
    """Changes when what a sync makes can change: connector, its configuration, streams, names."""
    parts: tuple[object, ...] = (
        source.fingerprint,
        config.destination,
        config.schema,
        config.prefix,
        config.streams,
    )
    if config.namespace_definition is not NamespaceDefinition.DESTINATION:
        parts = (*parts, config.namespace_definition, config.namespace_format)
    return hashlib.sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()[:16]
