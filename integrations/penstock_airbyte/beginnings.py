"""What a sync finds in its tables that it will not mend: rows that come a second time, rows that were merged by another key. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from penstock.assets import Relation
from penstock_airbyte.config import SyncMode
from penstock_airbyte.drift import LoadedStream
from penstock_airbyte.job import WHOLE, JobStream, names_of, state_key
from penstock_airbyte.whole import goes_on
from penstock_manifests.airbyte import State


def told(
    connection: str,
    streams: Sequence[JobStream],
    state: Mapping[str, str],
    there: Mapping[Relation, bool],
    loaded: Mapping[str, LoadedStream],
) -> Iterator[str]:
    """`state` is what the sync goes on from, `there` which tables exist and whether they have rows, `loaded` as what each stream was
    loaded last."""
    for one in streams:
        if one.anew:
            continue
        label, mode = one.stream.label, one.stream.mode
        begins = there.get(one.relation) and not _goes_on(one, streams, state)
        if mode is SyncMode.INCREMENTAL_APPEND and begins:
            yield (
                f"{label}: nothing is kept of where its source was, and its table has rows: it is read from the beginning, and"
                f" what is there already comes a second time; penstock airbyte refresh {connection} loads it once"
            )
        before = loaded.get(label)
        if before is None or mode is not SyncMode.INCREMENTAL_APPEND_DEDUP or before.mode != mode.value:
            continue
        if before.primary_key != one.stream.primary_key:
            yield (
                f"{label}: its key was {', '.join(before.primary_key)} and is {', '.join(one.stream.primary_key)}: rows that were"
                f" merged by the old one stay merged; penstock airbyte refresh {connection} loads it by the new one"
            )


def _goes_on(one: JobStream, streams: Sequence[JobStream], state: Mapping[str, str]) -> bool:
    kept = state.get(WHOLE, state.get(state_key(one)))
    if kept is None:
        return False
    return goes_on(msgspec.json.decode(kept, type=State), names_of((one,)), names_of(streams))
