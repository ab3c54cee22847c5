"""Which warehouses a run has worked in since their catalog was read. Marks lie beside the snapshots, so that one serves every
environment and every set of options; no snapshot is rewritten for one. Asks no warehouse."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from penstock.service.snapshot import Entry, file_name
from penstock.service.workspace import Workspace
from penstock.system.files import private_folder, write_private

if TYPE_CHECKING:  # most commands that look plan nothing
    from penstock.plan import PlanItem

_WORKED = "a run has worked there since"


def worked_in(workspace: Workspace, items: Iterable[PlanItem]) -> frozenset[str]:
    """The parts of the snapshot that tell of the warehouses in which these are made."""
    places = {item.relation.namespace for item in items if item.relation is not None}
    return frozenset(
        f"warehouse/{name}"
        for name in workspace.catalogs()
        if places and workspace.address(workspace.connection(name)).namespace in places
    )


def mark(workspace: Workspace, parts: Iterable[str]) -> None:
    """From now on what is known of these parts is older than what lies there. That it cannot be written fails no run."""
    for part in parts:
        file = _file(workspace.project.state_dir, part)
        try:
            private_folder(file.parent)
            # As text: a file system may keep whole seconds only, or another clock than that which says when a catalog was asked.
            write_private(file, repr(time.time()).encode())
        except OSError:
            return


def marked(state_dir: Path, entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """The entries, `stale` where a mark is newer than the question that was asked. What a file's own stat tells needs no mark."""
    return {
        name: msgspec.structs.replace(entry, stale=_WORKED)
        if entry.stale is None and is_behind(state_dir, name, entry)
        else entry
        for name, entry in entries.items()
    }


def is_behind(state_dir: Path, name: str, entry: Entry) -> bool:
    """Whether a run has worked there since it was asked."""
    if not name.startswith("warehouse/") or entry.stamps is not None:
        return False
    try:
        return float(_file(state_dir, name).read_bytes()) >= entry.asked_at
    except (OSError, ValueError):
        return False


def _file(state_dir: Path, part: str) -> Path:
    return state_dir / "worked" / file_name(part)
