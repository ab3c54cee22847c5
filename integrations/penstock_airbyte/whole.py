"""What a source's state says of single streams, and one state for all of them without some. Pure."""

from __future__ import annotations

import msgspec

from penstock_airbyte.roster import Names
from penstock_manifests.airbyte import State, StreamState


def without(state: State, names: Names) -> State | None:
    """The state after which a source reads the streams that `names` knows from their beginning, and goes on with the others.

    None when the state does not say which part of it is whose: then all of them begin again.
    """
    if state.global_ is not None:
        others = tuple(part for part in state.global_.stream_states if names(*_place(part)) is None)
        whole = msgspec.structs.replace(state.global_, stream_states=others)
        return msgspec.structs.replace(state, global_=whole)
    try:
        members = msgspec.json.decode(state.data, type=dict[str, msgspec.Raw])
    except msgspec.DecodeError:
        return None
    # The oldest form is the connector's own object; most keep one member per stream.
    if not any(bytes(part).startswith(b"{") for part in members.values()):
        return None
    kept = {name: part for name, part in members.items() if names(name, None) is None}
    return msgspec.structs.replace(state, data=msgspec.Raw(msgspec.json.encode(kept)))


def apart(state: State, stream: Names) -> msgspec.Raw | None:
    """What a state for all streams says of the one that `stream` knows; None where nothing stands by itself.

    Beside a place that is shared it does not: of a change log's stream it says no more than that the stream has been read.
    """
    if state.global_ is not None:
        if _holds(state.global_.shared_state):
            return None
        parts = state.global_.stream_states
        own = [part.stream_state for part in parts if stream(*_place(part)) is not None]
    else:
        try:
            members = msgspec.json.decode(state.data, type=dict[str, msgspec.Raw])
        except msgspec.DecodeError:
            return None
        own = [part for name, part in members.items() if stream(name, None) is not None]
    return next((part for part in own if bytes(part).startswith(b"{") and _holds(part)), None)


def goes_on(state: State, stream: Names, streams: Names) -> bool:
    """Whether a source that is given this state goes on with the one that `stream` knows, rather than begin it.

    A state that names none of the `streams` is of all of them, as the place in a log of changes.
    """
    if state.stream is not None:
        return _holds(state.stream.stream_state)
    if state.global_ is not None:
        parts = state.global_.stream_states
        own = [part.stream_state for part in parts if stream(*_place(part)) is not None]
        return bool(own) or not parts if _holds(state.global_.shared_state) else any(map(_holds, own))
    try:
        members = msgspec.json.decode(state.data, type=dict[str, msgspec.Raw])
    except msgspec.DecodeError:
        return _holds(state.data)
    own = [part for name, part in members.items() if stream(name, None) is not None]
    if own:
        return any(map(_holds, own))
    return bool(members) and not any(streams(name, None) is not None for name in members)


def _holds(state: msgspec.Raw) -> bool:
    return msgspec.json.decode(state) not in (None, {})


def _place(part: StreamState) -> tuple[str, str | None]:
    return part.stream_descriptor.name, part.stream_descriptor.namespace
