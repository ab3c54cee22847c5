"""Declared checks to SQL that counts what is wrong. What one scan can tell of a table is one query. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import msgspec

from penstock.assets import Relation, stored
from penstock.errors import ConfigError
from penstock.integration import Address, SqlCheck
from penstock.system.durations import EXAMPLES, seconds_of
from penstock_checks.config import AssetChecks, ChecksConfig

_PART = re.compile(r'\s*(?:"((?:[^"]|"")+)"|([^".\s]+))\s*(\.|$)')
_BACKTICKS = frozenset({"databricks", "spark", "bigquery", "mysql", "hive"})


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """One check. `count` is an aggregate over the table that counts what is wrong; where it is None, `query` does."""

    id: str
    kind: str
    relation: Relation
    others: tuple[Relation, ...] = ()
    column: str | None = None
    warn: bool = False
    count: str | None = None
    query: str | None = None
    says: str = ""


def declared(config: ChecksConfig, address: Address, where: str, now: float) -> tuple[Declared, ...]:
    """Every check, in order. `now` (epoch seconds) is what freshness is measured from. Raises ConfigError."""
    return tuple(
        check
        for name, checks in config.assets.items()
        for check in _of_table(name, checks, relation_of(name, address, where), address, where, now)
    )


def queries(checks: Sequence[Declared], dialect: str) -> Iterator[SqlCheck]:
    """As few queries as tell them all: one per table for what one scan tells, one for each of the rest."""
    scans: dict[Relation, list[Declared]] = {}
    for check in checks:
        if check.count is not None:
            scans.setdefault(check.relation, []).append(check)
    for relation, together in scans.items():
        counts = ", ".join(str(check.count) for check in together)
        yield SqlCheck(
            id=together[0].id,
            sql=f"SELECT {counts} FROM {spelled(relation, dialect)}",
            parts=tuple(check.id for check in together),
        )
    for check in checks:
        if check.query is not None:
            yield SqlCheck(id=check.id, sql=check.query)


def alone(check: Declared, dialect: str) -> SqlCheck:
    """The check as a query of its own."""
    query = check.query or f"SELECT {check.count} FROM {spelled(check.relation, dialect)}"
    return SqlCheck(id=check.id, sql=query)


def relation_of(name: str, address: Address, where: str) -> Relation:
    """The table behind a name, in the warehouse's own case."""
    parts = _parts(name, address.dialect)
    if not 1 <= len(parts) <= 3:
        raise ConfigError(
            f"{where}: '{name}' names no table", hint='write table, schema.table or "Schema".table'
        )
    defaults = [address.database, address.schema][: 3 - len(parts)]
    database, schema, identifier = (*defaults, *parts)
    return Relation(address.namespace, address.dialect, database, schema, str(identifier))


def _parts(name: str, dialect: str) -> list[str | None]:
    found: list[str | None] = []
    at = 0
    while at < len(name):
        match = _PART.match(name, at)
        if match is None or (match[3] == "." and match.end() == len(name)):
            return []
        quoted = match[1] is not None
        text = match[1].replace('""', '"') if quoted else match[2]
        found.append(stored(dialect, text, quoted=quoted))
        at = match.end()
    return found


def spelled(relation: Relation, dialect: str) -> str:
    return ".".join(_quoted(part, dialect) for part in relation.parts)


def _quoted(part: str, dialect: str) -> str:
    mark = "`" if dialect in _BACKTICKS else '"'
    return mark + part.replace(mark, mark * 2) + mark


def _column(name: str, dialect: str) -> str:
    """Quoted, because it may be a word of SQL; in the case in which the warehouse stores what stands without quotes."""
    bare = len(name) > 1 and name[0] == name[-1] == '"'
    text = name[1:-1].replace('""', '"') if bare else stored(dialect, name, quoted=False)
    return _quoted(text, dialect)


def _of_table(
    name: str, checks: AssetChecks, relation: Relation, address: Address, where: str, now: float
) -> Iterator[Declared]:
    place = f"{where}.{name}"
    known: set[str] = set()
    for check in _all(checks, relation, address, place, now):
        known |= {check.kind, check.id}
        identity = f"{name}.{check.id}"
        warn = bool({check.kind, check.id} & set(checks.warn))
        yield msgspec.structs.replace(check, id=identity, warn=warn)
    if unknown := sorted(set(checks.warn) - known):
        raise ConfigError(
            f"{place}: warn names '{unknown[0]}', which is no check of it", hint=", ".join(sorted(known))
        )


def _all(
    checks: AssetChecks, relation: Relation, address: Address, place: str, now: float
) -> Iterator[Declared]:
    dialect = address.dialect

    def made(kind: str, of: str, says: str, **more: object) -> Declared:
        identity = f"{kind}.{of}" if of else kind
        return msgspec.convert(
            {"id": identity, "kind": kind, "relation": relation, "says": says, **more}, Declared
        )

    if checks.row_count is not None:
        low, high = checks.row_count.min, checks.row_count.max
        tests = [f"count(*) >= {low}"] * (low is not None) + [f"count(*) <= {high}"] * (high is not None)
        if not tests:
            raise ConfigError(f"{place}: row_count needs min or max")
        says = " and ".join(tests).replace("count(*)", "rows")
        yield made("row_count", "", f"not {says}", count=f"CASE WHEN {' AND '.join(tests)} THEN 0 ELSE 1 END")
    for name in checks.not_null:
        count = f"count(*) - count({_column(name, dialect)})"
        yield made("not_null", name, "rows without a value", column=name, count=count)
    for names in checks.unique:
        yield _unique(names, relation, dialect, made)
    for name, values in checks.accepted_values.items():
        column = _column(name, dialect)
        allowed = ", ".join(_literal(value) for value in values)
        test = f"{column} NOT IN ({allowed})" if values else f"{column} IS NOT NULL"
        yield made(
            "accepted_values",
            name,
            "rows with another value",
            column=name,
            count=f"count(CASE WHEN {test} THEN 1 END)",
        )
    for name, age in checks.freshness.items():
        count = _stale(_column(name, dialect), age, dialect, f"{place}.freshness.{name}", now)
        yield made(
            "freshness",
            name,
            f"the newest row is older than {age}, or there is none",
            column=name,
            count=count,
        )
    for name, target in checks.relationships.items():
        yield _relationship(name, target, relation, address, place, made)
    for name, text in checks.sql.items():
        query = f"SELECT count(*) FROM (\n{text.strip().rstrip(';')}\n) AS failing"
        yield made("sql", name, "rows that the query finds", query=query)


def _unique(names: str | tuple[str, ...], relation: Relation, dialect: str, made: object) -> Declared:
    assert callable(made)
    several = (names,) if isinstance(names, str) else names
    columns = [_column(name, dialect) for name in several]
    says = "rows too many of one value"
    if len(columns) == 1:
        count = f"count({columns[0]}) - count(DISTINCT {columns[0]})"
        found: Declared = made("unique", several[0], says, column=several[0], count=count)
        return found
    whole = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    query = (
        f"SELECT count(*) - count(DISTINCT grouped) FROM (SELECT dense_rank() OVER (ORDER BY {', '.join(columns)}) AS grouped"
        f" FROM {spelled(relation, dialect)} WHERE {whole}) AS ranked"
    )
    combined: Declared = made("unique", "+".join(several), says, query=query)
    return combined


def _relationship(
    name: str, target: str, relation: Relation, address: Address, place: str, made: object
) -> Declared:
    assert callable(made)
    table, _, field = target.rpartition(".")
    if not table:
        raise ConfigError(
            f"{place}.relationships.{name}: '{target}' names no column", hint="write table.column"
        )
    other = relation_of(table, address, f"{place}.relationships.{name}")
    dialect = address.dialect
    mine, theirs = _column(name, dialect), _column(field, dialect)
    query = (
        f"SELECT count(*) FROM {spelled(relation, dialect)} AS mine WHERE mine.{mine} IS NOT NULL AND NOT EXISTS"
        f" (SELECT 1 FROM {spelled(other, dialect)} AS theirs WHERE theirs.{theirs} = mine.{mine})"
    )
    found: Declared = made(
        "relationships",
        name,
        f"rows whose value is not in {target}",
        column=name,
        others=(other,),
        query=query,
    )
    return found


def _stale(column: str, age: str, dialect: str, place: str, now: float) -> str:
    seconds = seconds_of(age)
    if seconds is None:
        raise ConfigError(f"{place}: {age!r} is no duration", hint=f"write {EXAMPLES}")
    oldest = datetime.fromtimestamp(now - seconds, UTC).strftime("%Y-%m-%d %H:%M:%S+00:00")
    kind = "TIMESTAMP" if dialect in _BACKTICKS else "TIMESTAMP WITH TIME ZONE"
    return f"CASE WHEN CAST(max({column}) AS {kind}) >= CAST('{oldest}' AS {kind}) THEN 0 ELSE 1 END"


def _literal(value: str | int | float | bool) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return str(value) if isinstance(value, int | float) else "'" + value.replace("'", "''") + "'"
