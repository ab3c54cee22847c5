"""What a statement writes to: the target's name, what is known of its columns, and what is left for later statements."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

from sqlglot import exp

from penstock.lineage.read import tree
from penstock.lineage.records import Parts
from penstock.lineage.scope.growth import grown
from penstock.lineage.scope.relations import READ, TEMPORARY, WRITTEN, outside, written_parts
from penstock.lineage.scope.results import Col, OutsideRelation, Result, Scope
from penstock.lineage.scope.walk import Walk
from penstock.lineage.statements.contents import emptied, put_in_place, replaced


class Leaves(Enum):
    """What a change leaves of what was in the relation: its rows, those with other values in these columns, or nothing."""

    ROWS = 0
    OTHER_COLUMNS = 1
    NOTHING = 2


class Outcome:
    """What one statement gives: `rel` written to `target`, or just shown when `target` is ()."""

    __slots__ = ("rel", "target")

    def __init__(self, target: Parts, rel: Result) -> None:
        self.target = target
        self.rel = rel


class Target:
    """A relation about to change. `columns` are those of an explicit list, in order."""

    __slots__ = ("alias", "columns", "parts", "rel")

    def __init__(
        self, parts: Parts, rel: Result, alias: str | None, columns: list[Any] | None = None
    ) -> None:
        self.parts = parts
        self.rel = rel
        self.alias = alias
        self.columns = columns

    @property
    def known(self) -> list[Any] | None:
        """The target's columns in order, as identifiers; None when they are not known."""
        if self.rel.is_open:
            return None
        return [exp.to_identifier(col.name, quoted=True) for col in self.rel.listing()]


Statement = Callable[[Walk, Any], list[Outcome]]
"""How one kind of statement is derived."""


def relation_key(w: Walk, parts: Parts) -> Parts:
    return tuple(w.rules.relation_key(part) for part in parts)


def made_as(w: Walk, rel: Result) -> Parts | None:
    """The name of a relation that the text made, such as a temporary table."""
    key = next((key for key, one in w.made.items() if one is rel), None)
    return None if key is None else next((one for one in w.uses if relation_key(w, one) == key), key)


def mark(w: Walk, parts: Parts, use: int) -> None:
    w.uses[parts] = w.uses.get(parts, 0) | use


def target_of(w: Walk, table: Any, scope: Scope | None = None) -> Target:
    """The target that a statement names, with its column list if it has one. Reading it is not a read."""
    if table.__class__ is not exp.Schema:
        return _named(w, table, scope, None)
    target = _named(w, table.args["this"], scope, column_list(table) or None)
    starred = next((one for one in table.expressions if one.__class__ is exp.Star), None)
    if starred is not None and target.known is not None:  # ClickHouse: `insert into t (* except(a))`
        left_out = {w.key(one.args["this"]) for one in starred.args.get(tree.EXCEPT) or ()}
        target.columns = [one for one in target.known if w.key(one) not in left_out]
    return target


def _named(w: Walk, table: Any, scope: Scope | None, columns: list[Any] | None) -> Target:
    if not isinstance(table, exp.Table) or not isinstance(table.args.get("this"), exp.Expr):
        return Target((), Result(), None, columns)
    alias = table.args.get("alias")
    key = w.key(
        alias.args["this"] if alias is not None and alias.args.get("this") is not None else table.args["this"]
    )
    if scope is not None and table.args.get("db") is None and isinstance(table.args["this"], exp.Identifier):
        cte = scope.ctes.get(w.key(table.args["this"]))
        if cte is not None:
            return behind(w, cte, key, columns)
    parts = written_parts(w, table)
    read_before = w.uses.get(_true_parts(w, parts), 0) & READ
    rel = outside(w, parts, table)
    true = _true_parts(w, parts)
    if not read_before and true in w.uses:
        w.uses[true] &= ~READ
    return Target(w.relations[rel.id] if isinstance(rel, OutsideRelation) else true, rel, key, columns)


def _true_parts(w: Walk, parts: Parts) -> Parts:
    full = w.catalog.full(parts)
    return full if relation_key(w, full) in w.made else w.catalog.find(parts).parts


def behind(w: Walk, rel: Result, alias: str, columns: list[Any] | None) -> Target:
    """A CTE that is updated: the one table behind it changes."""
    relations = {one for col in rel.listing() for one in w.refs.relations_of(col.deps, identical=True)}
    relations |= rel.relations()
    only = relations.pop() if len(relations) == 1 else -1
    return Target(w.relations[only] if only >= 0 else (), rel, alias, columns)


def base_of(w: Walk, rel: Result, key: str) -> tuple[Parts, str] | None:
    """The relation and the column that change when the column `key` of a query does; None where there is not one."""
    col = rel.find(key)
    found = w.refs.handed_on(col.deps) if col is not None else []
    if len(found) != 1 or found[0][0] < 0 or found[0][2]:
        return None
    return w.relations[found[0][0]], found[0][1]


def is_query(w: Walk, target: Target) -> bool:
    """Whether it stands for what it was made from: a CTE, or a query in its place."""
    return not isinstance(target.rel, OutsideRelation) and made_as(w, target.rel) is None


def at_base(w: Walk, target: Target) -> Target:
    """Of a query that is inserted into, the one relation behind it, under its own names."""
    names = target.columns or target.known or []
    bases = [base_of(w, target.rel, w.key(one)) for one in names]
    relations = {one[0] for one in bases if one is not None}
    if len(relations) != 1 or None in bases:
        return target
    columns = [exp.to_identifier(one[1], quoted=True) for one in bases if one is not None]
    return Target(relations.pop(), target.rel, target.alias, columns)


def written(w: Walk, target: Target, rel: Result, *, leaves: Leaves = Leaves.ROWS) -> Outcome:
    """Notes the change. What is written to a temporary table reaches those who read it later."""
    if target.parts:
        variable = target.parts[-1].startswith("@") and w.rules.has.table_variables
        mark(w, target.parts, WRITTEN | (TEMPORARY if variable else 0))
        key = relation_key(w, target.parts)
        if leaves is not Leaves.ROWS:
            (emptied(w, key) if leaves is Leaves.NOTHING else replaced(w, key, rel))
        before, built = w.made.get(key), w.built.get(key)
        if before is None and variable:
            w.made[key] = rel
        elif before is not None and not isinstance(before, OutsideRelation):
            w.made[key] = grown(before, rel)
        if built is not None:  # a later rename hands this on, too
            w.built[key] = w.made[key] if built is before else grown(built, rel)
    return Outcome(target.parts, rel)


def created(
    w: Walk, table: Any, rel: Result, *, temporary: bool, columns: list[Any] | None = None
) -> Outcome:
    """A relation that the statement makes; the statements after it see it."""
    if columns:
        rel = named_by(w, rel, columns)
    parts = w.catalog.full(written_parts(w, table))
    mark(w, parts, WRITTEN | (TEMPORARY if temporary else 0))
    key = relation_key(w, parts)
    held = w.built[key] = put_in_place(w, key, rel)
    w.made[key] = held if temporary else permanent(w, parts, held)
    return Outcome(parts, rel)


def permanent(w: Walk, parts: Parts, rel: Result) -> OutsideRelation:
    """What later statements see of a relation that stays: its columns, not where they came from."""
    names = {col.key: col.name for col in rel.listing()}
    made = OutsideRelation(w.refs, w.relation_id(parts), names or None, w.rules.hidden, more=rel.is_open)
    w.bases[made.id] = made
    return made


def named_by(w: Walk, rel: Result, idents: list[Any]) -> Result:
    """Columns by position under the names of a column list."""
    made = Result(rows=rel.rows)
    columns = rel.listing()
    for at, ident in enumerate(idents):
        key, name = w.key(ident), w.name(ident)
        if rel.is_open:
            made.add(_at_position(w, rel, at, key, name))
        elif at < len(columns):
            made.add(columns[at].renamed(key, name))
    return made


def _at_position(w: Walk, rel: Result, at: int, key: str, name: str) -> Col:
    """The column at a position of a list that is not all known: by its name, if at all."""
    known_before = rel.open_stars[0].at if rel.open_stars else 0
    if at < known_before:
        return rel.listing()[at].renamed(key, name)
    named = rel.find(key)
    choices = [named] if named is not None else rel.guess(key, name)
    deps = {w.refs.doubted(dep): site for col in choices for dep, site in col.deps.items()}
    return Col(key, name, deps)


def column_list(schema: Any) -> list[Any]:
    """The names in `t (a, b)`, with or without types."""
    found = []
    for one in schema.expressions:
        if one.__class__ is exp.ColumnDef or one.__class__ is exp.Column:
            one = one.args["this"]
        if one.__class__ is exp.Identifier:
            found.append(one)
    return found
