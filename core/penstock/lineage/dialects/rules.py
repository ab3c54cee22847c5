"""How dialects name and find things: case, aliases, unnamed columns. Facts in tables, no SQL is read here."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import msgspec

from penstock.assets import Case, case_of
from penstock.lineage.dialects.traits import Traits, traits

# The case of columns counts too, where that of relations does; BigQuery compares its columns without it.
_KEEP = frozenset({"clickhouse"})
# Quoted or not, these keep names in lower case.
_STORES_LOWER = frozenset({"trino", "presto", "athena", "hive", "redshift"})


# `db..t`: the schema that is meant.
_LEFT_OUT_SCHEMA = {"tsql": "dbo", "fabric": "dbo", "snowflake": "PUBLIC"}

_PSEUDO: dict[str, str] = {
    "oracle": "rownum level sysdate systimestamp user uid connect_by_isleaf connect_by_iscycle sqlerrm sqlcode",
    "snowflake": "level connect_by_root current_date current_timestamp current_time current_user",
    "bigquery": "",
    "postgres": "current_date current_timestamp current_time localtime localtimestamp current_user"
    " session_user user",
    "redshift": "sysdate current_date current_timestamp current_user user",
    "tsql": "$action $identity $rowguid current_timestamp current_user session_user system_user user default",
    "teradata": "date time user database",
    "mysql": "current_date current_timestamp current_time current_user",
    "sqlite": "current_date current_timestamp current_time",
    "duckdb": "current_date current_timestamp current_time localtime localtimestamp current_user session_user user",
    "databricks": "current_date current_timestamp current_user grouping__id",
    "spark": "current_date current_timestamp current_user grouping__id",
    "hive": "grouping__id",
    "trino": "0x current_date current_timestamp current_time localtime localtimestamp current_user",
}
# Words that no column can be called by without quotes.
_RESERVED: dict[str, str] = {
    "oracle": "rownum level sysdate systimestamp user uid connect_by_isleaf connect_by_iscycle",
    "tsql": "$action $identity $rowguid current_timestamp current_user session_user system_user user default",
    "postgres": "current_date current_timestamp current_time localtime localtimestamp current_user session_user user",
    "redshift": "sysdate current_date current_timestamp current_user user",
    "teradata": "date time user database",
    "duckdb": "user current_user session_user",
    "trino": "0x",
    "spark": "grouping__id",
    "hive": "grouping__id",
}
_HIDDEN: dict[str, str] = {
    "oracle": "rowid ora_rowscn object_id object_value",
    "bigquery": "_partitiontime _partitiondate _table_suffix _file_name _change_type _change_timestamp",
    "snowflake": "metadata$filename metadata$file_row_number metadata$action metadata$isupdate metadata$row_id"
    " metadata$file_last_modified metadata$start_scan_time",
    "postgres": "ctid xmin xmax cmin cmax tableoid",
    "redshift": "oid",
    "duckdb": "rowid filename file_row_number",
    "sqlite": "rowid _rowid_ oid",
    "databricks": "_metadata _change_type _commit_version _commit_timestamp _rescued_data",
    "spark": "_metadata",
    "clickhouse": "_part _part_index _partition_id _sample_factor _path _file _table",
    "trino": "$path $file_modified_time $file_size $partition $bucket",
    "athena": "$path $file_modified_time $file_size",
    "presto": "$path $file_modified_time $file_size",
    "hive": "input__file__name block__offset__inside__file",
}

# Where a name says only that the relation is a temporary one.
_TEMPORARY_SCHEMAS = {"bigquery": "_session", "sqlite": "temp", "duckdb": "temp"}

# What the columns of VALUES are called, and the number of the first.
_VALUES_NAMES: dict[str, tuple[str, int]] = {
    "duckdb": ("col", 0),
    "postgres": ("column", 1),
    "redshift": ("column", 1),
    "sqlite": ("column", 1),
    "snowflake": ("COLUMN", 1),
    "spark": ("col", 1),
    "databricks": ("col", 1),
    "hive": ("col", 1),
    "mysql": ("column_", 0),
    "trino": ("_col", 0),
    "presto": ("_col", 0),
    "athena": ("_col", 0),
    "clickhouse": ("c", 1),
}


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """One dialect's ways. `quotes_matter`: a quoted name is compared letter by letter.
    `stores` is what becomes of a name at rest; `true_names`: a column read by another spelling keeps its own."""

    dialect: str
    has: Traits
    fold: Callable[[str], str]
    quotes_matter: bool
    stores: Callable[[str], str]
    fold_relation: Callable[[str], str]
    relation_quotes_matter: bool
    pseudo: frozenset[str]
    reserved: frozenset[str]
    hidden: frozenset[str]
    left_out_schema: str
    temporary_schemas: frozenset[str]
    values_names: tuple[str, int]

    def column_key(self, name: str, quoted: bool = True) -> str:
        """The form in which two column names of this dialect are equal; a stored name counts as quoted."""
        return name if quoted and self.quotes_matter else self.fold(name)

    def column_keys(self, names: list[str]) -> list[str]:
        """The same for many stored names."""
        return names if self.quotes_matter else list(map(self.fold, names))

    def relation_key(self, name: str) -> str:
        """The same, for a stored part of a relation's name."""
        return name if self.relation_quotes_matter else self.fold_relation(name)


def _keep(name: str) -> str:
    return name


@lru_cache(maxsize=64)
def rules(dialect: str) -> Rules:
    """The ways of that dialect; unknown ones get standard ways."""
    case = case_of(dialect)
    folds_at_rest = case in (Case.UPPER, Case.LOWER)
    keeps = case is Case.KEPT
    fold: Callable[[str], str] = str.upper if case is Case.UPPER else _keep if dialect in _KEEP else str.lower
    stores = fold if folds_at_rest or dialect in _STORES_LOWER else _keep
    return Rules(
        dialect=dialect,
        has=traits(dialect),
        fold=fold,
        quotes_matter=folds_at_rest,
        stores=stores,
        fold_relation=_keep if keeps else fold,
        relation_quotes_matter=folds_at_rest or keeps,
        pseudo=frozenset(_PSEUDO.get(dialect, "").split()),
        reserved=frozenset(_RESERVED.get(dialect, "").split()),
        hidden=frozenset(_HIDDEN.get(dialect, "").split()),
        temporary_schemas=frozenset(_TEMPORARY_SCHEMAS.get(dialect, "global_temp pg_temp").split()),
        values_names=_VALUES_NAMES.get(dialect, ("_col_", 0)),
        left_out_schema=_LEFT_OUT_SCHEMA.get(dialect, ""),
    )
