"""From a name in SQL to the column that it means: through sources, aliases, structs and the scopes around."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from penstock.lineage.scope.dependencies import (
    TRANSFORMATION,
    UNRESOLVED,
)
from penstock.lineage.scope.fields import field
from penstock.lineage.scope.own_names import alias_at, foreseen
from penstock.lineage.scope.relations import outside, written_so
from penstock.lineage.scope.results import (
    NOTHING,
    PARAMETER,
    Col,
    Fields,
    OutsideRelation,
    Result,
    Scope,
    SharedAlias,
    ambiguous,
    merge,
)
from penstock.lineage.scope.walk import Walk


def column(w: Walk, node: Any) -> Col:
    """What a Column node means. Always an answer: what cannot be resolved is a finding and depends on nothing known."""
    args = node.args
    table = args.get("table")
    if table is None:
        return unqualified(w, args["this"])
    if args.get("db") is None:
        key = w.key(table)
        rel = w.scope.by_alias.get(key) or source_named(w.scope, key)
        if rel is not None:
            return member(w, rel, args["this"])
    return _dotted(w, [args[part] for part in ("catalog", "db", "table", "this") if args.get(part)])


def source_named(scope: Scope, key: str) -> Result | None:
    own = scope.by_alias.get(key)
    if own is not None:
        return own
    for level in scope.around():
        rel = level.by_alias.get(key)
        if rel is not None:
            return rel
    if scope.siblings is not None:
        return source_named(scope.siblings, key)
    return None


_OF_SEQUENCES = frozenset({"nextval", "currval"})


def _dotted(w: Walk, idents: list[Any]) -> Col:
    """`a.b.c`: schema.table.column, table.column.field or column.field.field; nothing, where `a` is a lambda's argument."""
    w.seen.add(id(idents[-1]))
    if w.scope.memo.get(w.key(idents[0])) is NOTHING:
        return NOTHING
    counts = idents[-1].name.lower() in _OF_SEQUENCES and w.rules.has.sequences_have_columns
    if counts and source_named(w.scope, w.key(idents[0])) is None:
        return NOTHING
    for at in range(len(idents) - 2, 0, -1):
        rel = _source_written_so(w, idents[: at + 1])
        if rel is not None:
            return field(w, member(w, rel, idents[at + 1]), [ident.name for ident in idents[at + 2 :]])
    rel = source_named(w.scope, w.key(idents[0]))
    if rel is not None:
        return field(w, member(w, rel, idents[1]), [ident.name for ident in idents[2:]])
    record = w.records.get(w.fold(idents[0].name))
    if record is not None:
        return member(w, record, idents[1])
    if w.routines and (held := _held(w, idents)) is not None:
        return held
    if w.rules.has.no_fields and idents[-1].name.lower() not in _OF_TYPES:
        return _of_absent(w, idents)
    root = lookup(w, w.scope, w.key(idents[0]), idents[0])
    if root is not None:
        return field(w, root, [ident.name for ident in idents[1:]])
    rel = source_named(w.scope, w.key(idents[-2]))
    if rel is not None:
        return member(w, rel, idents[-1])
    hidden = _hidden(w, w.key(idents[0]))
    if len(hidden) == 1:
        return field(w, hidden[0], [ident.name for ident in idents[1:]])
    return _unknown(w, idents)


_OF_TYPES = frozenset({"lat", "long", "stx", "sty", "stsrid", "hasm", "hasz", "isnull"})
"""What T-SQL's spatial types have."""


def _of_absent(w: Walk, idents: list[Any]) -> Col:
    """`s.id` where no source is called `s`."""
    rel = source_named(w.scope, w.key(idents[-2]))
    if rel is None and w.rules.has.names_are_sources:
        rel = outside(w, tuple(w.name(one) for one in idents[:-1]))
    return member(w, rel, idents[-1]) if rel is not None else _unknown(w, idents)


def _unknown(w: Walk, idents: list[Any]) -> Col:
    dotted = ".".join(ident.name for ident in idents)
    w.finding("unresolved-column", f"{dotted}: no relation or column {idents[0].name} here", idents[0])
    key = w.refs.key(-1, dotted, "", UNRESOLVED)
    return Col(w.key(idents[-1]), w.name(idents[-1]), {key: None}, base=True)


def _held(w: Walk, idents: list[Any]) -> Col | None:
    """What a variable holds that is named `p.x` (Oracle: in the procedure p), `session.x` or `system.session.x`."""
    if w.rules.has.session_variables and idents[0].name.lower() == "system":
        idents = idents[1:]
    if len(idents) < 2 or w.fold(idents[0].name) not in w.routines:
        return None
    held = w.variables.get(w.key(idents[1]))
    return field(w, held, [ident.name for ident in idents[2:]]) if held is not None else None


def _source_written_so(w: Walk, idents: list[Any]) -> Result | None:
    """The source `schema.table`; of two schemas' tables of one name the one that is meant."""
    rel = source_named(w.scope, w.key(idents[-1]))
    if isinstance(rel, OutsideRelation) and written_so(w, rel, idents):
        return rel
    if not isinstance(rel, OutsideRelation | SharedAlias):
        return None
    bases = (
        other for level in w.scope.around() for other in level.sources if isinstance(other, OutsideRelation)
    )
    return next((other for other in bases if written_so(w, other, idents)), None)


def member(w: Walk, rel: Result, ident: Any) -> Col:
    """The column `ident` of one source."""
    key = w.key(ident)
    return rel.find(key) or _not_found(w, rel, ident, key)


def _not_found(w: Walk, rel: Result, ident: Any, key: str) -> Col:
    if isinstance(ident, exp.Parameter):
        return _numbered(w, rel, ident)
    name = w.name(ident)
    choices = rel.guess(key, name)
    if len(choices) == 1:
        return choices[0]
    if choices:
        return _doubtful(w, key, name, ident, choices)
    if rel.value is not None:
        found = field(w, rel.value, [name])
        return Col(found.key, found.name, found.deps, base=True, access=found.access, fields=found.fields)
    return _missing(w, rel, key, name, ident)


def _numbered(w: Walk, rel: Result, ident: Any) -> Col:
    """`$2`: the second column of a source, or of a staged file."""
    number = int(ident.name) if ident.name.isdigit() else 0
    columns = rel.listing()
    if 0 < number <= len(columns):
        return columns[number - 1]
    if isinstance(rel, OutsideRelation):
        name = f"${ident.name}"
        return Col(name, name, {w.refs.key(rel.id, name): None}, base=True, access=True)
    return NOTHING


def _missing(w: Walk, rel: Result, key: str, name: str, ident: Any) -> Col:
    """A column that its source does not have, as far as is known."""
    if isinstance(rel, OutsideRelation):
        col = rel.find_folded(key)
        if col is not None:
            return col
        relation = ".".join(w.relations[rel.id])
        w.finding("unknown-column", f"{relation} has no column {name}", ident)
        return Col(key, name, {w.refs.key(rel.id, name, "", UNRESOLVED): None}, base=True, access=True)
    alike = [col for col in rel.listing() if col.key.lower() == key.lower()]
    if len(alike) == 1:
        return alike[0]
    w.finding("unresolved-column", f"{name}: the subquery does not give such a column", ident)
    return Col(key, name, {w.refs.key(-1, name, "", UNRESOLVED): None}, base=True)


def unqualified(w: Walk, ident: Any) -> Col:
    key = w.key(ident)
    return w.scope.memo.get(key) or first_met(w, ident, key)


def first_met(w: Walk, ident: Any, key: str) -> Col:
    """A name that this scope has not met so far."""
    scope = w.scope
    col = _only(w, scope, key) or lookup(w, scope, key, ident)
    if col is None:
        return _nowhere(w, scope, key, ident)
    if key not in scope.pending and col is not scope.aliases.get(key):
        scope.memo[key] = col
    return col


def _only(w: Walk, scope: Scope, key: str) -> Col | None:
    """The column of that name when exactly one source is known to have it: most names, and no need to look further."""
    has = w.rules.has
    if scope.merged or has.aliases_first or (has.one_column_unnest and scope.valued(key)):
        return None
    found: Col | None = None
    for rel in scope.sources:
        col = rel.find(key)
        if col is not None:
            if found is not None and found is not col:
                return None
            found = col
    return found


def _is_variable(w: Walk, key: str, in_query: bool) -> bool:
    """Whether a name that a variable has means it where no source is known to have such a column."""
    if in_query and w.rules.has.variables_by_colon:
        return w.variables[key] is PARAMETER
    return not w.rules.has.marked_variables


def lookup(w: Walk, scope: Scope, key: str, ident: Any) -> Col | None:
    """The column of that name, searched from the inside out; None when no source has or could have it."""
    if w.rules.has.aliases_first:
        if key in scope.aliases:
            return scope.aliases[key]
        if key in scope.pending:
            return foreseen(scope, key)
        for level in scope.around():
            if key in level.scalars:
                made: Col = level.scalars[key]()
                return made
    choices: list[Col] = []
    nearest: Col | None = None
    for level in scope.around():
        known = level.merged.get(key) or (level.valued(key) if w.rules.has.one_column_unnest else None)
        hits = [known] if known is not None else _hits(level, key)
        if not hits and key in w.variables and _is_variable(w, key, bool(level.sources or choices)):
            return w.variables[key]
        if not hits:
            guesses = [] if _is_reserved(w, ident) else _guesses(level, key, w.name(ident))
            alias = level.aliases.get(key)
            if alias is not None and guesses:
                seen, sure = alias_at(w, level, key)
                alias = alias if seen else None
                guesses = [] if sure else guesses
            if not choices and len(guesses) == 1 and alias is None:
                nearest = guesses[0]
            choices.extend(guesses)
            if alias is None:
                continue
            hits = [alias]
        if len(hits) == 1 and not choices:
            return hits[0]
        return _doubtful(w, key, w.name(ident), ident, choices + hits, nearest)
    if choices and w.rules.has.alias_as_row and (row := source_named(scope, key)) is not None:
        choices.append(whole_row(row, key))
    if len(choices) == 1:
        return choices[0]
    if choices:
        return _doubtful(w, key, w.name(ident), ident, choices, nearest)
    if scope.siblings is not None:
        return lookup(w, scope.siblings, key, ident)
    return None


def _is_reserved(w: Walk, ident: Any) -> bool:
    """`rownum`, `user`: where nobody is known to have such a column, nobody has."""
    return (
        bool(w.rules.reserved)
        and ident.__class__ is exp.Identifier
        and not ident.args.get("quoted")
        and ident.args["this"].lower() in w.rules.reserved
    )


def _hits(level: Scope, key: str) -> list[Col]:
    hits = []
    for rel in level.sources:
        col = rel.find(key)
        if col is not None and col not in hits:
            hits.append(col)
    return hits


def _guesses(level: Scope, key: str, name: str) -> list[Col]:
    found: list[Col] = []
    for rel in level.sources:
        for col in rel.guess(key, name):
            if col not in found:
                found.append(col)
    return found


def _doubtful(
    w: Walk, key: str, name: str, ident: Any, choices: list[Col], nearest: Col | None = None
) -> Col:
    if len({tuple(one.deps) for one in choices}) == 1 and choices[0].deps:
        return choices[0]  # the same relation twice: whichever is meant, it is that column
    col = ambiguous(w.refs, key, name, choices, nearest)
    named = {w.relations[other] for dep in col.deps for other in w.refs.candidates_of(dep)}
    where = ", ".join(sorted(".".join(parts) for parts in named))
    w.finding("ambiguous-column", f"{name} could be a column of {where}", ident)
    return col


def _nowhere(w: Walk, scope: Scope, key: str, ident: Any) -> Col:
    """A name that no source has: a whole row, a keyword, a hidden column, or not resolved."""
    rel = source_named(scope, key)
    if rel is not None:
        return whole_row(rel, key)
    folded = key.lower()
    if folded in w.rules.pseudo:
        return NOTHING
    inside = [
        col
        for one in scope.sources
        if isinstance(one, ElementResult)
        for col in one.fields(key, w.name(ident))
    ]
    if len(inside) == 1:
        return inside[0]
    alike = _hidden(w, key)
    if len(alike) == 1:
        return alike[0]
    name = w.name(ident)
    if len(alike) > 1:
        return _doubtful(w, key, name, ident, alike)
    alone = len(scope.sources) == 1 and not any(
        level.sources for level in scope.around() if level is not scope
    )
    if alone and isinstance(scope.sources[0], OutsideRelation):
        return _missing(w, scope.sources[0], key, name, ident)
    w.finding("unresolved-column", f"{name}: no source here has such a column", ident)
    return Col(key, name, {w.refs.key(-1, name, "", UNRESOLVED): None}, base=True)


def _hidden(w: Walk, key: str) -> list[Col]:
    """Columns that no star lists (rowid, _partitiontime), and those that differ in case alone."""
    bases = [rel for level in w.scope.around() for rel in level.sources if isinstance(rel, OutsideRelation)]
    return [col for col in (rel.find_folded(key) for rel in bases) if col is not None]


def whole_row(rel: Result, key: str) -> Col:
    """An alias used as a value: all of its columns."""
    if rel.value is not None:
        return rel.value
    columns = rel.listing()
    open_ended = rel.guess("*", "*")
    fields = Fields(columns, rel) if open_ended else {col.key: col for col in columns}
    deps = merge([*columns, *open_ended], subtype=TRANSFORMATION)
    return Col(key, key, deps, base=True, fields=fields)


class ElementResult(Result):
    """BigQuery: the elements of one array. What else is named here can be a field of theirs: most likely so where they
    have no name of their own, and else only what no other source can have."""

    __slots__ = ("element", "named", "walk")

    def __init__(self, w: Walk, element: Col, *, named: bool) -> None:
        super().__init__()
        self.walk = w
        self.element = element
        self.named = named

    def find(self, key: str) -> Col | None:
        found = super().find(key)
        if found is not None or self.named or isinstance(self.element.fields, Fields):
            return found
        return (self.element.fields or {}).get(key)

    def guess(self, key: str, name: str) -> list[Col]:
        return [] if self.named else self.fields(key, name)

    def fields(self, key: str, name: str) -> list[Col]:
        known = self.element.fields
        if key == "*" or (known is not None and key not in known and not isinstance(known, Fields)):
            return []
        return [field(self.walk, self.element, [name]).renamed(key, name)]
