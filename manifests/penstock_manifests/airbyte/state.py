"""A source's state: where it goes on next time. Per stream, global, or the legacy form (one opaque object)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from penstock_manifests.decode import decode


class StreamDescriptor(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    name: str
    namespace: str | None = None


class StreamState(msgspec.Struct, frozen=True, omit_defaults=True):
    """`stream_state` is the connector's own; None means that the stream has no state yet."""

    stream_descriptor: StreamDescriptor
    stream_state: object = None


class GlobalState(msgspec.Struct, frozen=True, omit_defaults=True):
    stream_states: tuple[StreamState, ...]
    shared_state: object = None


class StateStats(msgspec.Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    record_count: float | None = None


class State(msgspec.Struct, frozen=True, omit_defaults=True):
    """One STATE message. `type` is STREAM, GLOBAL or LEGACY; without one it is legacy, as the protocol's oldest version wrote it."""

    type: str = "LEGACY"
    stream: StreamState | None = None
    global_: GlobalState | None = msgspec.field(default=None, name="global")
    data: object = None
    source_stats: StateStats | None = msgspec.field(default=None, name="sourceStats")
    destination_stats: StateStats | None = msgspec.field(default=None, name="destinationStats")


_STATES = msgspec.json.Decoder(tuple[State, ...])
_LEGACY = msgspec.json.Decoder(dict[str, object])


def decode_state(data: bytes, file: str = "state") -> tuple[State, ...]:
    """The inverse of `encode_state`; an object alone is the legacy form. Raises ManifestError."""
    if data.lstrip().startswith(b"["):
        return decode(_STATES, data, file)
    return (State(data=decode(_LEGACY, data, file)),)


def encode_state(states: Iterable[State]) -> bytes:
    """The file that `read --state` takes: a list of state messages, or the legacy object alone."""
    listed = tuple(states)
    if len(listed) == 1 and listed[0].type == "LEGACY":
        return msgspec.json.encode(listed[0].data if listed[0].data is not None else {})
    return msgspec.json.encode([_message(state) for state in listed])


def _message(state: State) -> dict[str, object]:
    # `type` is always written: a connector tells the forms apart by it.
    fields: dict[str, object] = {"type": state.type}
    if state.stream is not None:
        fields["stream"] = state.stream
    if state.global_ is not None:
        fields["global"] = state.global_
    if state.data is not None:
        fields["data"] = state.data
    return fields
