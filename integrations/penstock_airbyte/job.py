"""One sync as data, written down before it starts: streams, tables, the state it starts from. And what it loads when it ends."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from penstock.assets import Relation
from penstock.integration import ColumnRole, Load, LoadColumn, RowSource, TableLoad, WriteMode
from penstock_airbyte.checkpoints import Checkpoints
from penstock_airbyte.child import RAW, STAGING
from penstock_airbyte.config import SyncMode
from penstock_airbyte.declared import Declared
from penstock_airbyte.naming import META_COLUMNS
from penstock_airbyte.records import Records, Rows
from penstock_airbyte.roster import Names
from penstock_airbyte.schema import LOAD_TYPES, fields_of
from penstock_airbyte.streams import SyncedStream
from penstock_airbyte.tail import Tail
from penstock_airbyte.whole import apart, goes_on, without
from penstock_manifests.airbyte import (
    ConfiguredCatalog,
    ConfiguredStream,
    State,
    StreamDescriptor,
    StreamState,
)

_META = tuple(
    LoadColumn(name=name, role=role, type=kind)
    for name, role, kind in zip(
        META_COLUMNS,
        (ColumnRole.ROW_ID, ColumnRole.EXTRACTED_AT, ColumnRole.META, ColumnRole.GENERATION),
        ("string", "timestamp_tz", "json", "integer"),
        strict=True,
    )
)
_WRITE = {
    SyncMode.FULL_REFRESH_OVERWRITE: (WriteMode.REPLACE, "overwrite"),
    SyncMode.FULL_REFRESH_APPEND: (WriteMode.APPEND, "append"),
    SyncMode.INCREMENTAL_APPEND: (WriteMode.APPEND, "append"),
    SyncMode.INCREMENTAL_APPEND_DEDUP: (WriteMode.MERGE, "append_dedup"),
}
_STREAM = "stream:"
WHOLE = "whole"  # the state key of a source that keeps one state for all its streams


class JobStream(msgspec.Struct, frozen=True, kw_only=True):
    """One stream of a sync. `item` is the step's item: the table's id. `anew`: read from its beginning, whatever its state; the
    table is swapped when all is there."""

    item: str
    stream: SyncedStream
    relation: Relation
    anew: bool = False

    @property
    def name(self) -> str:
        return self.stream.stream.name

    @property
    def incremental(self) -> bool:
        """Whether it goes on from a state."""
        return self.stream.mode.incremental and not self.anew


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """`source` is the fingerprint of connector and configuration; `sync_id` goes into every row's meta; `state` is what it goes
    on from, `held` what the warehouse held when the job was made (None: not asked)."""

    connection: str
    loader: str
    source: str
    sync_id: int
    streams: tuple[JobStream, ...]
    state: dict[str, str] = {}
    held: dict[str, str] | None = None

    def names(self) -> Names:
        """Rows are counted by item."""
        return names_of(self.streams)

    def configured(self) -> ConfiguredCatalog:
        return ConfiguredCatalog(tuple(_configured(stream.stream) for stream in self.streams))

    def states(self) -> list[State]:
        """What the connector is told: where its incremental streams go on."""
        if WHOLE in self.state and any(stream.anew for stream in self.streams):
            return []
        if WHOLE in self.state:
            return [msgspec.json.decode(self.state[WHOLE], type=State)]
        keys = [state_key(stream) for stream in self.streams if stream.incremental]
        return [msgspec.json.decode(self.state[key], type=State) for key in keys if key in self.state]


def names_of(streams: Sequence[JobStream]) -> Names:
    """Streams to their items. One whose name is its own is found whatever namespace its rows have."""
    exact = {(stream.name, stream.stream.stream.namespace): stream.item for stream in streams}
    loose = {stream.name: stream.item for stream in streams if stream.stream.unique_name}

    def named(stream: str, namespace: str | None) -> str | None:
        return loose.get(stream) or exact.get((stream, namespace))

    return named


def state_key(stream: JobStream) -> str:
    """Names the cursor too: a state says nothing about another one."""
    parts = (stream.stream.stream.namespace, stream.name, stream.stream.cursor)
    return _STREAM + msgspec.json.encode(parts).decode()


def usable_state(
    state: Mapping[str, str], streams: Sequence[JobStream], existing: Iterable[Relation]
) -> dict[str, str]:
    """Without the states of streams whose table is not there: only those start from the beginning."""
    there = set(existing)
    lost = [stream for stream in streams if stream.incremental and stream.relation not in there]
    keys = {state_key(stream) for stream in lost}
    kept = {key: value for key, value in state.items() if key not in keys}
    return _forget(kept, lost)


def _forget(state: dict[str, str], streams: Sequence[JobStream]) -> dict[str, str]:
    """Without what a state for all streams says about these ones."""
    if WHOLE not in state or not streams:
        return state
    whole = without(msgspec.json.decode(state[WHOLE], type=State), names_of(streams))
    rest = {key: value for key, value in state.items() if key != WHOLE}
    return rest if whole is None else {**rest, WHOLE: _encoded(whole)}


def marked_ends(job: Job, tail: Tail) -> dict[str, int]:
    """Up to where each incremental stream is confirmed by a state, by item.

    A source that kept one state for all, and keeps one for each now, is confirmed when it has sent each of them: then they take
    the place of the one.
    """
    marks = {
        stream.item: tail.whole_mark or tail.stream_marks.get(stream.item)
        for stream in job.streams
        if stream.incremental
    }
    if tail.whole_mark is None and WHOLE in job.state and None in marks.values():
        return {}
    return {item: mark.end for item, mark in marks.items() if mark is not None}


def parted(job: Job, tail: Tail) -> tuple[dict[str, str], tuple[JobStream, ...]]:
    """Of the streams that have sent no state, where others have sent the first of their own: what the one state for all says of
    them, by state key; and those of which it says nothing apart, though the source goes on with them."""
    if WHOLE not in job.state or tail.whole_mark is not None or not tail.stream_marks:
        return {}, ()
    whole = msgspec.json.decode(job.state[WHOLE], type=State)
    silent = [one for one in job.streams if one.incremental and one.item not in tail.stream_marks]
    states: dict[str, str] = {}
    lost: list[JobStream] = []
    for one in silent:
        own = apart(whole, names_of((one,)))
        if own is not None:
            place = StreamDescriptor(one.name, one.stream.stream.namespace)
            states[state_key(one)] = _encoded(State(type="STREAM", stream=StreamState(place, own)))
        elif goes_on(whole, names_of((one,)), job.names()):
            lost.append(one)
    return states, tuple(lost)


def increments_so_far(job: Job, folder: Path, done: Checkpoints, until: int) -> Load:
    """The rows of incremental streams that are there while the connector goes on, to be staged ahead. Of all of them: with those alone
    that a state has confirmed, everything would be staged anew for each one more."""
    streams = [stream for stream in job.streams if stream.incremental]
    ends = dict.fromkeys((stream.item for stream in streams), until)
    return _increments(job, streams, folder, done, ends, token="", state={}, partial=True)


def increments_of(
    job: Job, tail: Tail, folder: Path, done: Checkpoints, token: str, *, success: bool
) -> Load:
    """Incremental streams since the last checkpoint: up to their last state, and after a success to the end."""
    ends = marked_ends(job, tail)
    state = dict(job.state if done.state is None else done.state)
    if tail.whole_mark is not None:
        # What is read anew has its rows only after the swap: until then a state says nothing about it.
        state = _forget({WHOLE: _encoded(tail.whole_mark.state)}, [s for s in job.streams if s.anew])
    else:
        if tail.stream_marks:
            state.pop(WHOLE, None)
        state |= parted(job, tail)[0]
        for stream in job.streams:
            mark = tail.stream_marks.get(stream.item)
            if stream.incremental and mark is not None:
                state[state_key(stream)] = _encoded(mark.state)
    if success:
        # Not to the end of the file: what the connector has left running may still write.
        ends = dict.fromkeys((stream.item for stream in job.streams), tail.end)
    streams = [stream for stream in job.streams if stream.incremental and stream.item in ends]
    return _increments(job, streams, folder, done, ends, token=token, state=state)


def _increments(
    job: Job,
    streams: Sequence[JobStream],
    folder: Path,
    done: Checkpoints,
    ends: Mapping[str, int],
    *,
    token: str,
    state: dict[str, str],
    partial: bool = False,
) -> Load:
    raw = folder / RAW
    return Load(
        loader=job.loader,
        token=token,
        tables=tuple(
            _table(job, stream, raw, ends[stream.item], done.ends.get(stream.item, 0)) for stream in streams
        ),
        state=state,
        staging=folder / STAGING / str(done.count),
        reader=_reader(job, streams, raw),
        partial=partial,
    )


def whole_so_far(job: Job, folder: Path, until: int) -> Load:
    """The rows of full refreshes that are there while the connector goes on, to be staged ahead."""
    return _whole(job, folder, until, partial=True)


def whole_of(job: Job, tail: Tail, folder: Path, token: str, state: Mapping[str, str]) -> Load:
    """The full refreshes of a sync that succeeded. After one, an increment would go on from the wrong place: its state goes.
    What was read anew goes on from the state that came with it."""
    streams = [stream for stream in job.streams if not stream.incremental]
    kept = _without(streams, state)
    anew = [stream for stream in streams if stream.anew]
    if anew:
        kept.pop(WHOLE, None)
        if tail.whole_mark is not None:
            kept = {WHOLE: _encoded(tail.whole_mark.state)}
        marks = {state_key(stream): tail.stream_marks.get(stream.item) for stream in anew}
        if tail.whole_mark is None:
            kept |= {key: _encoded(mark.state) for key, mark in marks.items() if mark is not None}
    return _whole(job, folder, tail.end, token, _forget(kept, [one for one in streams if not one.anew]))


def all_of(job: Job, tail: Tail, folder: Path, done: Checkpoints, token: str) -> Load:
    """The rest of a sync that succeeded, as one load: where rows follow the last state, nothing confirms them but the whole."""
    increments = increments_of(job, tail, folder, done, token, success=True)
    whole = whole_of(job, tail, folder, token, increments.state)
    streams = sorted(job.streams, key=lambda stream: not stream.incremental)
    return msgspec.structs.replace(
        whole,
        tables=(*increments.tables, *whole.tables),
        staging=folder / STAGING / "all",
        reader=_reader(job, streams, folder / RAW),
    )


def finished_of(
    job: Job, tail: Tail, folder: Path, token: str, state: Mapping[str, str], finished: Collection[str]
) -> Load:
    """Of a sync that failed, the tables whose streams were read to their end, and which are swapped whole: the next attempt
    swaps them again. One that only adds would add its rows twice; one that was read anew waits for its state."""
    streams = [
        stream
        for stream in job.streams
        if stream.item in finished and stream.stream.mode is SyncMode.FULL_REFRESH_OVERWRITE
    ]
    raw = folder / RAW
    return Load(
        loader=job.loader,
        token=token,
        tables=tuple(_table(job, stream, raw, tail.end) for stream in streams),
        state=_forget(_without(streams, state), streams),
        staging=folder / STAGING / "finished",
        reader=_reader(job, streams, raw),
    )


def _without(streams: Sequence[JobStream], state: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in state.items() if not any(is_about(key, one) for one in streams)}


def _whole(
    job: Job,
    folder: Path,
    until: int,
    token: str = "",
    state: dict[str, str] | None = None,
    *,
    partial: bool = False,
) -> Load:
    streams = [stream for stream in job.streams if not stream.incremental]
    return Load(
        loader=job.loader,
        token=token,
        tables=tuple(_table(job, stream, folder / RAW, until) for stream in streams),
        state=state or {},
        staging=folder / STAGING / "whole",
        reader=_reader(job, streams, folder / RAW),
        partial=partial,
    )


def _reader(job: Job, loaded: Sequence[JobStream], raw: Path) -> Records:
    places = {stream.item: place for place, stream in enumerate(loaded)}
    rows = {
        stream.item: Rows(
            place=places.get(stream.item),
            types={field: LOAD_TYPES.get(kind, "json") for field, _, kind in stream.stream.columns},
            declared=Declared(stream.name, fields_of(stream.stream.stream.json_schema)),
        )
        for stream in job.streams
    }
    return Records(raw, job.names(), rows)


def is_about(key: str, stream: JobStream) -> bool:
    """Whether a state is of this stream, by whatever cursor: after a full refresh it would go on from the wrong place."""
    if not key.startswith(_STREAM):
        return False
    namespace, name, _ = msgspec.json.decode(key.removeprefix(_STREAM))
    return (namespace, name) == (stream.stream.stream.namespace, stream.name)


def _encoded(state: State) -> str:
    return msgspec.json.encode(state).decode()


def _configured(stream: SyncedStream) -> ConfiguredStream:
    return ConfiguredStream(
        stream=stream.stream,
        sync_mode="incremental" if stream.mode.incremental else "full_refresh",
        destination_sync_mode=_WRITE[stream.mode][1],
        cursor_field=(stream.cursor,) if stream.cursor else (),
        primary_key=tuple((field,) for field in stream.primary_key),
    )


def _table(job: Job, stream: JobStream, raw: Path, until: int, start: int = 0) -> TableLoad:
    synced = stream.stream
    columns = {field: column for field, column, _ in synced.columns}
    where: list[tuple[str, str | None]] = [("$.type", "RECORD"), ("$.record.stream", stream.name)]
    if not synced.unique_name:
        where.append(("$.record.namespace", synced.stream.namespace))
    mode = WriteMode.REPLACE if stream.anew else _WRITE[synced.mode][0]
    return TableLoad(
        relation=stream.relation,
        mode=mode,
        columns=(
            *_META,
            *(
                LoadColumn(name=column, role=ColumnRole.FIELD, type=LOAD_TYPES.get(kind, "json"), field=field)
                for field, column, kind in synced.columns
            ),
        ),
        rows=RowSource(
            path=raw,
            where=tuple(where),
            row="$.record.data",
            time="$.record.emitted_at",
            changes="$.record.meta.changes",
            start=start,
            until=until,
        ),
        # Read anew, it is swapped whole, and still has one row for each key.
        primary_key=tuple(columns[field] for field in synced.primary_key)
        if synced.mode is SyncMode.INCREMENTAL_APPEND_DEDUP
        else (),
        cursor=columns.get(synced.cursor or ""),
        sync_id=job.sync_id,
        new_generation=not stream.incremental,
        unasked=tuple(field for field in fields_of(synced.stream.json_schema) if field not in columns),
    )
