"""A selector applied to a graph: sets of members, with dbt's rules for tests that come along with what they test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from penstock.assets import AssetKey
from penstock.errors import SelectionError, nearest_names
from penstock.graph.graph import AssetGraph
from penstock.graph.select.definitions import definition_of, parse_definition
from penstock.graph.select.methods import METHODS, NEED_MORE, bare
from penstock.graph.select.nodes import Members
from penstock.graph.select.spec import (
    Combination,
    Criterion,
    Indirect,
    Operation,
    Reference,
    Spec,
    parse_word,
    whole_name,
)

Method = Callable[[AssetGraph, str, str], Iterable[AssetKey]]
Tracer = Callable[[AssetGraph, str], Iterable[AssetKey]]
Keys = frozenset[AssetKey]
Pair = tuple[Keys, Keys]


class Evaluation:
    """One evaluation over one graph. `pair` gives what is selected, and the tests that may still join (see `_expanded`)."""

    def __init__(
        self,
        members: Members,
        selectors: Mapping[str, object],
        methods: Mapping[str, Method],
        tracer: Tracer | None,
        indirect: Indirect,
        within: Keys | None = None,
    ) -> None:
        self._within = within
        self._members = members
        self._selectors = selectors
        self._methods = methods
        self._tracer = tracer
        self._indirect = indirect
        self._open: list[str] = []
        self._found: dict[Criterion, Keys] = {}

    def pair(self, spec: Spec) -> Pair:
        match spec:
            case Criterion():
                return self._expanded(self._reached(spec), spec.indirect)
            case Reference(name):
                return self._selector(name)
            case Combination():
                return self._combined(spec)

    def words(self, item: str) -> Iterable[Combination]:
        """What one argument of `--select` asks for: its words, or the one name with spaces that it is."""
        whole = self._members.graph.names.lookup(item.strip()) if " " in item.strip() else ()
        if any(self._within is None or one.key in self._within for one in whole):
            return [whole_name(item.strip(), self._indirect)]
        return [parse_word(word, self._indirect) for word in item.split()]

    def found(self, criterion: Criterion) -> Keys:
        """What the method itself finds, before any walk."""
        if criterion not in self._found:
            found = frozenset(self._search(criterion))
            self._found[criterion] = found if self._within is None else found & self._within
        return self._found[criterion]

    def _combined(self, spec: Combination) -> Pair:
        return self.operate(spec.operation, [self.pair(part) for part in spec.parts], spec.indirect)

    def operate(self, operation: Operation, pairs: Sequence[Pair], indirect: Indirect) -> Pair:
        """A set operation over pairs that are already evaluated."""
        direct = _operate(operation, [pair[0] for pair in pairs])
        possible = _operate(operation, [pair[0] | pair[1] for pair in pairs])
        return self._joined(direct, possible, indirect), possible

    def _selector(self, name: str) -> Pair:
        if name not in self._selectors:
            near = nearest_names(name, self._selectors)
            guess = f"; did you mean '{near[0]}'?" if near else ""
            known = ", ".join(self._selectors) or "none: there is no selectors.yml"
            raise SelectionError(f"no selector '{name}'{guess}", hint=f"selectors: {known}")
        if name in self._open:
            raise SelectionError(f"selectors in a circle: {' -> '.join([*self._open, name])}")
        self._open.append(name)
        pair = self.pair(parse_definition(definition_of(self._selectors[name]), self._indirect))
        self._open.pop()
        return pair

    # ------------------------------------------------------------ one term

    def _search(self, criterion: Criterion) -> Iterable[AssetKey]:
        method, value = criterion.method, criterion.value
        if method is None:
            return bare(self._members, (), value)
        if method in self._methods:
            return self._methods[method](self._members.graph, ".".join(criterion.arguments), str(value))
        if method in METHODS:
            return METHODS[method](self._members, criterion.arguments, value)
        if method == "selector":
            return self._selector(str(value))[0]
        if method == "column":
            return self._traced(criterion)
        if method in NEED_MORE:
            raise SelectionError(f"'{criterion.raw}' needs {NEED_MORE[method]}, and there is none here")
        return self._by_whole_name(criterion)

    def _traced(self, criterion: Criterion) -> Iterable[AssetKey]:
        if self._tracer is None:
            raise SelectionError(f"'{criterion.raw}' needs column lineage, and there is none here")
        if criterion.closure:
            raise SelectionError(
                f"'{criterion.raw}': '@' does not follow columns", hint="use '+' on either side"
            )
        above = f"{criterion.parents_depth or ''}+" if criterion.parents else ""
        below = f"+{criterion.children_depth or ''}" if criterion.children else ""
        return self._tracer(self._members.graph, f"{above}{criterion.value}{below}")

    def _by_whole_name(self, criterion: Criterion) -> Iterable[AssetKey]:
        """A name may hold a colon itself (`postgres://host|...`); only then is an unknown method no error."""
        found = tuple(self._members.by_name(f"{criterion.method}:{criterion.value}"))
        if found:
            return found
        known = sorted({*METHODS, *NEED_MORE, *self._methods, "selector", "column"})
        near = nearest_names(criterion.method or "", known)
        guess = f"; did you mean '{near[0]}:'?" if near else ""
        raise SelectionError(
            f"'{criterion.raw}': unknown selection method '{criterion.method}'{guess}",
            hint="methods: " + ", ".join(known),
        )

    def _reached(self, criterion: Criterion) -> Keys:
        """What the method finds, and what the term's `@`, `n+` and `+n` reach from there."""
        found = self.found(criterion)
        if criterion.method == "column":
            return found
        walk = self._members.walk
        reached = set(found)
        if criterion.closure:
            reached |= walk(walk(found, upstream=False), upstream=True)
        if criterion.parents:
            reached |= walk(found, upstream=True, depth=criterion.parents_depth)
        if criterion.children:
            reached |= walk(found, upstream=False, depth=criterion.children_depth)
        return frozenset(reached)

    # ------------------------------------------------------------ tests that come along

    def _expanded(self, selected: Keys, indirect: Indirect) -> Pair:
        """Adds the checks of what is selected. eager: any of their assets is; cautious: all are; buildable: all are, or are
        upstream of it, or sources. A check that does not join is returned apart: another part may bring its other assets."""
        if indirect == "empty":
            return selected, frozenset()
        base: set[AssetKey] = set(selected)
        if indirect == "buildable":
            base |= self._members.walk(selected, upstream=True)
            base |= self._members.sources
        direct = set(selected)
        apart: set[AssetKey] = set()
        for key in selected:
            for check in self._members.checks_of(key):
                joins = indirect == "eager" or base.issuperset(check.assets)
                (direct if joins else apart).add(check.key)
        return frozenset(direct), frozenset(apart)

    def _joined(self, direct: Keys, possible: Keys, indirect: Indirect) -> Keys:
        """After a set operation: data tests that stood apart and whose assets are now all there."""
        if indirect not in ("cautious", "buildable") or direct == possible:
            return direct
        base = direct if indirect == "cautious" else self._members.walk(direct, upstream=True)
        checks = self._members.graph.checks
        joining = (
            key
            for key in possible
            if key in checks and checks[key].kind != "unit_test" and base.issuperset(checks[key].assets)
        )
        return direct.union(joining)


def _operate(operation: Operation, sets: list[Keys]) -> Keys:
    if not sets:
        return frozenset()
    first, *rest = sets
    if operation == "union":
        return first.union(*rest)
    return first.intersection(*rest) if operation == "intersection" else first.difference(*rest)
