"""Of what a run made each asset: kept when nothing moved since the looks around its steps. What is in doubt is not kept."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import msgspec

from penstock.assets import AssetKey, Recipe, Relation, ToolRef
from penstock.change import MadeFrom, Verdict, Want, as_it_lies, output_version, version, volatility, wants
from penstock.change.inputs import column_set, direct
from penstock.change.noted import added_to, with_clocks, with_marks
from penstock.change.spread import flows, readers
from penstock.errors import ConfigError, ToolError, WarehouseBusy
from penstock.graph import AssetGraph
from penstock.integration import ColumnSet, Content, ItemKind
from penstock.service.columnrecords import Columns, certain
from penstock.service.compiled import compiled_texts
from penstock.service.contents import Holdings
from penstock.service.observe import GraphView, inputs_unchanged
from penstock.service.outsideview import outside_of
from penstock.service.verdicts import Reading, tested
from penstock.service.witness import Witness, recipe_of
from penstock.service.workspace import Workspace

if TYPE_CHECKING:
    from penstock.run import ItemResult, RunResult
    from penstock.store import RunStore

_ENDED_WELL = frozenset({"success"})
_JUDGED = frozenset({"success", "warn", "fail"})
_FROM_NOTHING = frozenset({"first", "missing"})


def keep(
    workspace: Workspace,
    graph: AssetGraph,
    witness: Witness,
    holdings: Holdings,
    store: RunStore,
    result: RunResult,
    *,
    rebuilds: bool = False,
) -> None:
    """Keep of what was made well; forget what is kept of the rest that was made. `rebuilds`: nothing was added to what was there.

    Nor is kept what a step made beside which something failed: a hook that never ran well would not run again.
    """
    told = {one.item.key: one for one in result.items if one.item.key in witness.after}
    recipes = {
        key: recipe
        for key, one in told.items()
        if _says_something(one) and (recipe := recipe_of(graph, key)) is not None and not recipe.open
    }
    if not recipes:
        return
    verdicts = {key: verdict_of(told[key]) for key in recipes if key in graph.checks}
    instances = {key: ref for key in recipes if (ref := _maker(graph, key)) is not None}
    unchanged = {
        name: inputs_unchanged(workspace, name)
        for name in {f"{ref.integration}/{ref.instance}" for ref in instances.values()}
    }
    marred = {key for step in result.steps if step.beside for key in step.items}
    sure = {
        key
        for key, ref in instances.items()
        if key not in marred and unchanged[f"{ref.integration}/{ref.instance}"]
    }
    whole = {
        key
        for key, one in told.items()
        if one.item.code in _FROM_NOTHING
        or ((rebuilds or one.item.anew) and key in recipes and not recipes[key].keeps)
    }
    recorder = _Recorder(workspace, graph, witness, holdings, result.number, verdicts, whole)
    try:
        documents = recorder.documents({key: recipe for key, recipe in recipes.items() if key in sure}, store)
    except (
        ConfigError,
        ToolError,
        WarehouseBusy,
    ):  # the run has ended as it has: what cannot be looked at now is in doubt
        documents = {}
    forgotten: dict[AssetKey, bytes | None] = dict.fromkeys(recipes)
    store.record_made_from(workspace.project.environment, result.number, time.time(), forgotten | documents)


def forget_unseen(workspace: Workspace, holdings: Holdings, store: RunStore, result: RunResult) -> None:
    """What is recorded of that which was made while nobody looked: it was made of other code or other rows."""
    made = [
        one.item.key
        for one in result.items
        if _says_something(one) and holdings.has_a_price(one.item.key.namespace)
    ]
    if made:
        store.record_made_from(workspace.project.environment, result.number, time.time(), dict.fromkeys(made))


class _Recorder:
    def __init__(
        self,
        workspace: Workspace,
        graph: AssetGraph,
        witness: Witness,
        holdings: Holdings,
        number: int,
        verdicts: Mapping[AssetKey, Verdict],
        whole: Collection[AssetKey] = (),
    ) -> None:
        self._verdicts = verdicts
        self._made_whole = frozenset(whole)
        self._workspace = workspace
        self._graph = graph
        self._witness = witness
        self._holdings = holdings
        self._number = number

    def documents(self, recipes: Mapping[AssetKey, Recipe], store: RunStore) -> dict[AssetKey, bytes]:
        from penstock.service.columns import column_graph
        from penstock.service.recorded import decoded

        if not recipes:
            return {}
        columns = column_graph(
            self._workspace, GraphView(graph=self._graph, taken_at={}, stale={}), may_call=False
        )
        assets = {key: recipe for key, recipe in recipes.items() if key not in self._verdicts}
        checks = {key: recipe for key, recipe in recipes.items() if key in self._verdicts}
        tested_by = {one for key in checks for one in self._graph.checks[key].assets}
        texts = compiled_texts(self._workspace, self._graph, {**recipes, **dict.fromkeys(tested_by)})
        known = decoded(store, self._workspace.project.environment)
        was = dict(known)
        through = self._flows(assets, columns)
        begun = {key: self._begun(key, recipe, columns, texts, through) for key, recipe in assets.items()}
        begun = {
            key: one and (one if key in self._made_whole else added_to(one, known.get(key), self._number))
            for key, one in begun.items()
        }
        known |= {key: one for key, one in begun.items() if one is not None}
        begun |= self._judged(checks, Reading(self._graph, known, texts), texts)
        needed = {
            key: wants(self._graph, one.recipe.form, one.reads, known)
            for key, one in begun.items()
            if one is not None
        }
        contents = self._contents(needed)
        found: dict[AssetKey, bytes] = {}
        outside = outside_of(self._graph, contents)
        views_first = sorted(needed, key=lambda key: key not in recipes or recipes[key].form != "view")
        for key in views_first:
            one = begun[key]
            assert one is not None
            whole = self._whole(key, with_clocks(one, outside), needed[key], contents, known)
            if whole is not None:
                known[key] = whole = with_marks(whole, was.get(key), self._shown(key, contents), outside)
                found[key] = msgspec.msgpack.encode(whole)
        return found

    def _shown(self, key: AssetKey, contents: Mapping[Relation, Content]) -> Content | None:
        asset = self._graph.assets.get(key)
        return contents.get(asset.relation) if asset is not None and asset.relation is not None else None

    def _judged(
        self, checks: Mapping[AssetKey, Recipe], reading: Reading, texts: Mapping[AssetKey, tuple[str, str]]
    ) -> dict[AssetKey, MadeFrom | None]:
        """Of checks all but the versions."""
        graph = self._graph
        places = {
            one: place
            for key in checks
            for one in tested(graph, graph.checks[key])
            if (place := graph.assets[one].relation) is not None
        }
        contents = self._holdings.of(dict.fromkeys(places.values(), ()))  # their columns, and no hash
        found: dict[AssetKey, MadeFrom | None] = {}
        for key, recipe in checks.items():
            check = graph.checks[key]
            shown = [
                (one, contents[places[one]]) for one in tested(graph, check) if places.get(one) in contents
            ]
            read = reading.of(check, shown)
            if read is not None:
                found[key] = MadeFrom(
                    recipe=recipe,
                    reads=read[0],
                    inputs={},
                    output="",
                    run=self._number,
                    at=self._witness.began.get(key, 0.0),
                    volatile=read[1],
                    verdict=self._verdicts[key],
                )
        return found

    def _flows(
        self, assets: Mapping[AssetKey, Recipe], columns: Columns
    ) -> dict[AssetKey, dict[AssetKey, dict[str, ColumnSet | None]]]:
        """Of views: which of their columns each column that they read gives values to."""
        views = {key for key, recipe in assets.items() if recipe.form == "view"}
        sure = [one.asset for one in columns.models if one.asset in views and certain(one, columns)]
        return {key: flows(reader) for key, reader in readers(columns.edges, sure).items()}

    def _begun(
        self,
        key: AssetKey,
        recipe: Recipe,
        columns: Columns,
        texts: Mapping[AssetKey, tuple[str, str]],
        through: Mapping[AssetKey, dict[AssetKey, dict[str, ColumnSet | None]]],
    ) -> MadeFrom | None:
        """All but the versions. None: too little is known."""
        at = self._witness.began.get(key, 0.0)
        if recipe.form == "seed" or recipe.deterministic:
            above: dict[AssetKey, ColumnSet | None] = dict.fromkeys(direct(self._graph, key))
            return MadeFrom(recipe=recipe, reads=above, inputs={}, output="", run=self._number, at=at)
        if key not in texts:
            return None
        sql, dialect = texts[key]
        reads, why = self._reads(key, recipe, columns)
        volatile = volatility(sql, dialect)
        return MadeFrom(
            recipe=recipe,
            reads=reads,
            inputs={},
            output="",
            run=self._number,
            at=at,
            sql=sql,
            dialect=dialect,
            volatile=why or (volatile.why if volatile else ""),
            flows=through.get(key, {}),
            daily=not why and volatile is not None and volatile.daily,
        )

    def _reads(
        self, key: AssetKey, recipe: Recipe, columns: Columns
    ) -> tuple[dict[AssetKey, ColumnSet | None], str]:
        """The columns read of each input; and why that is not all that is read."""
        coverage = next((one for one in columns.models if one.asset == key), None)
        parents = dict.fromkeys(direct(self._graph, key))
        if coverage is None or not coverage.followed:
            return dict.fromkeys(parents), "its SQL could not be followed"
        others = [one for one in coverage.reads if one != key]
        parents |= dict.fromkeys(one for one in others if one in self._graph.assets)
        outside = next((one.name for one in others if one not in self._graph.assets), None)
        why = f"it reads {outside}, which is no asset here" if outside else ""
        # An incremental model is from now on made by the text that reads what it has made; of another text too little is known.
        again = recipe.form != "incremental" or key in coverage.reads
        if not again or not certain(coverage, columns):
            return dict.fromkeys(parents), why
        told = columns.edges.reads().get(key, {})
        return {one: column_set(told.get(one, ())) for one in parents}, why

    def _contents(
        self, needed: Mapping[AssetKey, Mapping[AssetKey, Want | None]]
    ) -> Mapping[Relation, Content]:
        from penstock.service.reusing import ask

        sets: dict[Relation, dict[ColumnSet | None, None]] = {}
        for key, several in needed.items():
            ask(sets, self._graph, key, Want(True))
            for one, want in several.items():
                if want is not None:
                    ask(sets, self._graph, one, want)
                    if not self._holdings.shared(
                        one.namespace
                    ):  # elsewhere one hash tells how all of it lies
                        ask(sets, self._graph, one, Want(True))
        for own in sets.values():
            own.update({} if own else {None: None})
        return self._holdings.of(sets)

    def _whole(
        self,
        key: AssetKey,
        made: MadeFrom,
        needed: Mapping[AssetKey, Want | None],
        contents: Mapping[Relation, Content],
        known: Mapping[AssetKey, MadeFrom],
    ) -> MadeFrom | None:
        """With its versions; None when something moved since the step ended, or is not known."""
        own = self._graph.assets.get(key)
        relation = own.relation if own is not None else None
        looked = self._witness.after[key]
        if relation is None and made.verdict is None:
            return None
        assets = [asset for one in needed if (asset := self._graph.assets.get(one)) is not None]
        mine = [relation] if relation is not None else []
        for place in (*mine, *(asset.relation for asset in assets if asset.relation)):
            if place not in looked or as_it_lies(contents.get(place)) != looked[place]:
                return None
        output = output_version(contents.get(relation)) if relation is not None else None
        inputs = {}
        for one, want in needed.items():
            asset = self._graph.assets.get(one)
            read = (
                version(contents.get(asset.relation), want, known.get(one))
                if asset is not None and asset.relation is not None
                else None
            )
            if read is None:
                return None
            inputs[one] = read
        if made.verdict is not None:
            return msgspec.structs.replace(made, inputs=inputs)
        return msgspec.structs.replace(made, output=output, inputs=inputs) if output else None


def verdict_of(one: ItemResult) -> Verdict:
    """Of a check, with what its tool said; where it passed, the message may say why it was run, which is no part of it."""
    return Verdict(one.state.value, "" if one.state.value in _ENDED_WELL else one.message or "")


def _says_something(one: ItemResult) -> bool:
    """An asset was made; a check gave its verdict, whatever that is. What broke has told nothing."""
    return one.state.value in (_JUDGED if one.item.kind is ItemKind.CHECK else _ENDED_WELL)


def _maker(graph: AssetGraph, key: AssetKey) -> ToolRef | None:
    return graph.checks[key].seen_by if key in graph.checks else graph.assets[key].producer
