"""What a relation holds between the statements of a text: what is written to it adds to that, or takes its place.

What was in it stays wherever it may still be there: after a branch that may not run, and where a transaction may be undone.
"""

from __future__ import annotations

from sqlglot import exp

from penstock.lineage.records import Parts
from penstock.lineage.scope.growth import grown
from penstock.lineage.scope.results import Col, EmptyRelation, OutsideRelation, Result
from penstock.lineage.scope.walk import Walk


def ends_old(w: Walk, key: Parts) -> bool:
    """Whether a statement here is sure to run after what made the relation, and is not undone."""
    return not w.undone and w.made_in.get(key, ())[: len(w.branch)] == w.branch


def put_in_place(w: Walk, key: Parts, rel: Result) -> Result:
    """What the relation holds after it was made again."""
    before = w.made.get(key) if w.built.get(key) is None else w.built[key]
    if before is None or isinstance(before, OutsideRelation) or ends_old(w, key):
        w.made_in[key] = w.branch
        return rel
    w.made_in[key] = common(w.made_in.get(key, ()), w.branch)
    return either(before, rel)


def common(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    """The branches around both."""
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    return one[:same]


def emptied(w: Walk, key: Parts) -> None:
    """Nothing of what was in it reaches those who read it later."""
    if not ends_old(w, key):
        return
    for held in (w.made, w.built):
        before = held.get(key)
        if before is not None and not isinstance(before, OutsideRelation):
            held[key] = _without_rows(before)


def replaced(w: Walk, key: Parts, rel: Result) -> None:
    """The columns of `rel` have new values in all rows."""
    if not ends_old(w, key):
        return
    for held in (w.made, w.built):
        before = held.get(key)
        if before is not None and not isinstance(before, OutsideRelation) and not before.is_open:
            new = {col.key for col in rel.listing()}
            held[key] = Result(
                (Col(col.key, col.name, {}) if col.key in new else col for col in before.listing()),
                before.rows,
            )


def forgotten(w: Walk, key: Parts) -> None:
    """It was dropped. What a branch drops may still be there."""
    if ends_old(w, key):
        w.made.pop(key, None)
        w.built.pop(key, None)


def _without_rows(before: Result) -> Result:
    kind = EmptyRelation if before.is_open else Result
    return kind(Col(col.key, col.name, {}) for col in before.listing())


def either(before: Result, after: Result) -> Result:
    """One or the other: the columns of both, each with the inputs of both."""
    if after.is_open:
        return grown(after, before)
    made = grown(before, after)
    for col in after.listing():
        if made.find(col.key) is None:
            made.add(col)
    return made


def is_of_all_rows(change: exp.Expr) -> bool:
    """Whether an UPDATE or a DELETE leaves no row out: no LIMIT or TOP, no WHERE but `where true` and `where 1 = 1`."""
    args = change.args
    counted = any(one.name.lower() == "top" for one in args.get("tables") or ())
    if counted or args.get("limit") or args.get("order"):
        return False
    where = args.get("where")
    if where is None:
        return True
    said = where.args["this"].unnest()
    if isinstance(said, exp.EQ) and isinstance(said.args["this"], exp.Literal):
        return bool(said.args["this"] == said.args["expression"])
    return isinstance(said, exp.Boolean) and bool(said.args["this"])
