"""How dialects name and find things: case, aliases, unnamed columns. Facts in tables, no SQL is read here."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import msgspec

_LOWER = frozenset({"postgres", "materialize", "risingwave"})
_UPPER = frozenset({"snowflake", "oracle", "exasol"})
_KEEP = frozenset({"clickhouse"})
# Quoted or not, these keep names in lower case.
_STORES_LOWER = frozenset({"trino", "presto", "athena", "hive", "redshift"})
# `select ID from t` gives a column `id` when that is how the table spells it.
_TRUE_NAMES = frozenset({"duckdb", "sqlite"})
_KEEP_RELATIONS = frozenset({"clickhouse", "bigquery"})

# `select a as b, b + 1 as c`: where the select list sees its own names.
_LATERAL_ALIASES = frozenset(
    {"snowflake", "redshift", "databricks", "spark", "duckdb", "clickhouse", "teradata"}
)
_ALIASES_IN_WHERE = frozenset({"snowflake", "redshift", "duckdb", "clickhouse", "teradata", "sqlite"})
_SELF_RECURSIVE = frozenset({"tsql", "oracle", "snowflake", "fabric"})
# `select row_to_json(t) from t`: the alias as a value.
_ALIAS_AS_ROW = frozenset({"postgres", "bigquery", "duckdb", "redshift", "materialize", "risingwave"})
# `unpivot (v for k in (a, b))`: v stands before k in the result.
_UNPIVOT_VALUES_FIRST = frozenset({"bigquery", "tsql", "fabric"})
_ONE_COLUMN_UNNEST = frozenset({"bigquery", "redshift"})

# `db..t`: the schema that is meant.
_LEFT_OUT_SCHEMA = {"tsql": "dbo", "fabric": "dbo", "snowflake": "PUBLIC"}
# `from dual`: one row of nothing, no relation.
_HAS_DUAL = frozenset({"oracle", "mysql", "snowflake", "teradata", "hive", "singlestore", "exasol"})

_PSEUDO: dict[str, str] = {
    "oracle": "rownum level sysdate systimestamp user uid connect_by_isleaf connect_by_iscycle sqlerrm sqlcode",
    "snowflake": "level connect_by_root current_date current_timestamp current_time current_user",
    "bigquery": "",
    "postgres": "current_date current_timestamp current_time localtime localtimestamp current_user"
    " session_user user",
    "redshift": "sysdate current_date current_timestamp current_user user",
    "tsql": "$action $identity $rowguid current_timestamp current_user session_user system_user",
    "teradata": "date time user database",
    "mysql": "current_date current_timestamp current_time current_user",
    "sqlite": "current_date current_timestamp current_time",
    "duckdb": "current_date current_timestamp current_time localtime localtimestamp current_user session_user user",
    "databricks": "current_date current_timestamp current_user",
    "spark": "current_date current_timestamp current_user",
    "trino": "0x current_date current_timestamp current_time localtime localtimestamp current_user",
}
# Words that no column can be called by without quotes.
_RESERVED: dict[str, str] = {
    "oracle": "rownum level sysdate systimestamp user uid connect_by_isleaf connect_by_iscycle",
    "tsql": "$action $identity $rowguid current_timestamp current_user session_user system_user user",
    "postgres": "current_date current_timestamp current_time localtime localtimestamp current_user session_user user",
    "redshift": "sysdate current_date current_timestamp current_user user",
    "teradata": "date time user database",
    "duckdb": "user current_user session_user",
    "trino": "0x",
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


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """One dialect's ways. `quotes_matter`: a quoted name is compared letter by letter.
    `stores` is what becomes of a name at rest; `true_names`: a column read by another spelling keeps its own."""

    dialect: str
    fold: Callable[[str], str]
    quotes_matter: bool
    stores: Callable[[str], str]
    true_names: bool
    fold_relation: Callable[[str], str]
    relation_quotes_matter: bool
    lateral_aliases: bool
    aliases_in_where: bool
    alias_as_row: bool
    aliases_first: bool
    self_recursive: bool
    one_column_unnest: bool
    rows_as_columns: bool
    unpivot_values_first: bool
    using_first: bool
    structs_by_name: bool
    pseudo: frozenset[str]
    reserved: frozenset[str]
    hidden: frozenset[str]
    left_out_schema: str
    has_dual: bool

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
    if dialect in _UPPER:
        fold: Callable[[str], str] = str.upper
    elif dialect in _KEEP:
        fold = _keep
    else:
        fold = str.lower
    folds_at_rest = dialect in _UPPER or dialect in _LOWER
    stores = fold if folds_at_rest or dialect in _STORES_LOWER else _keep
    return Rules(
        dialect=dialect,
        fold=fold,
        quotes_matter=folds_at_rest,
        stores=stores,
        true_names=dialect in _TRUE_NAMES,
        fold_relation=_keep if dialect in _KEEP_RELATIONS else fold,
        relation_quotes_matter=folds_at_rest or dialect in _KEEP_RELATIONS,
        lateral_aliases=dialect in _LATERAL_ALIASES,
        aliases_in_where=dialect in _ALIASES_IN_WHERE,
        alias_as_row=dialect in _ALIAS_AS_ROW,
        aliases_first=dialect == "clickhouse",
        self_recursive=dialect in _SELF_RECURSIVE,
        one_column_unnest=dialect in _ONE_COLUMN_UNNEST,
        rows_as_columns=dialect in ("trino", "presto", "athena"),
        unpivot_values_first=dialect in _UNPIVOT_VALUES_FIRST,
        structs_by_name=dialect == "duckdb",
        using_first=dialect not in {"duckdb", "sqlite"},
        pseudo=frozenset(_PSEUDO.get(dialect, "").split()),
        reserved=frozenset(_RESERVED.get(dialect, "").split()),
        hidden=frozenset(_HIDDEN.get(dialect, "").split()),
        left_out_schema=_LEFT_OUT_SCHEMA.get(dialect, ""),
        has_dual=dialect in _HAS_DUAL,
    )
