"""Which data a table holds: Snowflake's own commit token, compared for equality only. LAST_ALTERED is none: upkeep moves it too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from penstock.assets import DataVersion, DataVersionKind, Relation
from penstock.integration import Signal, TableState
from penstock_snowflake.connect import SqlError
from penstock_snowflake.counts import existing
from penstock_snowflake.naming import literal, quoted

if TYPE_CHECKING:
    from penstock_snowflake.connect import Session

_CHUNK = 100  # tables of one SELECT; it reads metadata only


def read_states(
    session: Session, relations: Iterable[Relation], default: str | None
) -> dict[Relation, TableState]:
    """The state of each that exists. A token on a view covers the tables below it. Without a token nothing is known, and that is
    said."""
    there = list(existing(session, relations, default))
    tokens = commit_tokens(session, there, default)
    return {
        relation: TableState(
            signal=Signal.COMMIT,
            version=DataVersion(DataVersionKind.TOKEN, tokens[relation]) if relation in tokens else None,
            equal_means_same=relation in tokens,
        )
        for relation in there
    }


def commit_tokens(
    session: Session, relations: Sequence[Relation], default: str | None
) -> dict[Relation, str]:
    """Of those that have one."""
    tokens: dict[Relation, str] = {}
    for start in range(0, len(relations), _CHUNK):
        tokens |= _tokens(session, relations[start : start + _CHUNK], default)
    return tokens


def _tokens(session: Session, relations: Sequence[Relation], default: str | None) -> dict[Relation, str]:
    """One statement for all; where it is refused, each half by itself, down to the one that has no token."""
    calls = ", ".join(
        f"SYSTEM$LAST_CHANGE_COMMIT_TIME({literal(quoted(relation.database or default or '', relation.schema or '', relation.identifier))})"
        f" AS t{place}"
        for place, relation in enumerate(relations)
    )
    try:
        (row,) = session.rows(f"SELECT {calls}")
    except SqlError:
        if len(relations) == 1:
            return {}
        half = len(relations) // 2
        return _tokens(session, relations[:half], default) | _tokens(session, relations[half:], default)
    return {
        relation: str(row[f"t{place}"])
        for place, relation in enumerate(relations)
        if row[f"t{place}"] not in (None, "", 0)
    }
