"""What dialects do differently, one fact a line: which dialects have it. `rules` makes them the fields of one dialect."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import msgspec


class Traits(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a dialect has each of these ways."""

    lateral_aliases: bool
    """`select a as b, b + 1 as c`: the select list sees its own names."""
    aliases_in_where: bool
    """WHERE and ON see them too."""
    aliases_first: bool
    """They go before columns, wherever they stand."""
    group_aliases_first: bool
    """In GROUP BY the names of the select list go before columns."""
    alias_as_row: bool
    """`select row_to_json(t) from t`: the alias as a value."""
    alias_is_column: bool
    """`from unnest(x) as a`: `a` is the column too."""
    true_names: bool
    """`select ID from t` gives a column `id` when that is how the table spells it."""
    self_recursive: bool
    """A CTE may name itself without RECURSIVE."""
    later_ctes_are_seen: bool
    """Where a CTE may name itself, it may name those behind it, too."""
    one_column_unnest: bool
    """UNNEST of structs gives one column, and its fields can be named; `from t, t.items` is one."""
    rows_as_columns: bool
    """UNNEST of rows gives a column for each field."""
    unnamed_by_number: bool
    """What UNNEST gives without a name is `_col0`."""
    unpivot_values_first: bool
    """`unpivot (v for k in (a, b))`: v stands before k in the result."""
    using_in_place: bool
    """A star lists a column of USING where the first table has it, not before all."""
    structs_are_objects: bool
    """What is built of names and values has keys that differ by case."""
    structs_by_name: bool
    """Structs of an array meet by the names of their fields, not by place."""
    database_links: bool
    """`t@link` is `t` of another database, and is called `t`."""
    any_function_is_method: bool
    """`l.list_filter(...)`: a column before the dot is the first argument."""
    methods_of_types: bool
    """XML, spatial and hierarchical columns have methods: `doc.value(...)`."""
    methods_of_objects: bool
    """`t.doc.getclobval()`: the method of a column behind an alias; without one it is a package."""
    has_dual: bool
    """`from dual`: one row of nothing, no relation."""
    checksum_of_a_row: bool
    """CHECKSUM hashes values; elsewhere it is an aggregate."""
    booleans_named_bool: bool
    """What a boolean without an alias is called."""
    numbered_columns: bool
    """`$1` is the first column of the only source."""
    spells_as_duckdb: bool
    """A name made from an expression is spelt as DuckDB does, else as Spark does."""
    sequences_have_columns: bool
    """`s.nextval` counts, and is no column."""
    sets_in_order: bool
    """UPDATE gives values from left to right."""
    writes_through_queries: bool
    """A CTE or a query may be what is inserted into."""
    wildcard_tables: bool
    """`events_*` and `events$20240101`."""
    star_of_structs: bool
    """A star over an array of structs lists their fields."""
    table_variables: bool
    """`@t` in FROM is a table; a table that changes may be named by an alias of FROM."""
    marked_variables: bool
    """A variable begins with `@`: a name without it is never one."""
    variables_by_colon: bool
    """In a query a variable is `:x`; without the colon it is one in what is no query."""
    output_into_tables: bool
    """`output ... into t` names a table; elsewhere what RETURNING gives goes into variables."""
    delete_names_sources: bool
    """`delete from a, b using t as a join u as b`: the names are those of USING."""
    select_assigns: bool
    """`select @x = a` puts a value into a variable."""
    session_variables: bool
    """`session.x` and `system.session.x` are the variable `x`."""
    into_is_variables: bool
    """`select a into x` puts a value into a variable."""
    into_names_a_table: bool
    """`select a into x` makes a table, but in procedural code, where variables of that name get values."""
    copies_by_name: bool
    """`copy into t from (select ...)` goes by the names of the columns."""
    create_merges_columns: bool
    """`create table t (id int) as select a from s` has both columns; elsewhere the list names the query's."""
    insert_values_only: bool
    """MERGE ... INSERT (s.id, s.a): these are values, not names."""
    siblings_are_seen: bool
    """A derived table sees the sources before it without LATERAL."""
    dictionary_function: bool
    """`dictionary('db.d')` reads like a name with a list of columns."""
    in_names_a_table: bool
    """`a in t`: the rows of a relation."""
    remote_functions: bool
    """`remote('host', db.t)`, `cluster('name', db, t)` and files by scheme: `s3(...)`."""
    explode_makes_columns: bool
    """EXPLODE in a select list gives `col`, or `key` and `value`."""
    explode_named_by_alias: bool
    """`from explode(x) as a`: the column is called `a`."""
    flatten_columns: bool
    """FLATTEN gives SEQ, KEY, PATH, INDEX, VALUE, THIS."""
    unnest_spreads_structs: bool
    """UNNEST of a struct in a select list gives a column for each field."""
    pivot_names_functions: bool
    """Several aggregates of a PIVOT are told apart by their text."""
    join_marks: bool
    """`a.id = b.id (+)` is a join that is written as a filter."""
    use_names_a_database: bool
    """USE x without a kind names a database."""
    database_is_schema: bool
    """A table has two parts, and USE names the first."""
    exchange_moves: bool
    """EXCHANGE PARTITION moves it over; elsewhere the two change places."""
    arrow_is_json: bool
    """`->` is a step into JSON, never a lambda."""
    arrow_is_both: bool
    """`->` is a lambda in functions that take one, else a step into JSON."""
    digits_in_groups: bool
    """`1_000` is one number; elsewhere 1 with an alias, or sqlglot reads it."""
    versions_by_at: bool
    """`t@v3`, `t@20240101000000000`."""
    partitions_table_arguments: bool
    """`f(table(t) partition by a)`: sqlglot keeps all arguments of TABLE."""
    partitions_have_names: bool
    """`insert into t partition (p1)`: a partition's name, no column."""
    writes_outfiles: bool
    """`select ... into outfile '/f'`."""
    delimiter_command: bool
    """The client's `DELIMITER //` says what ends a statement."""
    conditional_comments: bool
    """`/*!50001 ... */` is run."""
    braces_are_read: bool
    """sqlglot reads `${x}` as what is put in from outside."""
    ampersand_variables: bool
    """SQL*Plus puts in what `&x` stands for."""
    dollar_variables: bool
    """`$x` is a value from outside."""
    quotes_by_backtick: bool
    """Names stand in backticks, and double quotes may hold a text."""
    backslash_commands: bool
    """psql's words: `\\copy`, `\\gset`."""
    dot_commands: bool
    """The client's words at the beginning of a line: `.mode csv`, `.LOGON`."""
    slash_ends: bool
    """A slash on a line of its own ends a statement."""
    no_fields: bool
    """`s.id` is a column of a source `s`, and never a field of a column."""
    names_are_sources: bool
    """`where t.id = s.id` reads `s`, too, where FROM does not name it."""
    tables_beside: bool
    """`from t, table (select ...)` is LATERAL, and `declare global temporary table` makes one."""
    macros_hold_statements: bool
    """`create macro m as (insert ...; select ...;)` is a procedure."""
    names_as_patterns: bool
    """``select `a_.*` `` is all columns whose names match."""
    functions_overload: bool
    """Functions of one name are told apart by their parameters."""
    names_time_windows: bool
    """`group by window(ts, '1 hour')` gives a column `window`."""
    value_of_row: bool
    """`value(x)` is the row behind the alias `x`."""
    show_is_describe: bool
    """`from (show t)`: SHOW is a word for DESCRIBE."""
    casts_behind: bool
    """`a (integer)` is a cast."""
    from_before_set: bool
    """`update t from s set ...`."""
    no_semicolons: bool
    """A statement may begin wherever one of its words stands."""
    declares_in_sections: bool
    """One DECLARE stands before all that is declared up to BEGIN; elsewhere each has its own."""
    declares_before_begin: bool
    """Between IS and BEGIN variables are declared without a word for it."""


_HAVE: Mapping[str, str] = MappingProxyType(
    {
        "lateral_aliases": "snowflake redshift databricks spark duckdb clickhouse teradata",
        "aliases_in_where": "snowflake redshift duckdb clickhouse teradata sqlite",
        "aliases_first": "clickhouse",
        "group_aliases_first": "bigquery",
        "alias_as_row": "postgres bigquery duckdb redshift materialize risingwave",
        "alias_is_column": "postgres redshift bigquery",
        "true_names": "duckdb sqlite",
        "self_recursive": "tsql oracle snowflake fabric sqlite ansi",
        "later_ctes_are_seen": "postgres bigquery sqlite",
        "one_column_unnest": "bigquery redshift hive",
        "rows_as_columns": "trino presto athena",
        "unnamed_by_number": "trino presto athena",
        "unpivot_values_first": "bigquery tsql fabric",
        "using_in_place": "duckdb sqlite",
        "structs_are_objects": "snowflake",
        "structs_by_name": "duckdb",
        "database_links": "oracle",
        "any_function_is_method": "duckdb",
        "methods_of_types": "tsql fabric",
        "methods_of_objects": "oracle",
        "has_dual": "oracle mysql snowflake teradata hive singlestore exasol",
        "checksum_of_a_row": "tsql fabric",
        "booleans_named_bool": "redshift",
        "numbered_columns": "snowflake",
        "spells_as_duckdb": "duckdb",
        "sequences_have_columns": "oracle snowflake",
        "sets_in_order": "mysql",
        "writes_through_queries": "oracle tsql fabric",
        "wildcard_tables": "bigquery",
        "star_of_structs": "bigquery",
        "table_variables": "tsql fabric",
        "marked_variables": "tsql fabric",
        "variables_by_colon": "snowflake",
        "output_into_tables": "tsql fabric",
        "delete_names_sources": "mysql singlestore",
        "select_assigns": "tsql fabric",
        "session_variables": "databricks spark",
        "into_is_variables": "oracle mysql singlestore teradata snowflake databricks",
        "into_names_a_table": "postgres redshift materialize risingwave",
        "copies_by_name": "databricks spark",
        "create_merges_columns": "mysql singlestore doris",
        "insert_values_only": "teradata",
        "siblings_are_seen": "duckdb",
        "dictionary_function": "clickhouse",
        "in_names_a_table": "clickhouse sqlite",
        "remote_functions": "clickhouse",
        "explode_makes_columns": "spark spark2 databricks hive",
        "explode_named_by_alias": "databricks",
        "flatten_columns": "snowflake",
        "unnest_spreads_structs": "duckdb",
        "pivot_names_functions": "duckdb",
        "join_marks": "oracle redshift snowflake teradata",
        "use_names_a_database": "snowflake tsql fabric",
        "database_is_schema": "mysql hive spark clickhouse teradata",
        "exchange_moves": "hive spark spark2 databricks",
        "arrow_is_json": "postgres redshift materialize risingwave sqlite mysql singlestore doris",
        "arrow_is_both": "duckdb",
        "digits_in_groups": "postgres materialize risingwave trino athena dune sqlite",
        "versions_by_at": "databricks spark",
        "partitions_table_arguments": "athena bigquery clickhouse databricks doris duckdb dune exasol fabric hive materialize mysql oracle postgres presto redshift risingwave singlestore spark spark2 sqlite starrocks teradata trino tsql",
        "partitions_have_names": "mysql singlestore doris starrocks oracle",
        "writes_outfiles": "mysql singlestore doris starrocks",
        "delimiter_command": "mysql singlestore",
        "conditional_comments": "mysql singlestore doris starrocks",
        "braces_are_read": "hive spark spark2 databricks",
        "ampersand_variables": "oracle",
        "dollar_variables": "sqlite",
        "quotes_by_backtick": "mysql singlestore doris starrocks bigquery",
        "backslash_commands": "postgres redshift materialize risingwave",
        "dot_commands": "sqlite teradata",
        "slash_ends": "oracle",
        "no_fields": "mysql singlestore sqlite tsql fabric teradata",
        "names_are_sources": "teradata",
        "tables_beside": "ansi",
        "names_as_patterns": "hive spark spark2 databricks",
        "macros_hold_statements": "teradata",
        "functions_overload": "postgres redshift materialize risingwave snowflake teradata",
        "names_time_windows": "spark spark2 databricks",
        "value_of_row": "oracle",
        "show_is_describe": "duckdb",
        "casts_behind": "teradata",
        "from_before_set": "teradata",
        "no_semicolons": "tsql fabric",
        "declares_in_sections": "oracle postgres redshift materialize risingwave snowflake",
        "declares_before_begin": "oracle",
    }
)


@lru_cache(maxsize=64)
def traits(dialect: str) -> Traits:
    """The ways of that dialect; one that is named nowhere has none of them."""
    return msgspec.convert({name: dialect in having.split() for name, having in _HAVE.items()}, Traits)
