"""Selection: dbt's selector grammar over the whole graph, all tools together. Reads the graph, changes and runs nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec

from penstock.assets import AssetKey, AssetKind
from penstock.errors import SelectionError
from penstock.graph.graph import AssetGraph
from penstock.graph.select.definitions import default_selector, read_selectors
from penstock.graph.select.evaluate import Evaluation, Keys, Method, Tracer
from penstock.graph.select.nodes import Members
from penstock.graph.select.spec import (
    ColumnWalk,
    Criterion,
    Indirect,
    Reference,
    column_walk,
    indirect_mode,
)

__all__ = [
    "ColumnWalk",
    "Method",
    "Selection",
    "Tracer",
    "column_walk",
    "default_selector",
    "read_selectors",
    "select",
]


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """What was selected. `unmatched` are the terms of `include`, `unmatched_exclude` those of `exclude`, that found nothing."""

    assets: frozenset[AssetKey]
    checks: frozenset[AssetKey]
    unmatched: tuple[str, ...] = ()
    unmatched_exclude: tuple[str, ...] = ()


def select(
    graph: AssetGraph,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    *,
    selector: str | None = None,
    selectors: Mapping[str, object] | None = None,
    use_default: bool = True,
    indirect_selection: str = "eager",
    methods: Mapping[str, Method] | None = None,
    tracer: Tracer | None = None,
    projects: Collection[str] = (),
    within: Collection[AssetKey] | None = None,
) -> Selection:
    """The assets and checks that `include` names without those that `exclude` names; all of them when nothing is named.

    `selectors` are those of selectors.yml by name (`read_selectors`, or a manifest's own); one with `default: true` holds
    when nothing else is asked and `use_default`. `methods` serve what needs more than the graph (`state`, `result`);
    `tracer` answers `column:` terms (see `column_walk`). `projects` are the root packages of the dbt projects, for
    `package:this` and `path:`. `within`: terms find these assets alone, and checks of nothing else. Raises SelectionError.
    """
    indirect = indirect_mode(indirect_selection)
    known = selectors or {}
    members = Members(graph, projects)
    evaluation = Evaluation(members, known, methods or {}, tracer, indirect, _with_checks(graph, within))
    if selector is not None:
        if include or exclude:
            raise SelectionError(
                f"'--selector {selector}' cannot go together with other selections",
                hint=f"select it as one of them: selector:{selector}",
            )
        return _selection(members, evaluation.pair(Reference(selector))[0])
    if use_default and not include and not exclude and (name := default_selector(known)):
        return _selection(members, evaluation.pair(Reference(name))[0])
    included, unmatched = _union(evaluation, include, indirect)
    excluded, unmatched_exclude = _union(evaluation, exclude, indirect)
    if not include:
        included = frozenset(member.key for member in members)
    return _selection(members, included - excluded, unmatched, unmatched_exclude)


def _with_checks(graph: AssetGraph, within: Collection[AssetKey] | None) -> Keys | None:
    if within is None:
        return None
    checks = (
        one.key for one in graph.checks.values() if one.assets and all(key in within for key in one.assets)
    )
    return frozenset((*within, *checks))


def _union(evaluation: Evaluation, items: Sequence[str], indirect: Indirect) -> tuple[Keys, tuple[str, ...]]:
    """What any word of `items` selects, and what found nothing.

    A term that found nothing is named; where every term of an intersection found something, the whole is.
    """
    words = [word for item in items for word in evaluation.words(item)]
    pairs = [evaluation.pair(word) for word in words]
    empty: list[str] = []
    for word, pair in zip(words, pairs, strict=True):
        if not pair[0]:
            terms = [
                term.raw for term in word.parts if isinstance(term, Criterion) and not evaluation.found(term)
            ]
            empty.extend(terms or [word.raw])
    return evaluation.operate("union", pairs, indirect)[0], tuple(dict.fromkeys(empty))


def _selection(
    members: Members, keys: Keys, unmatched: tuple[str, ...] = (), unmatched_exclude: tuple[str, ...] = ()
) -> Selection:
    """Hooks are walked through like anything else, but dbt never selects them."""
    graph = members.graph
    assets = (key for key in keys if key in graph.assets)
    return Selection(
        assets=frozenset(key for key in assets if graph.assets[key].kind is not AssetKind.OPERATION),
        checks=frozenset(key for key in keys if key in graph.checks),
        unmatched=unmatched,
        unmatched_exclude=unmatched_exclude,
    )
