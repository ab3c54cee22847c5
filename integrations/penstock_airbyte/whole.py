"""One state for all streams of a source, with single streams taken out of it. Pure."""

from __future__ import annotations

import msgspec

from penstock_airbyte.roster import Names
from penstock_manifests.airbyte import State


def without(state: State, names: Names) -> State | None:
    """The state after which a source reads the streams that `names` knows from their beginning, and goes on with the others.

    None when the state does not say which part of it is whose: then all of them begin again.
    """
    if state.global_ is not None:
        others = tuple(
            part
            for part in state.global_.stream_states
            if names(part.stream_descriptor.name, part.stream_descriptor.namespace) is None
        )
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
