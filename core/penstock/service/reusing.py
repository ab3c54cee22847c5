"""Whether what is there is what would be made: the store's records and the warehouse's contents, given to `change` to judge."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from functools import cached_property

import msgspec

from penstock.assets import AssetKey, AssetKind, Recipe, Relation
from penstock.change import (
    Judged,
    MadeFrom,
    Now,
    Want,
    each_time,
    editing,
    judge,
    judge_check,
    output_version,
    version,
    wants,
)
from penstock.change.audit import audited, drawn
from penstock.change.deciding import UNDECIDED, same_code
from penstock.change.inputs import anew, bound, direct, falling, readers_of, through_views
from penstock.change.records import Pending, Rules
from penstock.change.spread import Reader, readers
from penstock.graph import AssetGraph
from penstock.integration import ColumnSet, Content
from penstock.service.columnrecords import certain
from penstock.service.columns import column_graph
from penstock.service.compiled import compiled_texts
from penstock.service.contents import Holdings
from penstock.service.falling import holds_up, replaces, tied
from penstock.service.history import reading_store
from penstock.service.observe import GraphView
from penstock.service.outsideview import outside_of
from penstock.service.recorded import recorded
from penstock.service.verdicts import tested
from penstock.service.workspace import Workspace


class Reuse:
    """The judge of one plan: at plan time over everything, at dispatch again over what was to be decided."""

    def __init__(self, workspace: Workspace, graph: AssetGraph, holdings: Holdings) -> None:
        self._workspace = workspace
        self._graph = graph
        self._holdings = holdings
        self._known = recorded(workspace)
        self._recipes = _recipes(graph)
        self._wants = {
            key: wants(graph, self._recipes[key].form, made.reads, self._known)
            for key, made in self._known.items()
            if key in self._recipes
        }
        self._read: frozenset[AssetKey] = frozenset()
        self._waits = True
        self._open: set[AssetKey] = set()  # what may yet turn out to hold what it held
        self._anew: set[AssetKey] = set()  # what is added to, and now made whole
        self._clock = time.time()
        said = workspace.project.document.reuse
        self._rules = Rules(
            volatile=said.volatile, max_lag=said.lag_seconds, on_code_change=said.on_code_change
        )
        self._contents: Mapping[Relation, Content] = {}
        self._editing: editing.Editing | None = None

    def judge(self, key: AssetKey, pending: Collection[AssetKey]) -> Judged | None:
        """None where nothing can be reused: its tool does not say how it is made. `pending`: made first by this run."""
        if key in self._graph.checks:
            return self._judge_check(key, pending)
        judged, otherwise = self._judged(key, pending)
        if judged is not None and judged.code in (UNDECIDED, "sync"):
            self._open.add(key)
        if judged is not None and judged.anew:
            self._anew.add(key)
        if pending or (judged is not None and judged.code == "code"):
            self._edits().note(key, judged, otherwise, pending)
        return self._audit(key, judged)

    def _audit(self, key: AssetKey, judged: Judged | None) -> Judged | None:
        """Of what is made whole, and gives the same rows whenever it is made: of nothing else a difference would mean anything."""
        share = self._workspace.project.document.reuse.audit_share
        if not share or judged is None or not judged.reuse or not drawn(share, self._next_run, key):
            return judged
        made = self._known.get(key)
        told = not self._holdings.only_marks(key.namespace)  # else what is built again always differs
        falls = self._holdings.views_fall(key.namespace)
        told = told and not (falls and holds_up(self._graph, key))
        whole = told and made is not None and made.recipe.form == "table" and self._edits().steady(key)
        return (audited(judged) or judged) if whole else judged

    @cached_property
    def _unrecorded(self) -> Mapping[Relation, Content]:
        """What stands where nothing is recorded, and behind it what nothing here makes. Nothing is hashed for it, and no warehouse opened that
        nothing else asks, or that bills."""
        keys = [key for key in self._recipes if key in self._graph.assets and key not in self._known]
        behind = (one for key in keys for one in self._strangers(key))
        places = [self._graph.assets[one].relation for one in dict.fromkeys((*keys, *behind))]
        opened = {key.namespace for key in self._known if not self._holdings.only_marks(key.namespace)}
        asked = [
            one
            for one in places
            if one is not None and (one.namespace in opened or self._holdings.shared(one.namespace))
        ]
        return self._holdings.of(dict.fromkeys(asked, ())) if asked else {}

    def _strangers(self, key: AssetKey) -> list[AssetKey]:
        """Of what it reads, through views too, that which nothing here makes."""
        every = through_views(self._graph, direct(self._graph, key))
        return [one for one in every if one not in self._recipes]

    def _not_recorded(self, key: AssetKey, recipe: Recipe) -> Judged:
        assets, seen = self._graph.assets, self._unrecorded
        if untold := _untold(seen.get(place) if (place := assets[key].relation) is not None else None):
            return _build("unknown", f"nothing certain tells which rows it holds: {untold}")
        for one in self._strangers(key) if recipe.form != "view" else ():
            found = seen.get(place) if (place := assets[one].relation) is not None else None
            if assets[one].kind is AssetKind.VIEW or (found is not None and found.kind == "view"):
                why = "is a view that nothing here makes, so nothing tells which rows it shows"
                return _build("unknown", f"{self._graph.names.shown(one)} {why}")
        return _build("unrecorded", "nothing is recorded of how it was made: built once more")

    @cached_property
    def _next_run(self) -> int:
        """Its number, as far as no other run begins before: what `penstock plan` shows is then what that run does."""
        with reading_store(self._workspace) as store:
            newest = store.runs(limit=1) if store is not None else []
        return newest[0].number + 1 if newest else 1

    def _judged(self, key: AssetKey, pending: Collection[AssetKey]) -> tuple[Judged | None, Judged | None]:
        """And how it is judged apart from its text."""
        recipe = self._recipes.get(key)
        if recipe is None:
            return self._of_its_source(key), None
        if not self._holdings.knows(key.namespace):
            return _build("unknown", "nothing tells which data its warehouse holds"), None
        made = self._known.get(key)
        if made is None and recipe.open:
            return each_time(recipe), None
        if made is None:
            return self._not_recorded(key, recipe), None
        self._read_for(key)
        unread, needed = self._holdings.unread(key.namespace), self._wants[key]
        if unread and not self._holdings.asleep(key.namespace):
            return _build("unknown", f"its warehouse could not be read: {unread}"), None
        if missing := [one for one in direct(self._graph, key) if one not in made.reads]:
            return _build("inputs", f"its inputs changed: {self._graph.names.shown(missing[0])}"), None
        name, now = self._graph.names.shown(key), self._now(key, recipe, made, needed, pending)
        if unread:
            return _by_the_run(judge(name, unlooked(now), made), unread), None
        return judge(name, now, made), judge(name, msgspec.structs.replace(now, cosmetic=True), made)

    def _judge_check(self, key: AssetKey, pending: Collection[AssetKey]) -> Judged | None:
        """Its verdict stands while its test and the rows that it judged are the same ones, whatever it was."""
        check = self._graph.checks[key]
        made = self._known.get(key)
        if check.recipe is None or made is None or made.verdict is None:
            return None
        needed = self._wants[key]
        spaces = {one.namespace for one in needed}
        if any(not self._holdings.knows(space) for space in spaces):
            return None
        self._read_for(key)
        if any(self._holdings.unread(space) for space in spaces):
            return None
        if missing := [one for one in tested(self._graph, check) if one not in made.reads]:
            return _build("inputs", f"it reads {self._graph.names.shown(missing[0])} now")
        now = self._now(key, check.recipe, made, needed, pending)
        return judge_check(msgspec.structs.replace(now, age=float("inf")), made)

    def _of_its_source(self, key: AssetKey) -> Judged | None:
        """A sync cannot be compared with anything: what it would load is known to its source alone."""
        ref = self._graph.assets[key].producer
        producer = self._graph.producers.get(ref) if ref is not None else None
        if producer is None or producer.kind != "sync":
            return None
        return _build("sync", "a sync always runs: only its source knows whether there is new data")

    def _edits(self) -> editing.Editing:
        if self._editing is None:
            facts = editing.Facts(
                texts=lambda keys: compiled_texts(self._workspace, self._graph, keys, may_call=True),
                outside=lambda: outside_of(self._graph, self._contents),
                readers=self._readers,
            )
            self._editing = editing.Editing(self._graph, self._known, self._recipes, self._contents, facts)
        return self._editing

    def _readers(self) -> Mapping[AssetKey, Reader]:
        seen = GraphView(graph=self._graph, taken_at={}, stale={})
        columns = column_graph(self._workspace, seen, may_call=False)
        return readers(
            columns.edges, [one.asset for one in columns.models if one.followed and certain(one, columns)]
        )

    def again(self, keys: Iterable[AssetKey]) -> dict[AssetKey, Judged]:
        """At dispatch: what is above these has been made. What it holds now does not wait: its code may have changed."""
        self._waits = False
        chosen = {key: self._wants[key] for key in keys if key in self._wants}
        self._look(chosen)
        self._read = frozenset(chosen)
        found = {}
        for key in chosen:
            judged = self._judge_check(key, ()) if key in self._graph.checks else self._judged(key, ())[0]
            if judged is not None:
                found[key] = judged
        return found

    def _read_for(self, key: AssetKey) -> None:
        """All assets at once; with the first check, all checks, too: who asks for none does not wait for what they read."""
        if key in self._read:
            return
        checks = self._graph.checks
        chosen = {one: needed for one, needed in self._wants.items() if key in checks or one not in checks}
        self._look(chosen)
        self._read = frozenset(chosen)

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
        same = (recipe.template, recipe.context) == (made.recipe.template, made.recipe.context)
        edited = None if same else self._edits().edits.get(key)
        volatile = next(
            (
                f"{graph.names.shown(one)}: {self._known[one].volatile}"
                for one in needed
                if one in self._known
                and _comes_through(self._known[one], needed[one])
                and recipe.form not in ("view", "unit_check")
                and self._recipes.get(one) is not None
                and self._recipes[one].form == "view"
            ),
            "",
        )
        return Now(
            recipe=recipe,
            output=output_version(self._content(key)),
            there=self._content(key) is not None,
            inputs={
                one: version(self._content(one), want, self._known.get(one)) for one, want in needed.items()
            },
            names={one: graph.names.shown(one) if one in graph.assets else one.name for one in needed},
            pending=self._pending(key, needed, pending) if pending else {},
            untold=_untold(self._content(key)),
            inputs_untold={one: _untold(self._content(one)) for one in needed},
            volatile=volatile,
            cosmetic=edited is not None and edited.edit.cosmetic,
            edit=edited.words if edited is not None else "",
            unread=made.clocked is not None and self._nobody_reads(key, made.clocked),
            same_day=_same_day(made.at, self._clock),
            same_hour=_same_hour(made.at, self._clock),
            age=max(0.0, self._clock - made.at) if self._waits else float("inf"),
            rules=self._rules,
        )

    def _pending(
        self, key: AssetKey, needed: Mapping[AssetKey, Want | None], pending: Collection[AssetKey]
    ) -> dict[AssetKey, Pending]:
        fall = self._holdings.views_fall(key.namespace)
        replaced = {one for one in needed if one in self._anew or replaces(self._recipes.get(one))}
        if fall and self._is_view(key):
            return falling(needed, pending, replaced, self._open)
        found = self._edits().pending(needed, pending)
        marked = {one for one in found if self._holdings.only_marks(one.namespace)}
        found |= anew(needed, marked, self._open)
        recipe = self._recipes[key]
        return found | (bound(direct(self._graph, key), pending, replaced) if fall and tied(recipe) else {})

    def _is_view(self, key: AssetKey) -> bool:
        return key in self._recipes and self._recipes[key].form == "view"

    def _nobody_reads(self, key: AssetKey, columns: ColumnSet) -> bool:
        """Of those that read the asset each is known to read other columns, by the code that it has now."""
        return all(
            (made := self._known.get(one)) is not None
            and (recipe := self._recipes.get(one)) is not None
            and same_code(recipe, made.recipe)
            and (reads := made.reads.get(key)) is not None
            and not {*reads} & {*columns}
            for one in readers_of(self._graph, key)
        )

    def _content(self, key: AssetKey) -> Content | None:
        asset = self._graph.assets.get(key)
        relation = asset.relation if asset else None
        return self._contents.get(relation) if relation else None


def _comes_through(view: MadeFrom, want: Want | None) -> bool:
    """Whether what varies in a view is read of it."""
    if not view.volatile or view.clocked is None or want is None or want.columns is None:
        return bool(view.volatile)
    return bool({*view.clocked} & {*want.columns})


def _untold(content: Content | None) -> str:
    return content.untold if content is not None else ""


def unlooked(now: Now) -> Now:
    """Where nobody could look: what is there may hold anything."""
    return msgspec.structs.replace(now, output=None, there=True, inputs=dict.fromkeys(now.inputs))


def _by_the_run(judged: Judged, why: str) -> Judged:
    """What only the rows decide is decided by the run, which may look."""
    return (
        msgspec.structs.replace(judged, code=UNDECIDED, reason=f"decided by the run: {why}")
        if judged.code == "unknown"
        else judged
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
    return found | {key: check.recipe for key, check in graph.checks.items() if check.recipe is not None}


def _same_day(one: float, other: float) -> bool:
    """By UTC and by this machine's clock."""
    return all(
        datetime.fromtimestamp(one, zone).date() == datetime.fromtimestamp(other, zone).date()
        for zone in (UTC, None)
    )


def _same_hour(one: float, other: float) -> bool:
    """By UTC and by this machine's clock, which may be half an hour apart."""
    return all(
        datetime.fromtimestamp(one, zone).replace(minute=0, second=0, microsecond=0)
        == datetime.fromtimestamp(other, zone).replace(minute=0, second=0, microsecond=0)
        for zone in (UTC, None)
    )
