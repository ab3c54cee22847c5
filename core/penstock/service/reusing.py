"""Whether what is there is what would be made: the store's records and the warehouse's contents, given to `change` to judge."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from penstock.assets import AssetKey, Recipe, Relation
from penstock.change import Judged, MadeFrom, Now, Want, judge, output_version, version, wants
from penstock.change.inputs import direct
from penstock.change.shape import same_but_for_form
from penstock.graph import AssetGraph
from penstock.integration import ColumnSet
from penstock.service.compiled import compiled_texts
from penstock.service.contents import Holdings
from penstock.service.history import reading_store
from penstock.service.outsideview import outside_of
from penstock.service.workspace import Workspace

if TYPE_CHECKING:
    from penstock.store import RunStore

_DOCUMENT = msgspec.msgpack.Decoder(MadeFrom)


class Reuse:
    """The judge of one plan: at plan time over everything, at dispatch again over what was to be decided."""

    def __init__(self, workspace: Workspace, graph: AssetGraph, holdings: Holdings) -> None:
        self._workspace = workspace
        self._graph = graph
        self._holdings = holdings
        self._known = _recorded(workspace)
        self._recipes = _recipes(graph)
        self._wants = {
            key: wants(graph, self._recipes[key].form, made.reads, self._known)
            for key, made in self._known.items()
            if key in self._recipes
        }
        self._read = False
        self._cosmetic: frozenset[AssetKey] | None = None

    def judge(self, key: AssetKey, pending: Collection[AssetKey]) -> Judged | None:
        """None where nothing can be reused: its tool does not say how it is made. `pending`: made first by this run."""
        recipe = self._recipes.get(key)
        if recipe is None:
            return None
        if not self._holdings.knows(key.namespace):
            return _build("unknown", "nothing tells which data its warehouse holds")
        made = self._known.get(key)
        if made is None:
            return _build("unrecorded", "nothing is recorded of how it was made: built once more")
        if not self._read:
            self._read_all()
        if unread := self._holdings.unread(key.namespace):
            return _build("unknown", f"its warehouse could not be read: {unread}")
        needed = self._wants[key]
        if missing := [one for one in direct(self._graph, key) if one not in made.reads]:
            return _build("inputs", f"its inputs changed: {self._graph.names.shown(missing[0])}")
        return judge(self._graph.names.shown(key), self._now(key, recipe, made, needed, pending), made)

    def again(self, keys: Iterable[AssetKey]) -> dict[AssetKey, Judged]:
        """At dispatch: what is above these has been made."""
        self._read = False
        chosen = {key: self._wants[key] for key in keys if key in self._wants}
        self._look(chosen)
        self._read = True
        found = {}
        for key in chosen:
            judged = self.judge(key, ())
            if judged is not None:
                found[key] = judged
        return found

    def _read_all(self) -> None:
        self._look(self._wants)
        self._read = True

    def _look(self, chosen: Mapping[AssetKey, Mapping[AssetKey, Want | None]]) -> None:
        sets: dict[Relation, dict[ColumnSet | None, None]] = {}
        for key, needed in chosen.items():
            ask(sets, self._graph, key, Want(True))
            for one, want in needed.items():
                if want is not None:
                    ask(sets, self._graph, one, want)
        self._contents = self._holdings.of(sets)

    def _now(
        self,
        key: AssetKey,
        recipe: Recipe,
        made: MadeFrom,
        needed: Mapping[AssetKey, Want | None],
        pending: Collection[AssetKey],
    ) -> Now:
        graph = self._graph
        volatile = next(
            (
                f"{graph.names.shown(one)}: {self._known[one].volatile}"
                for one in needed
                if one in self._known
                and self._known[one].volatile
                and recipe.form != "view"
                and self._recipes.get(one) is not None
                and self._recipes[one].form == "view"
            ),
            "",
        )
        return Now(
            recipe=recipe,
            output=output_version(self._content(key)),
            inputs={one: version(self._content(one), want) for one, want in needed.items()},
            names={one: graph.names.shown(one) if one in graph.assets else one.name for one in needed},
            pending=tuple(one for one in needed if one in pending),
            volatile=volatile,
            cosmetic=recipe.template != made.recipe.template and key in self._same_sql(),
            same_day=_same_day(made.at, time.time()),
        )

    def _same_sql(self) -> frozenset[AssetKey]:
        """Of those whose text or macros changed, and nothing else, the ones whose compiled SQL differs in form only. They are compiled
        where they have to be, all at once. Incremental models have two texts, and are not compared."""
        if self._cosmetic is None:
            edited = {
                key: made
                for key, made in self._known.items()
                if (recipe := self._recipes.get(key)) is not None and _edited(recipe, made)
            }
            texts = compiled_texts(self._workspace, self._graph, edited, may_call=True) if edited else {}
            outside = outside_of(self._graph, self._contents)
            self._cosmetic = frozenset(
                key
                for key, (sql, dialect) in texts.items()
                if dialect == edited[key].dialect
                and same_but_for_form(edited[key].sql, sql, dialect, outside)
            )
        return self._cosmetic

    def _content(self, key: AssetKey) -> Any:
        asset = self._graph.assets.get(key)
        relation = asset.relation if asset else None
        return self._contents.get(relation) if relation else None


def _edited(recipe: Recipe, made: MadeFrom) -> bool:
    """Whether its text alone is another one, and what it compiles to can be compared."""
    was = made.recipe
    return (
        recipe.template != was.template
        and (recipe.form, recipe.settings, recipe.context) == (was.form, was.settings, was.context)
        and recipe.form in ("table", "view", "snapshot")
        and not recipe.open
        and bool(made.sql)
    )


def _build(code: str, reason: str) -> Judged:
    return Judged(reuse=False, code=code, reason=reason)


def ask(
    sets: dict[Relation, dict[ColumnSet | None, None]], graph: AssetGraph, key: AssetKey, want: Want
) -> None:
    asset = graph.assets.get(key)
    if asset is not None and asset.relation is not None:
        own = sets.setdefault(asset.relation, {})
        if want.rows:
            own[want.columns] = None


def _recipes(graph: AssetGraph) -> dict[AssetKey, Recipe]:
    found = {}
    for key, asset in graph.assets.items():
        producer = graph.producers.get(asset.producer) if asset.producer else None
        if producer is not None and producer.recipe is not None and asset.relation is not None:
            found[key] = producer.recipe
    return found


def _recorded(workspace: Workspace) -> dict[AssetKey, MadeFrom]:
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


def _same_day(one: float, other: float) -> bool:
    """By UTC and by this machine's clock."""
    return all(
        datetime.fromtimestamp(one, zone).date() == datetime.fromtimestamp(other, zone).date()
        for zone in (UTC, None)
    )
