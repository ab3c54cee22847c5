"""Where a node lies: a manifest's `relation_name` (or its parts) -> Relation, each part as the warehouse stores it."""

from __future__ import annotations

import re

from penstock.assets import Relation, stored

# One part of a rendered relation: "x", `x`, [x] or bare; a doubled quote stands for the quote itself.
_PART = re.compile(
    r"""\s*(?: "(?P<double>(?:[^"]|"")*)" | `(?P<tick>(?:[^`]|``)*)` | \[(?P<bracket>(?:[^\]]|\]\])*)\]
        | (?P<bare>[^\s."`\[\]'()]+) )\s*(?P<dot>\.|$)""",
    re.VERBOSE,
)


def relation_of(
    namespace: str,
    dialect: str,
    rendered: str | None,
    database: str | None,
    schema: str | None,
    identifier: str | None,
) -> Relation | None:
    """The relation of a rendered name, or of its bare parts when there is none; None for what is no name
    (dbt-duckdb renders an external source as a file's path or a table function)."""
    if rendered is None:
        return None
    if rendered == f'"{database}"."{schema}"."{identifier}"' and '"' not in rendered[1:-1].replace('"."', ""):
        return Relation(namespace, dialect, database, schema, str(identifier))
    if rendered == f"{database}.{schema}.{identifier}" and rendered.count(".") == 2 and rendered.isascii():
        return _unquoted(namespace, dialect, (str(database), str(schema), str(identifier)))
    parts = split_relation(dialect, rendered)
    if not parts or len(parts) > 3:
        return None
    padded: tuple[str | None, ...] = (None,) * (3 - len(parts)) + parts
    return Relation(namespace, dialect, padded[0], padded[1], parts[-1])


def split_relation(dialect: str, rendered: str) -> tuple[str, ...]:
    """The stored parts of a rendered name; empty when it is not one."""
    parts: list[str] = []
    at = 0
    while True:
        match = _PART.match(rendered, at)
        if match is None:
            return ()
        parts.append(_stored_part(dialect, match))
        at = match.end()
        if not match["dot"]:
            return tuple(parts) if at == len(rendered) else ()


def _stored_part(dialect: str, match: re.Match[str]) -> str:
    if (bare := match["bare"]) is not None:
        return stored(dialect, bare, quoted=False)
    for group, quote in (("double", '"'), ("tick", "`"), ("bracket", "]")):
        if (quoted := match[group]) is not None:
            return stored(dialect, quoted.replace(quote * 2, quote), quoted=True)
    raise AssertionError("a part is quoted or bare")


def _unquoted(namespace: str, dialect: str, parts: tuple[str, str, str]) -> Relation:
    database, schema, identifier = (stored(dialect, part, quoted=False) for part in parts)
    return Relation(namespace, dialect, database, schema, identifier)
