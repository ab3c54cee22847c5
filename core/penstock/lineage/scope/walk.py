"""What one walk over a statement carries along: rules, known relations, refs, and what was found. No SQL is walked here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlglot import exp

from penstock.lineage.dialects.rules import Rules
from penstock.lineage.read.spans import Spans
from penstock.lineage.records import Parts
from penstock.lineage.scope.catalog import Catalog, Entry
from penstock.lineage.scope.dependencies import Deps, Refs, extend
from penstock.lineage.scope.results import Col, OutsideRelation, Result, Scope
from penstock.lineage.scope.signatures import MadeFunction
from penstock.lineage.scope.struct_types import fields_of_type

Derive = Callable[["Walk", Any, Scope | None], Result]
"""How a query inside an expression or a FROM is derived, given the scope around it."""


Visit = Callable[["Walk", Any, int], None]
"""How one class of expression is visited."""
Key = Callable[[Any], str]
"""A name in the form in which it is compared."""
Modifying = Callable[["Walk", Any, Scope], Result]
"""How INSERT, UPDATE, DELETE or MERGE is derived as a part of a query."""


class Walk:
    """The state of one walk. `acc` and `site`: what is being derived, and the expression that derives it. `multiplied`: calls in the
    item of the select list at hand that turn one row into many, however deep. `kept`: what is read for conditions and variables.
    `branch`: the branches and loops around the statement, and `made_in` those around what made a relation. `undone`: a transaction is.
    `set_in`: the branches around what gave a variable its value; `fetched`: variables that get one from cursors. `routines`: names
    that may stand before a variable."""

    __slots__ = (
        "acc",
        "bases",
        "beside",
        "branch",
        "built",
        "catalog",
        "derive",
        "fetched",
        "fold",
        "found",
        "functions",
        "given_back",
        "handlers",
        "in_trigger",
        "kept",
        "key",
        "made",
        "made_in",
        "modifying",
        "multiplied",
        "named",
        "one",
        "peek",
        "quotes_matter",
        "records",
        "refs",
        "relation_ids",
        "relations",
        "routines",
        "rules",
        "saw_aggregate",
        "scope",
        "seen",
        "set_in",
        "site",
        "spans",
        "statements",
        "stores",
        "undone",
        "uses",
        "variables",
    )

    def __init__(
        self,
        rules: Rules,
        catalog: Catalog,
        spans: Spans,
        *,
        derive: Derive,
        handlers: dict[type, Visit | None],
        statements: Mapping[type, Any],
        modifying: Mapping[type, Modifying],
    ) -> None:
        self.derive = derive
        self.handlers = handlers
        self.statements = statements
        self.modifying = modifying
        self.one: Col | None = None
        self.spans = spans
        self.rules = rules
        self.fold = rules.fold
        self.stores = rules.stores
        self.quotes_matter = rules.quotes_matter
        self.seen: set[int] = set()
        self.peek = _comparable(rules)
        self.named = _named(rules)
        self.key = _accounted(rules, self.seen)
        self.catalog = catalog
        self.refs = Refs()
        self.relations: list[Parts] = []
        self.relation_ids: dict[Parts, int] = {}
        self.bases: dict[int, OutsideRelation] = {}
        self.made: dict[Parts, Result] = {}
        self.built: dict[Parts, Result] = {}
        self.branch: tuple[int, ...] = ()
        self.made_in: dict[Parts, tuple[int, ...]] = {}
        self.undone = False
        self.fetched: frozenset[str] = frozenset()
        self.routines: frozenset[str] = frozenset()
        self.set_in: dict[str, tuple[int, ...]] = {}
        self.beside: list[Any] = []
        self.uses: dict[Parts, int] = {}
        self.kept: list[tuple[Deps, Any]] = []
        self.variables: dict[str, Col] = {}
        self.records: dict[str, Result] = {}
        self.functions: dict[Parts, list[MadeFunction]] = {}  # those made from a query
        self.given_back: dict[Parts, list[MadeFunction]] = {}  # those that read relations to give one value
        self.in_trigger: tuple[str, ...] = ()  # the names of its rows
        self.found: dict[tuple[str, str], Any] = {}
        self.begin()

    def begin(self) -> None:
        """Nothing is being derived."""
        self.acc: Deps = {}
        self.site: Any = None
        self.scope: Scope = Scope(None, {})
        self.saw_aggregate = False
        self.multiplied: list[Any] = []

    def name(self, ident: Any) -> str:
        """A name as the warehouse stores it."""
        if ident.__class__ is exp.Identifier:
            args = ident.args
            if not (self.quotes_matter and args.get("quoted")):
                return self.stores(args["this"])
        return str(ident.name)

    def known(self, nodes: Iterable[Any]) -> None:
        """Names that say nothing of where a column comes from: options, labels, what was read in another way."""
        for node in nodes:
            self.seen.add(id(node))
            if node.__class__ is exp.Column:
                self.seen.add(id(node.args["this"]))

    def text(self, node: Any) -> str | None:
        """An expression as it was written."""
        span = self.spans.of(node)
        return None if span is None else self.spans.text(span)

    def text_of_name(self, node: Any) -> str:
        """The word by which a function was called."""
        meta = node._meta if node is not None else None
        return self.spans.sql[meta["start"] : meta["end"] + 1] if meta and "start" in meta else ""

    def finding(self, code: str, message: str, node: Any = None) -> None:
        """Keeps something that does not fit; the same words are kept once, where they came up first."""
        self.found.setdefault((code, message), node)

    def relation_id(self, parts: Parts) -> int:
        found = self.relation_ids.get(parts)
        if found is None:
            found = self.relation_ids[parts] = len(self.relations)
            self.relations.append(parts)
        return found

    def base(self, entry: Entry) -> OutsideRelation:
        """The relation outside the statement, the same object at each mention."""
        relation = self.relation_id(entry.parts)
        rel = self.bases.get(relation)
        if rel is None:
            rel = OutsideRelation(
                self.refs,
                relation,
                entry.names,
                self.rules.hidden,
                more=entry.more,
                fields_of=self._fields_of(relation, entry.structs) if entry.structs else None,
            )
            self.bases[relation] = rel
        return rel

    def _fields_of(
        self, relation: int, structs: dict[str, str]
    ) -> Callable[[str, str], dict[str, Col] | None]:
        def fields(key: str, name: str) -> dict[str, Col] | None:
            kind = structs.get(key)
            return fields_of_type(self.rules, self.refs, relation, name, kind) if kind else None

        return fields

    def add(self, col: Col, subtype: int) -> None:
        """`col`, used as `subtype`, goes into what is being derived."""
        acc, site = self.acc, self.site
        if subtype == 0 and not col.base:
            for key, inner in col.deps.items():
                if key not in acc:
                    acc[key] = inner or site
            return
        extend(acc, col.deps, subtype, site)

    def add_deps(self, deps: Deps, subtype: int) -> None:
        acc, site = self.acc, self.site
        if subtype:
            extend(acc, deps, subtype, site)
            return
        for key, inner in deps.items():
            if key not in acc:
                acc[key] = inner or site


def _comparable(rules: Rules) -> Key:
    """The key of a name for who only looks: the name is still to be accounted for."""
    fold = rules.fold
    if not rules.quotes_matter:
        return lambda ident: fold(ident.args["this"] if ident.__class__ is exp.Identifier else ident.name)

    def key(ident: Any) -> str:
        if ident.__class__ is exp.Identifier:
            args = ident.args
            name: str = args["this"]
            return name if args.get("quoted") else fold(name)
        return fold(ident.name)

    return key


def _named(rules: Rules) -> Callable[[Any], tuple[str, str]]:
    """The key of a name and how the warehouse stores it, for who gives it: there is nothing to account for."""
    fold, stores, identifier, quotes_matter = rules.fold, rules.stores, exp.Identifier, rules.quotes_matter

    def named(ident: Any) -> tuple[str, str]:
        if ident.__class__ is not identifier:
            return fold(ident.name), ident.name
        args = ident.args
        name: str = args["this"]
        if quotes_matter and args.get("quoted"):
            return name, name
        return fold(name), stores(name)

    return named


def _accounted(rules: Rules, seen: set[int]) -> Key:
    """The same for who uses the name: it is accounted for from here on. The most called function of a walk."""
    note, fold, identifier = seen.add, rules.fold, exp.Identifier

    def key(ident: Any) -> str:
        note(id(ident))
        return fold(ident.args["this"] if ident.__class__ is identifier else ident.name)

    def quoted_key(ident: Any) -> str:
        note(id(ident))
        if ident.__class__ is not identifier:
            return fold(ident.name)
        args = ident.args
        name: str = args["this"]
        return name if args.get("quoted") else fold(name)

    return quoted_key if rules.quotes_matter else key
