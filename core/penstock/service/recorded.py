"""What the store has recorded of how each asset was made. It judges nothing: see `reusing`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from penstock.assets import AssetKey, Finding
from penstock.change import MadeFrom
from penstock.graph import AssetGraph
from penstock.service.history import reading_store
from penstock.service.workspace import Workspace

if TYPE_CHECKING:
    from penstock.store import RunStore

OLDER_CODE = "rows-of-older-code"
_DOCUMENT = msgspec.msgpack.Decoder(MadeFrom)


def recorded(workspace: Workspace) -> dict[AssetKey, MadeFrom]:
    with reading_store(workspace) as store:
        return decoded(store, workspace.project.environment) if store is not None else {}


def decoded(store: RunStore, environment: str) -> dict[AssetKey, MadeFrom]:
    """What the store has recorded of that environment; a document that cannot be read is not known."""
    found: dict[AssetKey, MadeFrom] = {}
    documents = store.made_from(environment)
    for key, document in documents.items():
        try:
            found[key] = _DOCUMENT.decode(document)
        except msgspec.DecodeError:
            continue  # of another penstock: it is made once more
    return found


def older_code(store: RunStore, graph: AssetGraph, environment: str) -> Iterator[Finding]:
    """What holds rows that its code would not make any more."""
    for key, made in decoded(store, environment).items():
        if made.older and key in graph.assets:
            name = graph.names.shown(key)
            yield Finding(
                code=OLDER_CODE,
                message=f"{name}: its rows from before run {made.older} were made by older code",
                asset=key,
                hint=f"penstock run --full-refresh -s {name}",
            )
