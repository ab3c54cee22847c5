"""What a check reads: the relations that its SQL names, and of each the columns. Whatever is not sure is read whole, or is a reason to run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from penstock.assets import AssetKey, Certainty, Check, ToolRef
from penstock.change import MadeFrom, volatility
from penstock.change.inputs import column_set, direct
from penstock.errors import PenstockError
from penstock.graph import AssetGraph
from penstock.integration import ColumnSet, Content
from penstock.service.columnrecords import HARMLESS
from penstock.service.edges import Places

Reads = dict[AssetKey, ColumnSet | None]


def tested(graph: AssetGraph, check: Check) -> tuple[AssetKey, ...]:
    """The assets that it reads as its tool tells, ephemeral models looked through; of a unit test those that its asset reads."""
    if check.before:
        return tuple(dict.fromkeys(one for asset in check.assets for one in direct(graph, asset)))
    return tuple(dict.fromkeys(one for asset in check.assets for one in looked_through(graph, asset)))


def looked_through(graph: AssetGraph, key: AssetKey) -> tuple[AssetKey, ...]:
    return (key,) if graph.assets[key].relation is not None else direct(graph, key)


def by_ref(graph: AssetGraph) -> dict[ToolRef, AssetKey]:
    return {check.seen_by: key for key, check in graph.checks.items()}


class Reading:
    """Of one graph. `contents` has the columns of what is read."""

    def __init__(
        self, graph: AssetGraph, known: Mapping[AssetKey, MadeFrom], texts: Mapping[AssetKey, tuple[str, str]]
    ) -> None:
        self._graph = graph
        self._known = known
        self._texts = texts
        self._places: dict[str, Places] = {}

    def of(self, check: Check, contents: Iterable[tuple[AssetKey, Content]]) -> tuple[Reads, str] | None:
        """Its reads, and why the same rows may be judged otherwise ("" when not). None: that cannot be told."""
        reads: Reads = dict.fromkeys(tested(self._graph, check))
        if check.before:
            return self._of_unit_test(check, reads)
        text = self._texts.get(check.key)
        if text is None or not reads:
            return None
        found = self._followed(*text, next(iter(reads)).namespace, dict(contents))
        if found is None or not found.keys() >= reads.keys():
            # What its tool names and its SQL does not read is no reason to doubt it; to read it whole is the safe side.
            found = None if found is None else reads | found
        changing = volatility(*text)
        return None if found is None else (found, changing.why if changing is not None else "")

    def _of_unit_test(self, check: Check, reads: Reads) -> tuple[Reads, str] | None:
        """Its rows are its own; a clock or chance in the SQL that it runs is not."""
        texts = [self._texts.get(asset) for asset in check.assets]
        if not texts or not reads:
            return None
        found = [volatility(*text) for text in texts if text is not None]
        if len(found) < len(texts):
            return None
        return reads, next((one.why for one in found if one is not None), "")

    def _followed(
        self, sql: str, dialect: str, space: str, contents: Mapping[AssetKey, Content]
    ) -> Reads | None:
        """None when it reads what is no asset here, or cannot be read."""
        from penstock.lineage import column_lineage

        schema: dict[str | tuple[str, ...], Mapping[str, str | None] | Iterable[str]] = {
            relation.parts: {name: kind or None for name, kind in content.columns}
            for key, content in contents.items()
            if (relation := self._graph.assets[key].relation) is not None
        }
        try:
            found = column_lineage(sql, dialect=dialect, schema=schema)
        except PenstockError:
            return None
        places = self._places.setdefault(space, Places(self._graph, space))
        keys = {use.parts: places.find(use.parts) for use in found.relations if not use.temporary}
        if any(use.written for use in found.relations) or None in keys.values():
            return None
        sure = all(edge.certainty is Certainty.RESOLVED for edge in found.edges)
        if (
            not sure
            or not {one.code for one in found.findings} <= HARMLESS
            or any(column.open for column in found.columns)
        ):
            return {key: None for key in keys.values() if key is not None}
        names: dict[AssetKey, set[str]] = {key: set() for key in keys.values() if key is not None}
        for edge in found.edges:
            key = keys.get(edge.relation or ())
            if key is None:
                return dict.fromkeys(names)
            names[key].add(edge.column)
        return {key: column_set(several) for key, several in names.items()}
