"""A source's state: where it goes on next time. Per stream, global, or the legacy form (one opaque object).

What is the connector's own is kept as the text that it wrote: a number read and written again may be another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from penstock_manifests.airbyte.halves import held, written
from penstock_manifests.decode import decode
from penstock_manifests.errors import ManifestError

NULL = msgspec.Raw(b"null")
_DEEPEST = 400
_MARKS = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{}]', re.DOTALL)


class StreamDescriptor(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    name: str
    namespace: str | None = None


class StreamState(msgspec.Struct, frozen=True, omit_defaults=True):
    """`stream_state` is the connector's own; null means that the stream has no state yet."""

    stream_descriptor: StreamDescriptor
    stream_state: msgspec.Raw = NULL


class GlobalState(msgspec.Struct, frozen=True):
    stream_states: tuple[StreamState, ...] = ()
    shared_state: msgspec.Raw = NULL


class StateStats(msgspec.Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    record_count: float | None = None


class State(msgspec.Struct, frozen=True, omit_defaults=True):
    """One STATE message. `type` is STREAM, GLOBAL or LEGACY; without one it is legacy, as the protocol's oldest version wrote it,
    unless its content says otherwise (see `settled`)."""

    type: str = "LEGACY"
    stream: StreamState | None = None
    global_: GlobalState | None = msgspec.field(default=None, name="global")
    data: msgspec.Raw = NULL
    source_stats: StateStats | None = msgspec.field(default=None, name="sourceStats")
    destination_stats: StateStats | None = msgspec.field(default=None, name="destinationStats")


_STATES = msgspec.json.Decoder(tuple[State, ...])
_LEGACY = msgspec.json.Decoder(dict[str, msgspec.Raw])


def settled(state: State, line: bytes, file: str) -> State:
    """The state of a message, its type told by its content where it has none. Raises ManifestError for one whose content is not
    here: it would be taken for the state of a source that has not begun; and for one that could not be read again."""
    _refuse_deep(line, file)
    kind = state.type
    if kind == "LEGACY" and state.data == NULL:
        kind = "STREAM" if state.stream is not None else "GLOBAL" if state.global_ is not None else kind
    held = {"STREAM": state.stream is not None, "GLOBAL": state.global_ is not None, "LEGACY": True}
    if kind not in held:
        raise ManifestError(file, "$.state.type", "STREAM, GLOBAL or LEGACY", kind[:40])
    if not held[kind]:
        raise ManifestError(file, "$.state", f"a field {kind.lower()}", "none")
    return msgspec.structs.replace(state, type=kind)


def _refuse_deep(line: bytes, file: str) -> None:
    """How deep a decoder goes depends on where it is called: what it reads here, it may not read when the source shall go on."""
    if line.count(b"[") + line.count(b"{") <= _DEEPEST:
        return
    depth = 0
    for mark in _MARKS.finditer(line):
        depth += {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(mark[0], 0)
        if depth > _DEEPEST:
            raise ManifestError(file, "$.state", f"at most {_DEEPEST} levels", "deeper nesting")


def decode_state(data: bytes, file: str = "state") -> tuple[State, ...]:
    """The inverse of `encode_state`; an object alone is the legacy form. Raises ManifestError."""
    data = held(data)
    if data.lstrip().startswith(b"["):
        return decode(_STATES, data, file)
    return (State(data=msgspec.Raw(msgspec.json.encode(decode(_LEGACY, data, file)))),)


def encode_state(states: Iterable[State]) -> bytes:
    """The file that `read --state` takes: a list of state messages, or the legacy object alone."""
    listed = tuple(states)
    if len(listed) == 1 and listed[0].type == "LEGACY":
        return b"{}" if listed[0].data == NULL else written(bytes(listed[0].data))
    return written(msgspec.json.encode([_message(state) for state in listed]))


def _message(state: State) -> dict[str, object]:
    # `type` is always written: a connector tells the forms apart by it.
    fields: dict[str, object] = {"type": state.type}
    if state.stream is not None:
        fields["stream"] = state.stream
    if state.global_ is not None:
        fields["global"] = state.global_
    if state.data != NULL:
        fields["data"] = state.data
    return fields
