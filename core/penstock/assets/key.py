"""Identity: asset keys in OpenLineage's dataset naming, relations, and each warehouse's case rules. No I/O."""

from __future__ import annotations

from enum import Enum

import msgspec

# How each dialect compares the names of relations. In those that are not named here case does not count, quoted or not.
_FOLDS_UP = frozenset({"snowflake", "oracle", "exasol"})
_FOLDS_DOWN = frozenset({"postgres", "materialize", "risingwave"})
_KEEPS_CASE = frozenset({"bigquery", "clickhouse"})
_CASE_COUNTS = _FOLDS_UP | _FOLDS_DOWN | _KEEPS_CASE


class Case(Enum):
    """What a dialect does with the case of a name that is not quoted, and whether the case of a quoted one counts."""

    BLIND = "blind"
    UPPER = "upper"
    LOWER = "lower"
    KEPT = "kept"


def case_of(dialect: str) -> Case:
    """How relations' names are compared: the one table of it, for lineage too."""
    if dialect in _FOLDS_UP:
        return Case.UPPER
    if dialect in _FOLDS_DOWN:
        return Case.LOWER
    return Case.KEPT if dialect in _KEEPS_CASE else Case.BLIND


class AssetKey(msgspec.Struct, frozen=True, order=True, gc=False, array_like=True, cache_hash=True):
    """Which asset: an OpenLineage dataset name.

    `namespace` is physical for relations (`duckdb:shop.duckdb`, `snowflake://account`) and the tool's own for the rest
    (`airbyte:ingest`, `dbt:transform`); `name` is unique inside it (`shop.raw.users`, `shop/users`, `exposure.shop.weekly`).
    """

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}|{self.name}"

    @classmethod
    def parse(cls, text: str) -> AssetKey:
        """The inverse of `str(key)`. Raises ValueError without the separator."""
        namespace, bar, name = text.partition("|")
        if not bar:
            raise ValueError(f"not an asset key: {text!r}")
        return cls(namespace, name)


class Relation(msgspec.Struct, frozen=True, order=True, gc=False, array_like=True):
    """An asset's physical place, each part as the warehouse itself stores it (see `stored`).

    `namespace` is the warehouse's physical address, `dialect` sqlglot's name for its SQL.
    """

    namespace: str
    dialect: str
    database: str | None
    schema: str | None
    identifier: str

    @property
    def parts(self) -> tuple[str, ...]:
        if self.database and self.schema:
            return (self.database, self.schema, self.identifier)
        return tuple(part for part in (self.database, self.schema, self.identifier) if part)

    @property
    def key(self) -> AssetKey:
        """Equal for two relations exactly when the warehouse would find the same object."""
        name = str(self)
        return AssetKey(self.namespace, name if self.dialect in _CASE_COUNTS else name.lower())

    def __str__(self) -> str:
        database, schema = self.database, self.schema
        return f"{database}.{schema}.{self.identifier}" if database and schema else ".".join(self.parts)


def stored(dialect: str, part: str, *, quoted: bool) -> str:
    """The name as the warehouse stores it: what it folds is folded, what is quoted is kept."""
    case = case_of(dialect)
    if quoted or case in (Case.KEPT, Case.BLIND):
        return part
    return part.upper() if case is Case.UPPER else part.lower()


def comparable(dialect: str, part: str) -> str:
    """A stored name in the form in which two names of that warehouse are equal."""
    return part.lower() if case_of(dialect) is Case.BLIND else part
