"""Which columns differ once every edit has come down the graph: an asset after what it reads, by column, never by less. Pure.

What is not resolved widens: a reader that could not be followed differs as a whole when anything that it reads does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from penstock.assets import AssetKey, AssetKind, Certainty, ColumnEdge, EdgeSubtype, EdgeType
from penstock.change.own import Own
from penstock.change.revision import Member, Revision
from penstock.lineage.project.column_graph import ColumnGraph

# With a star, these look at the whole list of columns that the star stands for.
_WHOLE_ROWS = re.compile(
    r"\b(union|except|intersect|minus|distinct|natural|pivot|unpivot|columns|group\s+by\s+all|insert)\b",
    re.IGNORECASE,
)
_STAR = re.compile(r"\*")
_SHOWS = frozenset({AssetKind.EXPOSURE, AssetKind.METRIC, AssetKind.SEMANTIC_MODEL, AssetKind.SAVED_QUERY})
_OPEN_ENDED = frozenset({"set-operation", "not-followed", "unnamed-target", "ambiguous-relation"})


@dataclass(slots=True)
class Reached:
    """What differs of one asset. `everything` says why all of it; `columns` maps a column to the assets that bring its change.
    `added`, `removed` and `moved` are of its list of columns."""

    everything: str = ""
    columns: dict[str, set[AssetKey]] = field(default_factory=dict)
    because: set[AssetKey] = field(default_factory=set)
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    moved: bool = False

    @property
    def data(self) -> bool:
        return bool(self.everything or self.columns or self.removed)

    @property
    def listed(self) -> bool:
        return bool(self.added or self.removed or self.moved)


class Reach:
    """`found` has each asset of the later version that differs in any way."""

    def __init__(self, before: Revision, after: Revision, own: Mapping[AssetKey, Own]) -> None:
        self._before, self._after, self._own = before, after, own
        self.former_edges, self.edges = ColumnGraph.decode(before.edges), ColumnGraph.decode(after.edges)
        self.found: dict[AssetKey, Reached] = {}
        for key in _ordered(after.members):
            reached = self._of(key, after.members[key])
            if reached.data or reached.listed:
                self.found[key] = reached

    def _of(self, key: AssetKey, member: Member) -> Reached:
        former = self._before.members.get(key)
        reached = Reached()
        if former is None:
            if member.made:
                reached.everything = "it is new"
            return reached
        if member.made:
            self._list(former, member, reached)
        own = self._own.get(key)
        if own is not None and own.sql.everything:
            reached.everything = own.sql.everything
        elif own is not None:
            outputs = _lower(member.columns)
            for name in own.sql.names:
                if name in outputs or member.open or member.columns is None:
                    reached.columns.setdefault(name, set())
        for name in reached.added:
            reached.columns.pop(name, None)
        if not reached.everything:
            self._inherit(key, former, member, reached)
        return reached

    def _list(self, former: Member, member: Member, reached: Reached) -> None:
        if former.columns is None or member.columns is None:
            return
        before, after = _lower(former.columns), _lower(member.columns)
        if member.kind is AssetKind.SNAPSHOT:  # it keeps every column that it has had
            reached.columns.update((name, set()) for name in before if name not in after)
            after = {**after, **before}
        if not former.open:
            reached.added = tuple(name for name in after if name not in before)
        if not member.open:
            reached.removed = tuple(name for name in before if name not in after)
        reached.moved = list(before) != list(after)[: len(before)]

    def _inherit(self, key: AssetKey, former: Member, member: Member, reached: Reached) -> None:
        if member.kind in _SHOWS:
            return
        parents = [
            one for one in dict.fromkeys((*member.upstream, *member.reads)) if self._counts(one, member)
        ]
        if any(self.found[one].listed for one in parents):
            self._rebound(key, member, reached)
        for parent in parents:
            change = self.found[parent]
            if change.everything:
                reached.everything = f"{self._after.members[parent].name} changes as a whole"
                reached.because.add(parent)
                return
        if not parents or not member.made or reached.everything:
            return
        why = self._blind(member, parents)
        if why:
            reached.everything = why
            reached.because.update(parents)
            return
        self._by_edges(key, member, reached)

    def _counts(self, parent: AssetKey, member: Member) -> bool:
        """An ephemeral parent stands in the SQL of who reads it, and was compared there, if there is any."""
        if parent not in self.found:
            return False
        return self._after.members[parent].kind is not AssetKind.EPHEMERAL or member.sql is None

    def _blind(self, member: Member, parents: Iterable[AssetKey]) -> str:
        """Why it must be taken to differ as a whole."""
        changed = [one for one in parents if self.found[one].data or self.found[one].listed]
        names = ", ".join(sorted(self._after.members[one].name for one in changed)[:3])
        if not changed:
            return ""
        if member.sql is None:
            return f"reads {names}, and its SQL is not known" if member.kind is not AssetKind.SEED else ""
        if not member.followed:
            return f"reads {names}, and its columns could not be followed"
        if member.asks_rows:
            return f"reads {names}, and its SQL is made from what the warehouse answers"
        if member.asks and any(self.found[one].listed for one in changed):
            return f"its SQL is made from the columns of {names}, which change"
        if any(code in _OPEN_ENDED for code, _ in member.problems):
            return f"reads {names}, and was followed in part only"
        listed = any(self.found[one].listed for one in changed)
        if listed and _STAR.search(member.sql) and _WHOLE_ROWS.search(member.sql):
            return f"reads all columns of {names}, whose list changes"
        return ""

    def _by_edges(self, key: AssetKey, member: Member, reached: Reached) -> None:
        for edge in self.edges.into(key):
            for source in (edge.source.asset, *edge.candidates):
                change = self.found.get(source)
                if change is None or not _touches(change, edge):
                    continue
                reached.because.add(source)
                if edge.type is EdgeType.INDIRECT or not edge.target.column or edge.target.column == "*":
                    name = self._after.members[source].name
                    reached.everything = f"rows depend on {name}.{edge.source.column} ({edge.subtype.value})"
                    return
                name = edge.target.column.lower()
                if name not in reached.added:  # nobody has read it before
                    reached.columns.setdefault(name, set()).add(source)

    def _rebound(self, key: AssetKey, member: Member, reached: Reached) -> None:
        """A text that is the same may mean something else: a name that another relation has now too."""
        own = self._own.get(key)
        if own is not None and own.modified:
            return
        before, after = (
            {_meaning(edge) for edge in edges.into(key)} for edges in (self.former_edges, self.edges)
        )
        new = set(reached.added)
        for source, target, indirect in before ^ after:
            if target in new or target in reached.removed:
                continue
            if indirect or not target:
                reached.everything = f"its names mean something else ({source})"
                return
            reached.columns.setdefault(target, set())


def _ordered(members: Mapping[AssetKey, Member]) -> list[AssetKey]:
    """Each asset after all that its SQL reads, also what its tool does not know of: a relation that is named, and not referred to."""
    found: dict[AssetKey, None] = {}
    open_: set[AssetKey] = set()
    for start in members:
        stack = [(start, iter(_above(members[start], members)))]
        while stack:
            key, above = stack[-1]
            open_.add(key)
            following = next((one for one in above if one not in found and one not in open_), None)
            if following is None:
                found[key] = None
                stack.pop()
            else:
                stack.append((following, iter(_above(members[following], members))))
    return list(found)


def _above(member: Member, members: Mapping[AssetKey, Member]) -> list[AssetKey]:
    return [one for one in (*member.upstream, *member.reads) if one in members]


def _meaning(edge: ColumnEdge) -> tuple[str, str, bool]:
    doubt = "" if edge.certainty is Certainty.RESOLVED else f" {edge.certainty.value}"
    indirect = edge.type is EdgeType.INDIRECT
    return f"{edge.source}{doubt}", edge.target.column.lower(), indirect


def _touches(change: Reached, edge: ColumnEdge) -> bool:
    if change.everything:
        return True
    name = edge.source.column.lower()
    if name == "*" or not name:
        counted = (
            edge.masking and edge.subtype is EdgeSubtype.AGGREGATION
        )  # count(*): rows, whatever is in them
        return not counted and (change.data or change.listed)
    return name in change.columns or name in change.removed or name in change.added


def _lower(columns: Iterable[str] | None) -> dict[str, None]:
    return dict.fromkeys(name.lower() for name in columns or ())
