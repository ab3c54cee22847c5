"""What edits of a project do: each edited text against the recorded one, and how far its columns reach. Pure: facts are given."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property

import msgspec

from penstock.assets import AssetKey, AssetKind, Recipe, Relation
from penstock.change.deciding import UNDECIDED, Judged
from penstock.change.hunk import told
from penstock.change.inputs import Want
from penstock.change.records import MadeFrom, Pending
from penstock.change.shape import Edit, Outside, edit_between
from penstock.change.spread import Effect, Reader, parents_of, reached
from penstock.change.unstable import unstable
from penstock.change.volatile import volatility
from penstock.graph import AssetGraph
from penstock.integration import Content

_EVERYTHING = Effect(None)


class Edited(msgspec.Struct, frozen=True):
    """`edit` as far as it is known; `words` for people; `sql` now."""

    edit: Edit
    words: str
    sql: str


class Facts(msgspec.Struct, frozen=True):
    """What has to be found out only where something was edited: the SQL of assets with its dialect, what is known of the relations
    that they read, and how each asset reads its parents."""

    texts: Callable[[Iterable[AssetKey]], Mapping[AssetKey, tuple[str, str]]]
    outside: Callable[[], Outside]
    readers: Callable[[], Mapping[AssetKey, Reader]]


class Editing:
    """Of one plan. Effects are noted in dependency order, as assets are judged."""

    def __init__(
        self,
        graph: AssetGraph,
        known: Mapping[AssetKey, MadeFrom],
        recipes: Mapping[AssetKey, Recipe],
        contents: Mapping[Relation, Content],
        facts: Facts,
    ) -> None:
        self._facts = facts
        self._graph = graph
        self._known = known
        self._recipes = recipes
        self._contents = contents
        self._effects: dict[AssetKey, Effect | None] = {}

    @cached_property
    def edits(self) -> Mapping[AssetKey, Edited]:
        """Of those whose text or macros changed, and nothing else. They are compiled where they have to be, all at once. Of incremental
        models, which have two texts, like is shown beside like, and nothing is told of columns; nor is it where a var has another value."""
        edited = {
            key: made
            for key, made in self._known.items()
            if (recipe := self._recipes.get(key)) is not None and _text_changed(recipe, made)
        }
        if not edited:
            return {}
        texts, outside = self._facts.texts(edited), self._facts.outside()
        found = {}
        for key, (sql, dialect) in texts.items():
            made = edited[key]
            if dialect != made.dialect:
                continue
            added_to = made.recipe.form == "incremental"
            blunt = added_to or self._recipes[key].context != made.recipe.context
            if not blunt or (
                sql != made.sql and self._reads_itself(key, sql) is self._reads_itself(key, made.sql)
            ):
                edit = Edit(whole=True) if blunt else edit_between(made.sql, sql, dialect, outside)
                found[key] = Edited(edit, told(made.sql, sql, dialect, edit), sql)
        return found

    def _reads_itself(self, key: AssetKey, sql: str) -> bool:
        place = self._graph.assets[key].relation
        name = place.parts[-1] if place is not None else ""
        return re.search(rf"\b{re.escape(name)}\b", sql, re.IGNORECASE) is not None

    @cached_property
    def _readers(self) -> Mapping[AssetKey, Reader]:
        return self._facts.readers()

    def pending(
        self, needed: Mapping[AssetKey, Want | None], pending: Collection[AssetKey]
    ) -> dict[AssetKey, Pending]:
        """What the inputs that are made first bring; those that bring nothing new are left out."""
        return {
            one: self._brings(one, want)
            for one, want in needed.items()
            if one in pending and self._effects.get(one, _EVERYTHING) is not None
        }

    def _brings(self, key: AssetKey, want: Want | None) -> Pending:
        effect = self._effects.get(key, _EVERYTHING) or _EVERYTHING
        if effect.columns is None:
            return Pending(order=effect.order)
        changing = tuple(sorted(effect.columns))
        if want is None or want.columns is None:
            return Pending(None, changing)
        return Pending(tuple(name for name in changing if name in want.columns), changing)

    def note(
        self, key: AssetKey, judged: Judged | None, otherwise: Judged | None, pending: Collection[AssetKey]
    ) -> None:
        """What building this asset, or leaving it, does to those that read it. `otherwise` is how it is judged but for its text."""
        shown_again = judged is not None and judged.code in (UNDECIDED, "falls") and self._is_view(key)
        if shown_again:  # the same definition over the new rows
            self._effects[key] = self._passed(key, pending)
        elif judged is not None and judged.reuse:
            self._effects[key] = self._passed(key, pending) if self._is_view(key) else None
        elif judged is None or otherwise is None or not self.steady(key):
            self._effects[key] = Effect(None, order=self._order_word(key, judged))
        else:
            self._effects[key] = self._own(key, judged, otherwise, pending)

    def _own(self, key: AssetKey, judged: Judged, otherwise: Judged, pending: Collection[AssetKey]) -> Effect:
        edited = self.edits.get(key) if judged.code == "code" else None
        if judged.code == "code" and (edited is None or edited.edit.whole or edited.edit.listing):
            return _EVERYTHING
        own = frozenset(name.lower() for name in edited.edit.changed) if edited is not None else frozenset()
        if otherwise.late:
            return _EVERYTHING
        if otherwise.reuse:
            return Effect(own)
        passed = self._passed(key, pending) if otherwise.code == UNDECIDED else _EVERYTHING
        if passed is None:
            return Effect(own)
        return _EVERYTHING if passed.columns is None else Effect(passed.columns | own)

    def _order_word(self, key: AssetKey, judged: Judged | None) -> str:
        """Of a table of which some columns were edited: the word by which the others may come out otherwise, too."""
        made, edited = self._known.get(key), self.edits.get(key)
        if made is None or edited is None or judged is None or judged.code != "code":
            return ""
        if edited.edit.whole or edited.edit.listing:
            return ""
        types = self._all_types(key, made)
        return unstable(made.sql, made.dialect, types) or unstable(edited.sql, made.dialect, types)

    def _passed(self, key: AssetKey, pending: Collection[AssetKey]) -> Effect | None:
        parents = parents_of(self._graph, key)
        found = {one: effect for one in parents if (effect := self._effect_of(one, pending)) is not None}
        if not found:
            return None
        reader = self._readers.get(key) if any(one.columns is not None for one in found.values()) else None
        return reached(reader, parents, found)

    def _effect_of(self, key: AssetKey, pending: Collection[AssetKey]) -> Effect | None:
        """Of what was not judged (it is not selected, or there was nothing to judge)."""
        if key not in self._effects:
            if key in pending:
                self._effects[key] = _EVERYTHING
            else:
                self._effects[key] = self._passed(key, pending) if self._is_view(key) else None
        return self._effects[key]

    def _is_view(self, key: AssetKey) -> bool:
        return self._graph.assets[key].kind is AssetKind.VIEW

    def _types(self, key: AssetKey) -> list[str]:
        """Of an asset's columns; where they are not known, one that is not exact."""
        asset = self._graph.assets.get(key)
        content = (
            self._contents.get(asset.relation) if asset is not None and asset.relation is not None else None
        )
        return [kind for _, kind in content.columns] if content is not None else ["double"]

    def _all_types(self, key: AssetKey, made: MadeFrom) -> list[str]:
        return [kind for one in (key, *made.inputs) for kind in self._types(one)]

    def steady(self, key: AssetKey) -> bool:
        """Whether a table or view that is made again differs in nothing but what changed."""
        made, asset = self._known.get(key), self._graph.assets[key]
        if (
            made is None
            or self._recipes[key].form not in ("table", "view")
            or made.volatile
            or asset.relation is None
            or not made.inputs.keys() <= self._graph.assets.keys()  # one is gone, or ephemeral now
        ):
            return False
        if any(self._known[one].volatile for one in made.inputs if one in self._known and self._is_view(one)):
            return False
        edited = self.edits.get(key)
        types = self._all_types(key, made)
        texts = [made.sql] if edited is None else [made.sql, edited.sql]
        return all(
            not unstable(sql, made.dialect, types) and volatility(sql, made.dialect) is None for sql in texts
        )


def _text_changed(recipe: Recipe, made: MadeFrom) -> bool:
    """Whether its text alone, or the vars in it, is another one, and what it compiles to can be compared."""
    was = made.recipe
    return (
        (recipe.template, recipe.context) != (was.template, was.context)
        and (recipe.form, recipe.settings) == (was.form, was.settings)
        and recipe.form in ("table", "view", "snapshot", "incremental")
        and not recipe.open
        and bool(made.sql)
    )
