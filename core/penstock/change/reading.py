"""What of the tables that are made elsewhere is newly read or no longer read, and which tables keep what older code made. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from penstock.assets import AssetKey, AssetKind
from penstock.change.own import Own
from penstock.change.reach import Reach, Reached
from penstock.change.revision import Member, Reading, Redo, Revision
from penstock.lineage.project.column_graph import ColumnGraph

_KEEPING = frozenset({"incremental", "microbatch"})
Read = dict[AssetKey, set[str]]


def readings(before: Revision, after: Revision, reach: Reach) -> Iterator[Reading]:
    was, now = _read(before, reach.former_edges), _read(after, reach.edges)
    members = {**before.members, **after.members}
    for key in sorted(was.keys() | now.keys()):
        newly, no_longer = (
            now.get(key, set()) - was.get(key, set()),
            was.get(key, set()) - now.get(key, set()),
        )
        whole = "newly" if key not in was else "no_longer" if key not in now else ""
        if newly or no_longer or whole:
            yield Reading(
                asset=members[key].name if key in members else key.name,
                newly=tuple(sorted(newly)),
                no_longer=tuple(sorted(no_longer)),
                whole=whole,
            )


def _read(revision: Revision, edges: ColumnGraph) -> Read:
    """Per table that is not made here the columns that something made here reads."""
    members = revision.members
    made = {key for key, member in members.items() if member.made and member.sql is not None}
    found: Read = {}
    for key in made:
        for one in members[key].reads:
            if one not in members or not members[one].made:
                found.setdefault(one, set())
    for reader, sources in edges.reads().items():
        if reader not in made:
            continue
        for one, columns in sources.items():
            if one not in members or not members[one].made:
                found.setdefault(one, set()).update(name.lower() for name in columns if name not in ("", "*"))
    return found


def redo(after: Revision, reach: Reach, own: Mapping[AssetKey, Own]) -> Iterator[Redo]:
    for key, reached in reach.found.items():
        member = after.members[key]
        if not member.made or key not in own:
            continue
        if member.form in _KEEPING:
            for message in _kept(member, reached):
                yield Redo(asset=member.name, form=member.form, message=message)
        elif member.kind is AssetKind.SNAPSHOT and (reached.data or reached.listed):
            message = (
                "rows whose compared columns change get a new version; earlier versions stay as they are"
            )
            yield Redo(asset=member.name, form=member.form, message=message)


def _kept(member: Member, reached: Reached) -> Iterator[str]:
    if reached.data:
        what = (
            "all columns" if reached.everything else ", ".join((*reached.removed, *sorted(reached.columns)))
        )
        yield f"{what}: rows that are there keep what they hold until a full refresh; new rows follow the change"
    if reached.added or reached.removed:
        names = ", ".join((*reached.added, *reached.removed))
        if member.on_columns == "ignore":
            yield f"{names}: the table keeps its columns until a full refresh, as it is configured"
        elif member.on_columns == "fail":
            yield f"{names}: the next run fails, as it is configured; a full refresh makes it anew"
