"""What an edit of one SELECT changes: its columns one by one where the rest of it is the same, else all of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from sqlglot import exp

from penstock.change.sqlchange import Edit, Scope, Spelling, SqlChange, short_pair, tables

_CLAUSES = {"from_": "FROM", "joins": "JOIN", "where": "WHERE", "group": "GROUP BY", "having": "HAVING",
            "qualify": "QUALIFY", "order": "ORDER BY", "limit": "LIMIT", "distinct": "DISTINCT"}  # fmt: skip


class _Parts(msgspec.Struct):
    """One SELECT apart: its columns by name, and the rest of it as text."""

    columns: dict[str, exp.Expr]
    order: list[str]
    rest: exp.Expr
    stars: bool = False
    doubled: bool = False


def select_change(old: exp.Select, new: exp.Select, scope: Scope, inside: str, spelt: Spelling) -> SqlChange:
    before, after = _parts(old, spelt), _parts(new, spelt)
    if spelt.text(before.rest) != spelt.text(after.rest):
        return _rest_differs(old, new, inside, spelt, _own(before, after, inside, spelt))
    if (before.doubled or after.doubled) and _texts(old, spelt) != _texts(new, spelt):
        return SqlChange(everything="two columns have one name")
    own = _own(before, after, inside, spelt)
    read = [scope[name] for name in sorted(tables(after.rest)) if name in scope]
    why = next((one.everything for one in read if one.everything), "")
    names = {name for one in read for name in one.names}
    reordered = any(one.reordered for one in read)
    if not why:
        why = _as_a_whole(before, after, own, spelt) if own else ""
    changed = {edit.column for edit in own}
    if not why:
        shadowed = _shadowed(before, after, changed) if spelt.columns_before_aliases else set()
        changed, why = _Settling(after, names, scope, shadowed).settled(changed, reordered)
    if why:
        return SqlChange(everything=why, edits=tuple(own))
    moved = _moved(before.order, after.order) or (reordered and after.stars)
    found = frozenset(changed | (names if after.stars else set()))
    return SqlChange(names=found, edits=tuple(own), reordered=moved)


def _parts(select: exp.Select, spelt: Spelling) -> _Parts:
    columns: dict[str, exp.Expr] = {}
    order: list[str] = []
    stars = doubled = False
    for one in select.expressions:
        stars = stars or one.is_star
        name = spelt.text(one).lower() if one.is_star or not one.alias_or_name else one.alias_or_name.lower()
        doubled = doubled or name in columns
        columns[name] = one
        order.append(name)
    rest = select.copy()
    rest.set("with_", None)
    rest.set("expressions", [])
    return _Parts(columns, order, rest, stars, doubled)


def _rest_differs(
    old: exp.Select, new: exp.Select, inside: str, spelt: Spelling, own: list[Edit]
) -> SqlChange:
    """All columns may differ: say in which clause."""
    edits: list[Edit] = []
    label = "a clause"
    for name in dict.fromkeys([*old.args, *new.args]):
        if name in ("expressions", "with_"):
            continue
        before, after = _differing(_clause(old, name, spelt), _clause(new, name, spelt))
        if before != after:
            one, other = short_pair(before, after)
            edits.append(Edit(column="", before=one, after=other, inside=inside))
            label = _CLAUSES.get(name, name.strip("_").upper())
    return SqlChange(
        everything=f"{label} changes" + (f" in {inside}" if inside else ""), edits=(*edits, *own)
    )


def _clause(select: exp.Select, name: str, spelt: Spelling) -> list[str]:
    value = select.args.get(name)
    if isinstance(value, list):
        return [spelt.text(one) for one in value]
    return [spelt.text(value) if isinstance(value, exp.Expr) else str(value or "")]


def _differing(before: list[str], after: list[str]) -> tuple[str, str]:
    """Of several parts (joins) those that are not the same on both sides."""
    ends = 0
    while ends < min(len(before), len(after)) and before[ends] == after[ends]:
        ends += 1
    rest = [before[ends:], after[ends:]]
    while rest[0] and rest[1] and rest[0][-1] == rest[1][-1]:
        rest = [rest[0][:-1], rest[1][:-1]]
    return " ".join(rest[0]), " ".join(rest[1])


def _own(before: _Parts, after: _Parts, inside: str, spelt: Spelling) -> list[Edit]:
    """The columns that are written otherwise, are new, or are gone; an alias that only repeats the name is none."""
    found = []
    for name in dict.fromkeys([*after.order, *before.order]):
        one, other = (_meaning(parts.columns.get(name), spelt) for parts in (before, after))
        if one != other:
            one, other = short_pair(one, other)
            found.append(Edit(column=name, before=one, after=other, inside=inside))
    return found


def _texts(select: exp.Select, spelt: Spelling) -> list[str]:
    return [spelt.text(one) for one in select.expressions]


def _meaning(column: exp.Expr | None, spelt: Spelling) -> str:
    if column is None:
        return ""
    return spelt.text(column.this if isinstance(column, exp.Alias) else column)


def _as_a_whole(before: _Parts, after: _Parts, own: Iterable[Edit], spelt: Spelling) -> str:
    """Why an edit of a column may change which rows there are."""
    if after.rest.args.get("distinct"):
        return "DISTINCT looks at all columns"
    group = after.rest.args.get("group")
    if group is not None and group.args.get("all"):
        return "GROUP BY ALL groups by what is selected"
    if group is None and _aggregates(before) != _aggregates(after):
        return "it aggregates, or does not any more"
    for edit in own:
        nodes = [parts.columns[edit.column] for parts in (before, after) if edit.column in parts.columns]
        if any(node.is_star for node in nodes):
            return "a star is written otherwise"
        if _makers_of_rows(nodes[:1]) != _makers_of_rows(nodes[1:]):
            return f"{edit.column} may make rows"
    return ""


def _aggregates(parts: _Parts) -> bool:
    return any(_outside_windows(column) for column in parts.columns.values())


def _outside_windows(column: exp.Expr) -> bool:
    return any(not _is_within(one, column) for one in column.find_all(exp.AggFunc, exp.AnonymousAggFunc))


def _is_within(found: exp.Expr, column: exp.Expr) -> bool:
    """Whether it is a window's function, or a subquery's."""
    below, above = found, found.parent
    while above is not None and below is not column:
        if isinstance(above, exp.Query) or (isinstance(above, exp.Window) and above.this is below):
            return True
        below, above = above, above.parent
    return False


_MAKERS = (exp.UDTF, exp.Explode, exp.Unnest, exp.GenerateSeries, exp.Anonymous)


def _makers_of_rows(nodes: Iterable[exp.Expr]) -> list[str]:
    """Functions that may give several rows, and those that nobody here knows."""
    return sorted(
        one.name.lower() if isinstance(one, exp.Anonymous) else type(one).__name__
        for node in nodes
        for one in node.find_all(*_MAKERS)
    )


# What is read before the select list is: an alias of the list is meant only where no relation has such a column.
_EARLY = frozenset({"from_", "joins", "where", "laterals", "pivots", "match", "prewhere"})


def _shadowed(before: _Parts, after: _Parts, changed: set[str]) -> set[str]:
    """Of the changed columns those that some relation has too: each version makes it of a column of its own name."""
    return {
        name
        for name in changed
        if all(
            name in parts.columns and name in _mentions(parts.columns[name], set())
            for parts in (before, after)
        )
    }


class _Settling:
    """All that follows from changed columns within one SELECT. `names` are changed in what it reads."""

    def __init__(self, after: _Parts, names: set[str], scope: Scope, shadowed: set[str]) -> None:
        self._after, self._names, self._scope, self._shadowed = after, names, scope, shadowed
        rest = after.rest
        self._rows = {one.alias_or_name.lower() for one in rest.find_all(exp.Table, exp.Subquery)}
        self._early, self._late = (
            {
                name
                for clause, node in _clauses(rest)
                if (clause in _EARLY) is early
                for name in _mentions(node, self._rows)
            }
            for early in (True, False)
        )

    def settled(self, changed: set[str], reordered: bool) -> tuple[set[str], str]:
        """The changed columns; or why it is all of them."""
        after, names = self._after, self._names
        if after.stars and (names or reordered) and any(map(_exceptions, after.columns.values())):
            return changed, "a star with exceptions, over columns that change"
        grew = True
        while grew:
            pool, strict = names | changed, names | (changed - self._shadowed)
            if why := self._as_a_whole(pool, strict):
                return changed, why
            more = {
                name
                for name, column in after.columns.items()
                if name not in changed
                and not column.is_star
                and _touched(column, strict, self._scope, self._rows)
            }
            if after.rest.args.get("distinct") and (more or pool):
                return changed, "DISTINCT looks at all columns"
            grew = bool(more)
            changed = changed | more
        return changed, ""

    def _as_a_whole(self, pool: set[str], strict: set[str]) -> str:
        read = (strict & self._early) | (pool & self._late)
        if read or (pool and "*" in self._early | self._late):
            shown = ", ".join(sorted(read)[:3]) or "all columns"
            return f"rows are chosen, joined or grouped by what changes ({shown})"
        order = self._after.order
        if any(at > len(order) or order[at - 1] in pool for at in _places(self._after.rest)):
            return "rows are grouped or ordered by a column that changes"
        return ""


def _clauses(rest: exp.Expr) -> Iterator[tuple[str, exp.Expr]]:
    for name, value in rest.args.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, exp.Expr):
                yield name, one


def _touched(column: exp.Expr, pool: set[str], scope: Scope, rows: set[str]) -> bool:
    mentioned = set(_mentions(column, rows))
    if pool and ("*" in mentioned or pool & mentioned):
        return True
    return any(name in scope and not scope[name].nothing for name in tables(column))


def _exceptions(column: exp.Expr) -> bool:
    star = column.find(exp.Star)
    return star is not None and any(star.args.values())


def _mentions(node: exp.Expr, rows: set[str]) -> Iterator[str]:
    """Every name that a part may read a column by, whatever relation it is of; "*" where it reads them all, as `SELECT t FROM t`
    does (`rows` are such names)."""
    for column in node.find_all(exp.Column):
        yield column.name.lower() if column.table or column.name.lower() not in rows else "*"
        for part in column.parts[:-1]:
            yield part.name.lower()  # it may be a struct, or the row itself
    for join in node.find_all(exp.Join):
        for name in join.args.get("using") or ():
            yield name.name.lower()
        if str(join.args.get("method") or "").upper() == "NATURAL":
            yield "*"
    for _ in node.find_all(exp.Pivot):
        yield "*"
    for one in node.find_all(exp.Select):
        if one is not node and any(column.is_star for column in one.expressions):
            yield "*"


def _places(rest: exp.Expr) -> Iterator[int]:
    """Columns named by their number in GROUP BY and ORDER BY."""
    for clause in ("group", "order"):
        node = rest.args.get(clause)
        for one in node.expressions if node is not None else ():
            one = one.this if isinstance(one, exp.Ordered) else one
            if isinstance(one, exp.Literal) and one.is_int:
                yield int(one.this)


def _moved(before: list[str], after: list[str]) -> bool:
    """Whether a column stands at another place than before: an addition at the end moves none."""
    return before != after[: len(before)]
