"""Identity: asset keys in OpenLineage's dataset naming, relations, and each warehouse's case rules. No I/O."""

from __future__ import annotations

import msgspec

# Dialects whose identifiers are compared without regard to case, quoted or not.
_CASE_BLIND = frozenset(
    {
        "duckdb",
        "databricks",
        "spark",
        "hive",
        "sqlite",
        "mysql",
        "tsql",
        "trino",
        "athena",
        "presto",
        "redshift",
        "teradata",
    }
)
_FOLDS_UP = frozenset({"snowflake", "oracle"})
_KEEPS_CASE = frozenset({"bigquery", "clickhouse"})


class AssetKey(msgspec.Struct, frozen=True, order=True, gc=False, array_like=True):
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
        return AssetKey(self.namespace, name.lower() if self.dialect in _CASE_BLIND else name)

    def __str__(self) -> str:
        if self.database and self.schema:
            return f"{self.database}.{self.schema}.{self.identifier}"
        return ".".join(self.parts)


def stored(dialect: str, part: str, *, quoted: bool) -> str:
    """The name as the warehouse stores it: what it folds is folded, what is quoted is kept."""
    if quoted or dialect in _KEEPS_CASE or dialect in _CASE_BLIND:
        return part
    return part.upper() if dialect in _FOLDS_UP else part.lower()


def comparable(dialect: str, part: str) -> str:
    """A stored name in the form in which two names of that warehouse are equal."""
    return part.lower() if dialect in _CASE_BLIND else part
