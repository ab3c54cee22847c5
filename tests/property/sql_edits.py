"""Random edits of SQL, of every kind that people make: some harmless, some that change data, some that break what reads it."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from sqlglot import exp, parse_one

Edit = Callable[[exp.Expr, Random], bool]
# Names that other models have too: an unqualified name may come to mean something else.
_NAMES = ("status", "total", "customer_id", "region", "price", "n", "order_id", "new_one")


def edited(sql: str, random: Random) -> tuple[str, str] | None:
    """(the kind of edit, the text); None when that kind finds nothing to edit."""
    kind = random.choice(EDITS)
    tree = parse_one(sql, read="duckdb")
    if kind is _form:
        return "form", _formed(tree, random)
    if not kind(tree, random):
        return None
    text = tree.sql(dialect="duckdb")
    return (
        None
        if text == parse_one(sql, read="duckdb").sql(dialect="duckdb")
        else (kind.__name__.strip("_"), text)
    )


def _select(tree: exp.Expr, random: Random) -> exp.Select:
    return random.choice(list(tree.find_all(exp.Select)))


def _plain(select: exp.Select) -> list[exp.Expr]:
    return [one for one in select.expressions if not one.is_star]


def _literal(tree: exp.Expr, random: Random) -> bool:
    found = list(tree.find_all(exp.Literal))
    if not found:
        return False
    one = random.choice(found)
    if one.is_string:
        one.replace(exp.Literal.string(one.this + "x"))
    else:
        one.replace(exp.Literal.number(str(int(float(one.this)) + 1)))
    return True


def _null(tree: exp.Expr, random: Random) -> bool:
    """A column of the select list becomes NULL, of the same type."""
    columns = _plain(_select(tree, random))
    if not columns:
        return False
    one = random.choice(columns)
    inner = one.this if isinstance(one, exp.Alias) else one
    name = one.alias_or_name
    made = exp.func("nullif", inner.copy(), inner.copy())
    one.replace(exp.alias_(made, name) if name else made)
    return True


def _other_column(tree: exp.Expr, random: Random) -> bool:
    """A column is read where another was."""
    found = list(_select(tree, random).find_all(exp.Column))
    if len(found) < 2:
        return False
    one, other = random.sample(found, 2)
    if one.sql() == other.sql() or one.find_ancestor(exp.Column) or isinstance(one.this, exp.Star):
        return False
    if isinstance(one.parent, exp.Select):
        one.replace(exp.alias_(other.copy(), one.name))
    else:
        one.replace(other.copy())
    return True


def _removed(tree: exp.Expr, random: Random) -> bool:
    select = _select(tree, random)
    columns = _plain(select)
    if len(select.expressions) < 2 or not columns:
        return False
    random.choice(columns).pop()
    return True


def _renamed(tree: exp.Expr, random: Random) -> bool:
    columns = _plain(_select(tree, random))
    if not columns:
        return False
    one = random.choice(columns)
    inner = one.this if isinstance(one, exp.Alias) else one
    one.replace(exp.alias_(inner.copy(), random.choice(_NAMES)))
    return True


def _added(tree: exp.Expr, random: Random) -> bool:
    select = _select(tree, random)
    made = exp.alias_(exp.Literal.number(random.randint(0, 9)), random.choice(_NAMES))
    at = random.randint(0, len(select.expressions))
    columns = list(select.expressions)
    columns.insert(at, made)
    select.set("expressions", columns)
    return True


def _reordered(tree: exp.Expr, random: Random) -> bool:
    select = _select(tree, random)
    columns = list(select.expressions)
    random.shuffle(columns)
    select.set("expressions", columns)
    return True


def _where(tree: exp.Expr, random: Random) -> bool:
    select = _select(tree, random)
    if select.args.get("where") and random.random() < 0.5:
        select.set("where", None)
        return True
    columns = [one for one in select.find_all(exp.Column) if not isinstance(one.this, exp.Star)]
    if not columns or select.args.get("group"):
        return False
    select.where(f"{random.choice(columns).sql(dialect='duckdb')} is not null", copy=False, dialect="duckdb")
    return True


def _join(tree: exp.Expr, random: Random) -> bool:
    joins = list(tree.find_all(exp.Join))
    if not joins:
        return False
    one = random.choice(joins)
    one.set("side", None if one.args.get("side") else "LEFT")
    return True


def _distinct(tree: exp.Expr, random: Random) -> bool:
    select = _select(tree, random)
    select.set("distinct", None if select.args.get("distinct") else exp.Distinct())
    return True


def _limit(tree: exp.Expr, random: Random) -> bool:
    select = _select(tree, random)
    if not select.args.get("order"):
        return False
    select.limit(random.randint(1, 4), copy=False)
    return True


def _set_operation(tree: exp.Expr, random: Random) -> bool:
    found = list(tree.find_all(exp.Union))
    if not found:
        return False
    one = random.choice(found)
    one.set("distinct", not one.args.get("distinct"))
    return True


def _form(tree: exp.Expr, random: Random) -> bool:
    raise AssertionError("see _formed")


def _formed(tree: exp.Expr, random: Random) -> str:
    """The same, written otherwise."""
    text = tree.sql(dialect="duckdb", pretty=random.random() < 0.5, normalize_functions="upper")
    if random.random() < 0.5:
        text = text.replace("SELECT", "select").replace(" FROM ", "  from ")
    return f"{text} -- {random.randint(0, 99)}" if random.random() < 0.5 else f"/* {text[:7]} */ {text}"


EDITS: tuple[Edit, ...] = (
    _literal, _null, _null, _other_column, _other_column, _removed, _removed, _renamed, _renamed, _added, _added,
    _reordered, _where, _join, _distinct, _limit, _set_operation, _form, _form,
)  # fmt: skip
