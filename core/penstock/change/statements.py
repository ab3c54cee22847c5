"""What an edit of one SQL text changes: nothing but its form, some columns, or all rows. SQL in, records out. Pure.

Where it is not certain that a column is the same, it is changed: names are compared without asking which relation they mean.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from penstock.change.shape import Edit as Shaped
from penstock.change.shape import edit_between
from penstock.change.sqlchange import SAME, Edit, Scope, Spelling, SqlChange, short, tables

if TYPE_CHECKING:
    from sqlglot import exp


def sql_change(before: str, after: str, dialect: str) -> SqlChange:
    """What differs between the results of two texts that read the same relations.

    Two ways to the answer, each certain of what it calls the same: by shapes, which follow names to where they come from, and by
    the parts of the text, which tell the expressions. What either calls the same is the same.
    """
    if before == after:
        return SAME
    shaped = edit_between(before, after, dialect)
    if shaped.cosmetic:
        return SAME
    return _joined(_by_parts(before, after, dialect), shaped)


def _joined(parts: SqlChange, shaped: Shaped) -> SqlChange:
    told = (*shaped.changed, *shaped.added, *shaped.removed)
    if any(name.startswith("(") for name in told) and not parts.everything:
        return SqlChange(everything="a column without a name changes", edits=parts.edits)
    if shaped.whole or parts.nothing:
        return parts
    names = frozenset(name.lower() for name in told)
    if not parts.everything:
        names &= parts.names
    return SqlChange(names=names, edits=parts.edits, reordered=shaped.moved)


def _by_parts(before: str, after: str, dialect: str) -> SqlChange:
    if any(mark in text for text in (before, after) for mark in ("/*+", "--+", "/*!")):
        return SqlChange(everything="its SQL has a hint, and differs")
    from sqlglot import parse
    from sqlglot.errors import SqlglotError

    from penstock.lineage.read.bare_joins import are_many

    try:
        if are_many(before, dialect) or are_many(after, dialect):
            return SqlChange(everything="its SQL differs, and has many joins without a condition")
        old, new = parse(before, read=dialect or None), parse(after, read=dialect or None)
    except (SqlglotError, ValueError, RecursionError):
        return SqlChange(everything="its SQL differs, and could not be read")
    if len(old) != 1 or len(new) != 1 or old[0] is None or new[0] is None:
        return SqlChange(everything="its SQL differs, and is no single statement")
    spelt = Spelling(dialect)
    if spelt.text(old[0]) == spelt.text(new[0]):
        same = _words(before, dialect) == _words(after, dialect)
        return SAME if same else SqlChange(everything="its SQL names a function otherwise")
    return _query(old[0], new[0], {}, "", spelt)


def _words(sql: str, dialect: str) -> Counter[str]:
    """All that is neither a keyword nor a sign: two functions that one tree stands for keep their names apart."""
    from sqlglot import tokenize

    return Counter(
        token.text if token.token_type.name in ("STRING", "IDENTIFIER") else token.text.lower()
        for token in tokenize(sql, read=dialect or None)
        if token.text[:1].isalnum() or token.token_type.name in ("STRING", "IDENTIFIER")
        if token.token_type.name not in ("ALIAS", "INNER", "OUTER", "ASC")
    )


def _query(old: exp.Expr, new: exp.Expr, scope: Scope, inside: str, spelt: Spelling) -> SqlChange:
    from sqlglot import exp

    old, new = _bare(old), _bare(new)
    scope, edits = _with(old, new, scope, spelt)
    if isinstance(old, exp.Select) and isinstance(new, exp.Select):
        from penstock.change.selects import select_change

        found = select_change(old, new, scope, inside, spelt)
    elif isinstance(old, exp.SetOperation) and isinstance(new, exp.SetOperation):
        found = _set_operation(old, new, scope, inside, spelt)
    else:
        found = _opaque(old, new, scope, inside, spelt)
    return msgspec.structs.replace(found, edits=(*edits, *found.edits)) if not found.nothing else found


def _bare(node: exp.Expr) -> exp.Expr:
    from sqlglot import exp

    while isinstance(node, exp.Subquery | exp.Paren) and not any(
        value for name, value in node.args.items() if name != "this"
    ):
        node = node.this
    return node


def _with(old: exp.Expr, new: exp.Expr, scope: Scope, spelt: Spelling) -> tuple[Scope, tuple[Edit, ...]]:
    """The scope with each CTE's change, and the edits in those that change."""
    before, after = _ctes(old), _ctes(new)
    if not before and not after:
        return scope, ()
    inner = dict(scope)
    edits: list[Edit] = []
    recursive = any(with_.args.get("recursive") for query in (old, new) if (with_ := query.args.get("with_")))
    for name, query in after.items():
        former = before.get(name)
        if former is None or query is None:
            inner[name] = SqlChange(everything=f"the CTE {name} is new, or there are several")
            continue
        columns = (former.args["alias"], query.args["alias"])
        if spelt.text(columns[0]) != spelt.text(columns[1]):
            inner[name] = SqlChange(everything=f"the CTE {name} names its columns otherwise")
            continue
        found = _query(former.this, query.this, inner, name, spelt)
        if not found.nothing and (recursive or columns[1].args.get("columns")):
            found = SqlChange(everything=f"the CTE {name} changes", edits=found.edits)
        inner[name] = found
        edits += found.edits
    for name in before.keys() - after.keys():
        inner[name] = SqlChange(everything=f"the CTE {name} is gone")
    return inner, tuple(edits)


def _ctes(query: exp.Expr) -> dict[str, exp.Expr | None]:
    """The CTEs of a query by name, in order; None for a name that stands for several."""
    with_ = query.args.get("with_")
    found: dict[str, exp.Expr | None] = {}
    for cte in with_.expressions if with_ else ():
        name = cte.alias.lower()
        found[name] = None if name in found else cte
    return found


def without_with(query: exp.Expr) -> exp.Expr:
    """A copy without its CTEs."""
    copy = query.copy()
    copy.set("with_", None)
    return copy


def _opaque(old: exp.Expr, new: exp.Expr, scope: Scope, inside: str, spelt: Spelling) -> SqlChange:
    """A query of a kind that is compared as a whole."""
    before, after = without_with(old), without_with(new)
    if spelt.text(before) != spelt.text(after):
        edit = Edit(
            column="", before=short(spelt.text(before)), after=short(spelt.text(after)), inside=inside
        )
        return SqlChange(everything=f"{inside or 'its SQL'} is written otherwise", edits=(edit,))
    read = next((name for name in sorted(tables(after)) if name in scope and not scope[name].nothing), None)
    return SqlChange(everything=f"reads {read}, which changes") if read else SAME


def _set_operation(
    old: exp.SetOperation, new: exp.SetOperation, scope: Scope, inside: str, spelt: Spelling
) -> SqlChange:
    """UNION ALL keeps columns apart by their place; any other looks at whole rows."""
    from sqlglot import exp

    frames = [_frame(one, spelt) for one in (old, new)]
    if type(old) is not type(new) or frames[0] != frames[1]:
        return _opaque(old, new, scope, inside, spelt)
    sides = [
        _query(getattr(old, at), getattr(new, at), scope, inside, spelt) for at in ("this", "expression")
    ]
    edits = tuple(edit for side in sides for edit in side.edits)
    if all(side.nothing for side in sides):
        return SAME
    why = next((side.everything for side in sides if side.everything), "")
    places = [_outputs(getattr(new, at)) for at in ("this", "expression")]
    if why or not isinstance(new, exp.Union) or new.args.get("distinct") or any(s.reordered for s in sides):
        return SqlChange(everything=why or "a set operation looks at whole rows", edits=edits)
    if frames[1] or None in places or new.args.get("by_name"):
        return SqlChange(everything="a part of a UNION changes", edits=edits)
    left, right = places[0] or [], places[1] or []
    if len(left) != len(right) or not sides[1].names <= set(right):
        return SqlChange(everything="the parts of a UNION differ in their columns", edits=edits)
    moved = {left[at] for at, name in enumerate(right) if name in sides[1].names}
    return SqlChange(names=sides[0].names | moved, edits=edits)


def _frame(operation: exp.SetOperation, spelt: Spelling) -> str:
    """What stands around the two sides: order, limit."""
    return " ".join(
        spelt.text(operation.args[name]) for name in ("order", "limit", "offset") if operation.args.get(name)
    )


def _outputs(query: exp.Expr) -> list[str] | None:
    """The names of a query's columns in order; None where a star hides some."""
    from sqlglot import exp

    query = _bare(query)
    while isinstance(query, exp.SetOperation):
        query = _bare(query.this)
    if not isinstance(query, exp.Select) or any(one.is_star for one in query.expressions):
        return None
    return [one.alias_or_name.lower() for one in query.expressions]
