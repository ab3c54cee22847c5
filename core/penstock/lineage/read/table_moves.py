"""Statements that move whole tables and that sqlglot keeps as text: renames, exchanges, loads. Read here as trees."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError

from penstock.lineage.dialects.traits import traits

# A name and a text are one piece, which is not looked at again in parts when what should stand behind it does not.
_PART = r"(?>[\w$#@]++(?:-[\w$#@]++)*+|\"[^\"]{1,1024}\"|`[^`]{1,1024}`|\[[^\]]{1,1024}\])"
_NAME = rf"((?>{_PART}(?:\s*\.\s*{_PART})*+))"
_TEXT = r"'((?>[^']++|'')*+)'"

_LISTED = re.compile(r"(?is)\(([\w\s,@`]+)\)\s*(\bset\b.*)?\Z")
_ASSIGNED = re.compile(r"(?i)(?:\bset|,)\s*`?(\w+)`?\s*=")

REFRESHED = "refreshed"
"""Marks a relation that is filled anew from what it was made from."""

STARTERS = frozenset({"RENAME", "EXCHANGE", "LOAD", "BULK", "REFRESH", "IMPORT", "TABLE"})
"""The first words of those of these statements that no other kind of statement begins with."""


def moved(text: str, dialect: Dialect) -> list[Any] | None:
    """The statement as trees that the rest of lineage knows; None when it is none of these."""
    plain = text.strip().rstrip(";")
    for pattern, build in _FORMS:
        found = re.match(pattern, plain)
        if found is not None:
            try:
                return build(found, dialect)
            except SqlglotError:
                return None
    return None


def _table(name: str, dialect: Dialect) -> Any:
    return exp.maybe_parse(name, into=exp.Table, dialect=dialect)


def _renames(found: re.Match[str], dialect: Dialect) -> list[Any]:
    pairs = re.findall(rf"(?i)(?<![\w$#@]){_NAME}\s+to\s+{_NAME}", found[1])
    return [_alter(old, exp.AlterRename(this=_table(new, dialect)), dialect) for old, new in pairs]


def _alter(name: str, action: Any, dialect: Dialect) -> Any:
    return exp.Alter(this=_table(name, dialect), kind="TABLE", actions=[action])


def _renamed_procedure(found: re.Match[str], dialect: Dialect) -> list[Any]:
    old, new = found[1], found[2]
    return [_alter(old, exp.AlterRename(this=_table(f"[{new}]", dialect)), dialect)]


def _renamed_object(found: re.Match[str], dialect: Dialect) -> list[Any]:
    """Synapse's `rename object d.t to u`."""
    return [_alter(found[1], exp.AlterRename(this=_table(found[2], dialect)), dialect)]


def _swap(found: re.Match[str], dialect: Dialect) -> list[Any]:
    return [_alter(found[1], exp.SwapTable(this=_table(found[2], dialect)), dialect)]


def _from_second(found: re.Match[str], dialect: Dialect) -> list[Any]:
    return [_fill(found[1], found[2], dialect)]


def _by_name(found: re.Match[str], dialect: Dialect) -> list[Any]:
    """Redshift's `alter table u append from t` moves each column to that of its name."""
    load = _fill(found[1], found[2], dialect)
    load.set("by_name", True)
    return [load]


def _other_name(found: re.Match[str], dialect: Dialect) -> list[Any]:
    """A synonym is read as what it stands for."""
    query = exp.select("*").from_(_table(found[2], dialect))
    return [exp.Create(this=_table(found[1], dialect), kind="VIEW", expression=query)]


def _cloned(found: re.Match[str], dialect: Dialect) -> list[Any]:
    """ClickHouse's `create table t clone as s` (Fabric: `as clone of`) has the rows, too; without CLONE it has the columns alone."""
    query = exp.select("*").from_(_table(found[2], dialect))
    return [exp.Create(this=_table(found[1], dialect), kind="TABLE", expression=query)]


def _from_first(found: re.Match[str], dialect: Dialect) -> list[Any]:
    return [_fill(found[2], found[1], dialect)]


def _fill(target: str, source: str, dialect: Dialect) -> Any:
    query = exp.select("*").from_(_table(source, dialect))
    return exp.Insert(this=_table(target, dialect), expression=query)


def _exchanged(found: re.Match[str], dialect: Dialect) -> list[Any]:
    """Hive moves the partition over; elsewhere the two change places."""
    moves_over = traits(dialect.__class__.__name__.lower()).exchange_moves
    return (_from_second if moves_over else _swap)(found, dialect)


def _load(found: re.Match[str], dialect: Dialect) -> list[Any]:
    load = _loaded(found[2], found[1], dialect)
    names = _columns_behind(found.string[found.end() :])
    if names:
        load.set("this", exp.Schema(this=load.this, expressions=[exp.to_identifier(one) for one in names]))
    return [load]


def _columns_behind(text: str) -> list[str]:
    """MySQL's `... (a, @x, b) SET c = @x + 1`: the columns that get values; `@x` is none."""
    found = _LISTED.search(text)
    if found is None:
        return []
    listed = [one.strip(" `\n\t") for one in found[1].split(",") if not one.strip().startswith("@")]
    return list(dict.fromkeys([*listed, *_ASSIGNED.findall(found[2] or "")]))


def _load_from(found: re.Match[str], dialect: Dialect) -> list[Any]:
    return [_loaded(found[1], found[2], dialect)]


def _loaded(table: str, place: str, dialect: Dialect) -> Any:
    return exp.Copy(this=_table(table, dialect), kind=True, files=[exp.Literal.string(place)])


def _exported(found: re.Match[str], dialect: Dialect) -> list[Any]:
    """Hive: a table into a directory."""
    return [exp.Copy(this=_table(found[1], dialect), kind=False, files=[exp.Literal.string(found[2])])]


def _all_of(found: re.Match[str], dialect: Dialect) -> list[Any]:
    return [exp.select("*").from_(_table(found[1], dialect))]


def _used(found: re.Match[str], dialect: Dialect) -> list[Any]:
    """Oracle's `alter session set current_schema = hr`."""
    return [exp.Use(kind=exp.Var(this="SCHEMA"), this=_table(found[1], dialect))]


def _refreshed(found: re.Match[str], dialect: Dialect) -> list[Any]:
    refreshed = exp.TruncateTable(expressions=[_table(found[1], dialect)])
    refreshed.meta[REFRESHED] = True
    return [refreshed]


_Build = Callable[[re.Match[str], Dialect], list[Any]]
# As text: `re` compiles and keeps what is asked for, and most projects never ask.
_FORMS: tuple[tuple[str, _Build], ...] = tuple(
    (rf"(?is)\A{pattern}", build)
    for pattern, build in (
        (
            rf"create\s+(?:or\s+replace\s+)?(?:public\s+|private\s+)?(?:synonym|alias|nickname)\s+{_NAME}\s+for\s+(?:table\s+)?{_NAME}\s*\Z",
            _other_name,
        ),
        (rf"create\s+(?:or\s+replace\s+)?table\s+(?:if\s+not\s+exists\s+)?{_NAME}\s+(?:clone\s+as|as\s+clone\s+of)\s+{_NAME}", _cloned),
        (rf"create\s+sink\s+(?:if\s+not\s+exists\s+)?{_PART}\s+into\s+{_NAME}\s+from\s+{_NAME}", _from_second),
        (
            rf"create\s+sink\s+(?:if\s+not\s+exists\s+)?{_NAME}\s+(?:in\s+cluster\s+\w+\s+)?from\s+{_NAME}",
            _from_second,
        ),
        (rf"alter\s+table\s+(?:only\s+)?{_NAME}\s+attach\s+partition\s+{_NAME}\s+(?:for\s+values|default)\b", _by_name),
        (r"rename\s+(?:table|view|dictionary)\s+(.*)", _renames),
        (rf"rename\s+({_NAME}\s+to\s+{_NAME})\s*\Z", _renames),
        (
            rf"exec(?:ute)?\s+(?:{_PART}?\.){{0,3}}sp_rename\s+(?:@objname\s*=\s*)?N?{_TEXT}\s*,\s*(?:@newname\s*=\s*)?N?'([^']*)'"
            r"\s*(?:,\s*(?:@objtype\s*=\s*)?N?'object'\s*)?\Z",
            _renamed_procedure,
        ),
        (rf"exchange\s+tables\s+{_NAME}\s+and\s+{_NAME}", _swap),
        (
            rf"alter\s+table\s+{_NAME}\s+exchange\s+(?:sub)?partition\b.*?\bwith\s+table\s+{_NAME}",
            _exchanged,
        ),
        (
            rf"alter\s+table\s+{_NAME}\s+(?:on\s+cluster\s+\S+\s+)?(?:replace|attach)\s+partition\b.*?\bfrom\s+{_NAME}",
            _from_second,
        ),
        (rf"alter\s+table\s+{_NAME}\s+move\s+partition\b.*?\bto\s+table\s+{_NAME}", _from_first),
        (rf"alter\s+table\s+{_NAME}\s+append\s+from\s+{_NAME}", _by_name),
        (rf"create\s+(?:or\s+replace\s+)?stream\s+(?:if\s+not\s+exists\s+)?{_NAME}.*?\bon\s+(?:table|view)\s+{_NAME}", _from_second),
        (rf"alter\s+table\s+{_NAME}\s+switch\b.*?\bto\s+{_NAME}", _from_first),
        (
            rf"load\s+(?:data|xml)\s+(?:\w+\s+)*?(?:inpath|infile)\s+{_TEXT}.*?\binto\s+table\s+{_NAME}",
            _load,
        ),
        (
            rf"load\s+data\s+(?:into|overwrite)\s+(?:temp\s+table\s+)?{_NAME}.*?\bfrom\s+files\b.*?\buris\s*=\s*\[\s*{_TEXT}",
            _load_from,
        ),
        (rf"(?:load|import)\s+(?:client\s+)?from\s+({_PART}|'[^']*'|[\w./\\:-]+)\s+of\s+\w+.*?\binto\s+{_NAME}", _load),
        (rf"rename\s+object\s+(?:::)?{_NAME}\s+to\s+{_NAME}\s*\Z", _renamed_object),
        (rf"export\s+table\s+{_NAME}.*?\bto\s+{_TEXT}", _exported),
        (rf"import\s+(?:external\s+)?table\s+{_NAME}.*?\bfrom\s+{_TEXT}", _load_from),
        (rf"table\s+{_NAME}\s*\Z", _all_of),
        (rf"alter\s+session\s+set\s+current_schema\s*=\s*{_NAME}\s*\Z", _used),
        (rf"create\s+(?:or\s+replace\s+)?materialized\s+view\s+(?:if\s+not\s+exists\s+)?{_NAME}.*?\bas\s+replica\s+of\s+{_NAME}", _from_second),
        (rf"bulk\s+insert\s+{_NAME}\s+from\s+{_TEXT}", _load_from),
        (
            rf"refresh\s+(?:materialized\s+view|dynamic\s+table)\s+(?:concurrently\s+)?{_NAME}",
            _refreshed,
        ),
    )
)  # fmt: skip
