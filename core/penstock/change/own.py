"""What differs between two versions of one asset's own definition, whatever it reads. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from penstock.change.revision import Member, Value
from penstock.change.sqlchange import SAME, SqlChange
from penstock.change.statements import sql_change

_LIKE_TABLES = frozenset({"table", "view"})


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """`modified`: something of it is another one, be it its form. `sql` is what that does to its columns. `rebuilt`: stored otherwise,
    with the same rows. `reasons` are settings and the like, in words."""

    modified: bool = False
    sql: SqlChange = SAME
    rebuilt: bool = False
    reasons: tuple[str, ...] = ()


def own_change(before: Member, after: Member, *, same_target: bool) -> Own:
    settings = _settings(before.settings, after.settings, same_target)
    upkeep = _settings(before.upkeep, after.upkeep, same_target)
    uses = _uses(before.uses, after.uses)
    text = before.text != after.text
    form = before.form != after.form
    contract = before.contract != after.contract
    told = (*settings, *upkeep, *(["its contract changes"] if contract else []), *uses)
    if not (text or told or form):
        return Own(sql=_same_text(before, after))
    stored_otherwise = {before.form, after.form} <= _LIKE_TABLES
    shaping = [one for one in settings if not (stored_otherwise and one.startswith("materialized"))]
    upkeep_counts = bool(upkeep) and not stored_otherwise
    if (
        shaping
        or upkeep_counts
        or (form and not stored_otherwise and "ephemeral" not in (before.form, after.form))
    ):
        sql = SqlChange(everything=(*shaping, *upkeep, f"{before.form} -> {after.form}")[0])
    else:
        sql = _sql(before, after, text=text, uses=uses)
    return Own(modified=True, sql=sql, rebuilt=bool(upkeep or form or contract), reasons=tuple(told))


def _same_text(before: Member, after: Member) -> SqlChange:
    """Nothing was written otherwise. SQL may still differ: a template reads what nobody named (a date, a table's values)."""
    if before.sql is None or after.sql is None or before.asks or after.asks:
        return SAME
    return sql_change(before.sql, after.sql, after.dialect)


def _sql(before: Member, after: Member, *, text: bool, uses: tuple[str, ...]) -> SqlChange:
    why = uses[0] if uses else "its text changes"
    if not text and not uses:
        return SAME
    if before.asks or after.asks:
        return SqlChange(everything=f"{why}, and its SQL is made from what the warehouse answers")
    if before.sql is None or after.sql is None:
        unread = before.without or after.without
        return SqlChange(
            everything=f"{why}, and there is no SQL to compare" + (f" ({unread})" if unread else "")
        )
    found = sql_change(before.sql, after.sql, after.dialect)
    if (
        found.nothing
        and after.form in ("incremental", "microbatch")
        and _loud(before.text) != _loud(after.text)
    ):
        return SqlChange(everything=f"{why}, and its SQL for new rows is not compared")
    return found


def _loud(text: str) -> str:
    """A template without white space: what dbt makes of it when it adds rows is not compiled here."""
    return "".join(text.split())


def _settings(before: Mapping[str, Value], after: Mapping[str, Value], same_target: bool) -> tuple[str, ...]:
    found = []
    for name in sorted({*before, *after}):
        one, other = before.get(name), after.get(name)
        if one == other:
            continue
        if not same_target and one is not None and other is not None and one.written == other.written:
            continue  # it differs from target to target, by what is written
        shown = [_short(value.value) if value is not None else "not set" for value in (one, other)]
        if shown[0] != shown[1] or (one is not None and other is not None and one.value != other.value):
            found.append(f"{name}: {shown[0]} -> {shown[1]}")
    return tuple(found)


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:56] + " ..."


def _uses(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
    """What it draws on and is another one; a name that one side does not tell (a manifest tells no vars) is not compared."""
    kinds = {name.split(" ")[0] for name in before} & {name.split(" ")[0] for name in after}
    found = []
    for name in sorted({*before, *after}):
        if before.get(name) == after.get(name) or (
            name.split(" ")[0] not in kinds and name.startswith(("var", "env"))
        ):
            continue
        found.append(
            f"{name} changes"
            if name in before and name in after
            else f"{name} is {'new' if name in after else 'gone'}"
        )
    return tuple(found)
