"""Which streams a connection syncs, how, and into which tables: catalog and configuration brought together. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import msgspec

from penstock.errors import ConfigError, nearest_names
from penstock.integration import Address
from penstock_airbyte.config import ConnectionConfig, StreamConfig, SyncMode
from penstock_airbyte.namespaces import Schemas
from penstock_airbyte.naming import OWN_SCHEMA, column_names, rule_of, table_name
from penstock_airbyte.schema import fields_of
from penstock_manifests.airbyte import AirbyteCatalog, AirbyteStream

_ONE_NAME = "`namespace_definition: source` writes each into the schema that is called like its namespace"


class SyncedStream(msgspec.Struct, frozen=True, kw_only=True):
    """One stream of a connection. `label` is its name, with the namespace only where two share a name (in penstock.yml always
    allowed).

    `columns` are (field, column, Airbyte type); `primary_key` and `cursor` are fields.
    """

    label: str
    stream: AirbyteStream
    table: str
    mode: SyncMode
    columns: tuple[tuple[str, str, str], ...]
    primary_key: tuple[str, ...] = ()
    cursor: str | None = None
    unique_name: bool = True
    schema: str = ""


def synced_streams(
    config: ConnectionConfig, catalog: AirbyteCatalog, address: Address, place: str
) -> tuple[SyncedStream, ...]:
    """The streams to sync, in the catalog's order. Raises ConfigError for what the source does not offer."""
    rule, schemas = rule_of(address.dialect), schemas_of(config, address)
    counts = Counter(stream.name for stream in catalog.streams)
    offered = {_label(stream, counts): stream for stream in catalog.streams}
    whole = {_whole_name(stream): label for label, stream in offered.items()}
    wanted: dict[str, StreamConfig | None] = {}
    for name, one in (config.streams if config.streams is not None else dict.fromkeys(offered)).items():
        label = name if name in offered else whole.get(name)
        if label is None:
            raise _unknown(f"{place}.streams.{name}", "stream", name, list(offered))
        if label in wanted:
            raise ConfigError(
                f"{place}.streams.{name}: the stream '{_whole_name(offered[label])}' is named twice",
                hint="keep one of its names: what is said under the other would not hold",
            )
        wanted[label] = one
    streams = tuple(
        _synced(
            label,
            offered[label],
            wanted[label] or StreamConfig(),
            config.prefix,
            schemas,
            rule,
            f"{place}.streams.{label}",
        )
        for label in offered
        if label in wanted
    )
    streams = tuple(
        msgspec.structs.replace(stream, unique_name=counts[stream.stream.name] == 1) for stream in streams
    )
    _refuse_own_schema(streams, place)
    _refuse_shared_tables(streams, place)
    return streams


def schemas_of(config: ConnectionConfig, address: Address) -> Schemas:
    """Where a connection's tables lie in the warehouse of that address."""
    rule = rule_of(address.dialect)
    default = rule(config.schema or "") or address.schema or "main"
    return Schemas(config.namespace_definition, config.namespace_format or "", rule, default)


def named_streams(config: ConnectionConfig) -> tuple[str, ...]:
    """The streams that the configuration names itself: all that is known before the source was asked."""
    return tuple(config.streams or ())


def _label(stream: AirbyteStream, counts: Counter[str]) -> str:
    return stream.name if counts[stream.name] == 1 else _whole_name(stream)


def _whole_name(stream: AirbyteStream) -> str:
    return f"{stream.namespace}.{stream.name}" if stream.namespace else stream.name


def _synced(
    label: str,
    stream: AirbyteStream,
    config: StreamConfig,
    prefix: str,
    schemas: Schemas,
    rule: Callable[[str], str],
    place: str,
) -> SyncedStream:
    types = fields_of(stream.json_schema)
    for field in (*config.primary_key, *(config.fields or ()), *((config.cursor,) if config.cursor else ())):
        if field not in types:
            raise _unknown(place, "field", field, list(types))
    names = column_names(rule, types)
    key = config.primary_key or _source_key(stream)
    cursor = config.cursor or _source_cursor(stream)
    _refuse_impossible(stream, config, key, cursor, place)
    needed = set(key) if config.sync_mode is SyncMode.INCREMENTAL_APPEND_DEDUP else set()
    if config.sync_mode.incremental and cursor:
        needed.add(cursor)
    kept = set(types if config.fields is None else config.fields) | needed
    return SyncedStream(
        label=label,
        stream=stream,
        table=table_name(rule, prefix + stream.name),
        schema=schemas.of(stream.namespace),
        mode=config.sync_mode,
        columns=tuple((field, names[field], kind) for field, kind in types.items() if field in kept),
        primary_key=key,
        cursor=cursor,
    )


def _source_key(stream: AirbyteStream) -> tuple[str, ...]:
    """The key that the source defines; a key below the top level is none for us."""
    paths = stream.source_defined_primary_key or ()
    return tuple(path[0] for path in paths) if all(len(path) == 1 for path in paths) else ()


def _source_cursor(stream: AirbyteStream) -> str | None:
    path = stream.default_cursor_field or ()
    return path[0] if len(path) == 1 and path[0] in fields_of(stream.json_schema) else None


def _refuse_impossible(
    stream: AirbyteStream, config: StreamConfig, key: tuple[str, ...], cursor: str | None, place: str
) -> None:
    mode = config.sync_mode
    if mode.incremental and "incremental" not in stream.supported_sync_modes:
        raise ConfigError(
            f"{place}.sync_mode: the source cannot read '{stream.name}' incrementally",
            hint="use full_refresh_overwrite or full_refresh_append",
        )
    if mode.incremental and cursor is None and not stream.source_defined_cursor:
        raise ConfigError(f"{place}: {mode.value} needs a `cursor`; the source defines none")
    if mode is SyncMode.INCREMENTAL_APPEND_DEDUP and not key:
        raise ConfigError(f"{place}: {mode.value} needs a `primary_key`; the source defines none")


def _refuse_own_schema(streams: tuple[SyncedStream, ...], place: str) -> None:
    """A stream `state` there would be written over the states of all connections."""
    for stream in streams:
        if stream.schema.lower() == OWN_SCHEMA:
            raise ConfigError(
                f"{place}: the table of the stream '{stream.label}' would lie in the schema {OWN_SCHEMA}, where penstock keeps"
                " its own tables",
                hint="write it into another: `schema`, or `namespace_definition: custom_format` with a `namespace_format`",
            )


def _refuse_shared_tables(streams: tuple[SyncedStream, ...], place: str) -> None:
    taken: dict[tuple[str, str], str] = {}
    for stream in streams:
        where = (stream.schema, stream.table)
        if where in taken:
            raise ConfigError(
                f"{place}: the streams '{taken[where]}' and '{stream.label}' would both be"
                f" written to the table '{stream.table}'",
                hint=_ONE_NAME
                if not stream.unique_name
                else "sync one of them in a connection of its own, with another `prefix` or `schema`",
            )
        taken[where] = stream.label


def _unknown(place: str, what: str, name: str, known: list[str]) -> ConfigError:
    near = nearest_names(name, known)
    guess = f"; did you mean '{near[0]}'?" if near else ""
    shown = ", ".join(known[:20]) + (", ..." if len(known) > 20 else "")
    return ConfigError(
        f"{place}: the source has no {what} '{name}'{guess}", hint=f"it has: {shown}" if known else None
    )
