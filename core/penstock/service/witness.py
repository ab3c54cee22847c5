"""What lay in the warehouses right before and right after each step of a run, and whether somebody else wrote there meanwhile."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping

from penstock.assets import AssetKey, Recipe, Relation, ToolRef
from penstock.change import as_it_lies, output_version
from penstock.change.inputs import direct, through_views
from penstock.graph import AssetGraph
from penstock.integration import ColumnSet, Content
from penstock.service.contents import Holdings
from penstock.service.verdicts import by_ref, tested

Looked = Mapping[Relation, str | None]
_CLOSE = 1.0  # seconds: what two clocks, and the time that it takes to ask one, may be apart


class Witness:
    """What lay in the warehouse right before and right after each step."""

    def __init__(
        self,
        graph: AssetGraph,
        holdings: Holdings,
        audited: Collection[AssetKey] = (),
        *,
        close: float = _CLOSE,
    ) -> None:
        self._close = close
        self._graph = graph
        self._holdings = holdings
        self._checks = by_ref(graph)
        self._audited = frozenset(audited)
        self.held: dict[AssetKey, str | None] = {}  # by what is audited, right before its step
        self.after: dict[AssetKey, Looked] = {}
        self.began: dict[
            AssetKey, float
        ] = {}  # a clock in SQL tells this time or a later one, and inputs are as old
        self._done: dict[AssetKey, float] = {}
        self._made: dict[AssetKey, str | None] = {}  # how it lay when its tool said that it was made

    def before(self, refs: Iterable[ToolRef]) -> Looked:
        """Of everything that these items read. Blocking."""
        refs = tuple(refs)
        keys = self._keys(refs)
        self.began.update(dict.fromkeys(keys, time.time()))
        own = {key: place for key in keys if key in self._audited and (place := self._place(key)) is not None}
        contents = self._contents(own.values())
        self.held |= {key: output_version(contents.get(place)) for key, place in own.items()}
        return self._lies(one for key in keys for one in self._above(key))[0]

    def done(self, ref: ToolRef, at: float) -> None:
        """Its tool said then that it was made. `at` may be of another machine's clock: a moment that has not come here yet is none of ours."""
        self._done.update(dict.fromkeys(self._keys((ref,)), min(at, time.time())))

    def looks_at(self, ref: ToolRef) -> bool:
        """Whether what is made there has to be looked at as soon as it is: others may write into it, and nothing tells when they did."""
        return any(self._holdings.shared(key.namespace) for key in self._keys((ref,)) if self._place(key))

    def made(self, ref: ToolRef) -> None:
        """Its tool has said a moment ago that it was made. Blocking."""
        places = {key: place for key in self._keys((ref,)) if (place := self._place(key)) is not None}
        found = self._holdings.laid(places.values())
        self._made |= {key: found.get(place) for key, place in places.items()}

    def ended(self, refs: Iterable[ToolRef], before: Looked) -> None:
        """The step has made these. What moved under it, and was not made by it, is not told of. Blocking."""
        keys = self._keys(refs)
        own = {place: key for key in keys if (place := self._place(key)) is not None}
        # Made and read in one step: it was read as it lies now, unless something else of the step wrote into it. That it lies as before the step
        # is no sign: made anew, read, and then written into once more.
        settled = {place for place, key in own.items() if not _unsettled(self._graph, key)}
        lies, changed = self._lies([*own, *(one for key in keys for one in self._above(key))])
        theirs = {
            place
            for place, key in own.items()
            if self._written_later(key, lies.get(place), changed.get(place))
        }
        settled -= theirs
        for key in keys:
            above, mine = self._above(key), self._place(key)
            if mine in theirs:
                continue
            if all(one in settled if one in own else before.get(one) == lies.get(one) for one in above):
                self.after[key] = {one: lies.get(one) for one in (*above, *([mine] if mine else ()))}

    def _written_later(self, key: AssetKey, lies: str | None, changed: float | None) -> bool:
        """Whether something else may have written into it after it was made: where others may, only the time of the last change tells, or
        a look at that moment."""
        if self._holdings.shared(key.namespace):
            return (made := self._made.get(key)) is None or made != lies
        if not self._holdings.only_marks(key.namespace):
            return False
        done = self._done.get(key)
        return done is None or changed is None or changed > done + self._close

    def _keys(self, refs: Iterable[ToolRef]) -> list[AssetKey]:
        found = (self._graph.by_ref.get(ref) or self._checks.get(ref) for ref in refs)
        return [
            key
            for key in found
            if key is not None and (key in self._graph.assets or key in self._graph.checks)
        ]

    def _place(self, key: AssetKey) -> Relation | None:
        asset = self._graph.assets.get(key)
        return asset.relation if asset is not None else None

    def _above(self, key: AssetKey) -> tuple[Relation, ...]:
        """The relations that it reads, and those behind views."""
        check = self._graph.checks.get(key)
        parents = direct(self._graph, key) if check is None else tested(self._graph, check)
        found = (self._graph.assets[one] for one in through_views(self._graph, parents) if one != key)
        return tuple(dict.fromkeys(one.relation for one in found if one.relation is not None))

    def _lies(self, relations: Iterable[Relation]) -> tuple[Looked, dict[Relation, float | None]]:
        """How these lie, and when they were last changed, where that is told. Where rows are hashed that is left for who needs the hash."""
        wanted = dict.fromkeys(relations)
        shared = {one: None for one in wanted if self._holdings.shared(one.namespace)}
        contents = self._contents(one for one in wanted if one not in shared)
        lies = {one: as_it_lies(content) for one, content in contents.items()}
        changed = {one: content.changed_at for one, content in contents.items() if content is not None}
        found = self._holdings.lies(shared)
        return lies | {one: found.get(one) for one in shared}, changed

    def _contents(self, relations: Iterable[Relation]) -> dict[Relation, Content | None]:
        wanted: dict[Relation, tuple[ColumnSet | None, ...]] = dict.fromkeys(relations, (None,))
        found = self._holdings.of(wanted) if wanted else {}
        return {one: found.get(one) for one in wanted}


def _unsettled(graph: AssetGraph, key: AssetKey) -> bool:
    recipe = recipe_of(graph, key)
    return recipe is not None and recipe.unsettled


def recipe_of(graph: AssetGraph, key: AssetKey) -> Recipe | None:
    if key in graph.checks:
        return graph.checks[key].recipe
    ref = graph.assets[key].producer
    producer = graph.producers.get(ref) if ref is not None else None
    return producer.recipe if producer is not None else None
