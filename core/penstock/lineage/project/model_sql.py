"""A model as lineage takes it. Nothing is derived here."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from penstock.assets import Relation
from penstock.lineage.records import Parts


class ModelSql(msgspec.Struct, frozen=True, kw_only=True):
    """A model to derive. `key` is the caller's own name for it.

    `relation` is None for what has no place of its own: an ephemeral model (its SQL stands inside its children as
    CTEs, which are followed through), an analysis, a test. `columns` are those the catalog knows, in order, or None;
    `types` of them, as far as they are known; `documented` those its documentation names; `added` those the tool adds
    beside the SQL (a snapshot's validity).
    `sql` is None with a `reason` where there is none: a Python model, a model that was not compiled. `upstream` are
    keys of models that this one is known to read: not needed, but with them no text is looked at twice.
    `remade`: its relation is taken to be made anew by this SQL, so that the catalog's columns, which are of the last time,
    count only where a star may hide them.
    """

    key: str
    sql: str | None
    dialect: str
    relation: Relation | None = None
    columns: tuple[str, ...] | None = None
    types: Mapping[str, str] = {}
    documented: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    reason: str | None = None
    upstream: tuple[str, ...] = ()
    remade: bool = False

    @property
    def parts(self) -> Parts:
        return self.relation.parts if self.relation is not None else ()
