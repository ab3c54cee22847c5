"""Which runs a reader wants, as conditions of one query: when they were made, by what, and their numbers. Knows no words of commands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from sqlalchemy import ColumnElement, and_, func, not_, or_

from penstock.store import schema

_RUNS = schema.runs


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """How a run was begun. `keys`: its key opens with one of these. `command` opens with the first part and closes with the second. `said`:
    it has a command at all. `retry`: it is one. `but`: what must not hold of it. All that is given holds."""

    keys: tuple[str, ...] = ()
    command: tuple[str, str] | None = None
    said: bool = False
    retry: bool = False
    but: tuple[Begun, ...] = ()


class Narrowed(msgspec.Struct, frozen=True, kw_only=True):
    """`since` and `until` (epoch seconds) are about when a run was made; `until` itself is outside."""

    since: float | None = None
    until: float | None = None
    begun: tuple[Begun, ...] = ()


def conditions(wanted: Narrowed, numbers: Sequence[int] | None) -> Iterator[ColumnElement[bool]]:
    if wanted.since is not None:
        yield _RUNS.c.created_at >= wanted.since
    if wanted.until is not None:
        yield _RUNS.c.created_at < wanted.until
    if numbers is not None:
        yield _RUNS.c.number.in_(numbers)
    yield from map(_holds, wanted.begun)


def _holds(begun: Begun) -> ColumnElement[bool]:
    found = [not_(_holds(other)) for other in begun.but]
    if begun.keys:
        found.append(or_(*(_opens(func.coalesce(_RUNS.c.run_key, ""), words) for words in begun.keys)))
    if begun.command is not None:
        found += [_opens(_RUNS.c.command, begun.command[0]), _closes(_RUNS.c.command, begun.command[1])]
    if begun.said:
        found.append(_RUNS.c.command != "")
    if begun.retry:
        found.append(_RUNS.c.retry_of.is_not(None))
    return and_(*found)


# LIKE knows no case in SQLite.
def _opens(column: ColumnElement[str], words: str) -> ColumnElement[bool]:
    return func.substr(column, 1, len(words)) == words


def _closes(column: ColumnElement[str], words: str) -> ColumnElement[bool]:
    return func.substr(column, func.length(column) - len(words) + 1) == words
