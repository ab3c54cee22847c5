"""One connection handled by hand: checked, discovered, its state shown and set, its tables cleared. Runs no sync."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from penstock.errors import DocumentError, UsageError, nearest_names
from penstock.integration import (
    Cleared,
    Diagnosis,
    ItemKind,
    ObserveContext,
    OfferedStream,
    RunContext,
    Step,
    StepItem,
)
from penstock_airbyte.config import AirbyteConfig, ConnectionConfig
from penstock_airbyte.diagnose import diagnosis_of
from penstock_airbyte.job import WHOLE, JobStream, is_about, state_key
from penstock_airbyte.observe import EVERY, table_id
from penstock_airbyte.prepare import Preparation
from penstock_airbyte.schema import fields_of
from penstock_airbyte.source import Source
from penstock_airbyte.streams import SyncedStream, synced_streams
from penstock_manifests.airbyte import AirbyteStream, State, decode_state, encode_state
from penstock_manifests.errors import ManifestError

_Observing = ObserveContext[AirbyteConfig]
_Running = RunContext[AirbyteConfig]


def check(context: _Observing, name: str) -> Diagnosis:
    return diagnosis_of(context, name, connection_named(context.config, name))


def discover(context: _Observing, name: str) -> tuple[OfferedStream, ...]:
    config = connection_named(context.config, name)
    source = Source(context, name, config.source)
    catalog = source.catalog(source.connector(context.progress), context.progress, max_age=0.0)
    place = f"airbyte.{context.instance}.connections.{name}"
    try:
        address = context.address(context.connection(config.destination))
        synced = synced_streams(config, catalog, address, place)
    except UsageError as error:  # what is offered helps to mend it
        context.progress(error.what)
        synced = ()
    by_stream = {(one.stream.namespace, one.stream.name): one for one in synced}
    return tuple(_offered(one, by_stream.get((one.namespace, one.name))) for one in catalog.streams)


def _offered(stream: AirbyteStream, synced: SyncedStream | None) -> OfferedStream:
    offered = OfferedStream(
        name=f"{stream.namespace}.{stream.name}" if stream.namespace else stream.name,
        modes=tuple(stream.supported_sync_modes),
        source_key=tuple(".".join(path) for path in stream.source_defined_primary_key or ()),
        source_cursor=".".join(stream.default_cursor_field or ()) or None,
        cursor_is_the_sources=bool(stream.source_defined_cursor),
        fields=fields_of(stream.json_schema),
    )
    if synced is None:
        return offered
    return msgspec.structs.replace(
        offered,
        name=synced.label,
        sync_mode=synced.mode.value,
        table=synced.table,
        primary_key=synced.primary_key,
        cursor=synced.cursor,
    )


def state(context: _Running, name: str) -> bytes:
    preparation = _prepared(context, name)
    kept = preparation.destination.state(preparation.loader)
    states = [msgspec.json.decode(value, type=State) for _, value in sorted(kept.items())]
    return encode_state(states)


def set_state(context: _Running, name: str, data: bytes) -> None:
    preparation = _prepared(context, name)
    try:
        states = decode_state(data)
    except ManifestError as error:
        raise DocumentError(f"no Airbyte state: {error}", hint="penstock airbyte state shows one") from None
    located = [one for one in preparation.located(lambda line: None) if one.incremental]
    chosen: dict[str, str] = {}
    for one in states:
        chosen[_key_of(one, located, name)] = msgspec.json.encode(one).decode()
    if WHOLE in chosen and len(states) > 1:
        raise DocumentError("a state for all streams stands alone: GLOBAL or LEGACY, and no other beside it")
    preparation.destination.reset(preparation.loader, chosen, ())


def _key_of(one: State, located: Sequence[JobStream], name: str) -> str:
    if one.type in ("GLOBAL", "LEGACY"):
        return WHOLE
    if one.stream is None:
        raise DocumentError(f"a state of type {one.type} names no stream")
    wanted = one.stream.stream_descriptor
    for stream in located:
        offered = stream.stream.stream
        if (offered.name, offered.namespace) == (wanted.name, wanted.namespace):
            return state_key(stream)
    raise DocumentError(
        f"a state of '{wanted.name}', which {name} does not read incrementally",
        hint="incremental here: " + (", ".join(stream.stream.label for stream in located) or "none"),
    )


def clear(context: _Running, name: str, streams: Sequence[str]) -> tuple[Cleared, ...]:
    preparation = _prepared(context, name)
    located = preparation.located(lambda line: None)
    chosen = _chosen(located, name, streams)
    kept = preparation.destination.state(preparation.loader)
    if WHOLE in kept and len(chosen) < len(located):
        raise UsageError(
            f"the source of {name} keeps one state for all its streams: they can only be cleared together",
            hint=f"penstock airbyte clear {name}",
        )
    left = {
        key: value
        for key, value in kept.items()
        if key != WHOLE and not any(is_about(key, stream) for stream in chosen)
    }
    rows = preparation.destination.reset(preparation.loader, left, [stream.relation for stream in chosen])
    return tuple(
        Cleared(name=one.stream.label, table=str(one.relation), rows=rows.get(one.relation)) for one in chosen
    )


def items(context: _Running, name: str, streams: Sequence[str]) -> tuple[str, ...]:
    located = _prepared(context, name).located(lambda line: None)
    return tuple(stream.item for stream in _chosen(located, name, streams))


def _chosen(located: Sequence[JobStream], name: str, streams: Sequence[str]) -> list[JobStream]:
    known = {stream.stream.label: stream for stream in located}
    for wanted in streams:
        if wanted not in known:
            near = nearest_names(wanted, known, limit=1)
            guess = f"; did you mean '{near[0]}'?" if near else ""
            raise UsageError(
                f"{name} syncs no stream '{wanted}'{guess}", hint="it syncs: " + ", ".join(sorted(known))
            )
    return [stream for label, stream in known.items() if not streams or label in streams]


def connection_named(config: AirbyteConfig, name: str) -> ConnectionConfig:
    if name not in config.connections:
        near = nearest_names(name, config.connections, limit=1)
        guess = f"; did you mean '{near[0]}'?" if near else ""
        raise UsageError(
            f"no connection '{name}'{guess}", hint="there are: " + ", ".join(sorted(config.connections))
        )
    return config.connections[name]


def _prepared(context: _Running, name: str) -> Preparation:
    connection_named(context.config, name)
    item = StepItem(table_id(name, EVERY), ItemKind.ASSET)
    step = Step(id=name, integration="airbyte", instance=context.instance, kind="sync", items=(item,))
    return Preparation(context, step)
