"""Forms of one dialect that sqlglot does not read, said in tokens that it reads. Every token keeps its place in the text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from sqlglot.tokenizer_core import Token, TokenType

from penstock.lineage.read import db2_rewrites as db2
from penstock.lineage.read import duckdb_rewrites as duckdbs
from penstock.lineage.read import product_rewrites as products
from penstock.lineage.read import snowflake_rewrites as snowflakes
from penstock.lineage.read import standard_rewrites as standard
from penstock.lineage.read import tsql_rewrites as servers
from penstock.lineage.read import warehouse_rewrites as warehouses
from penstock.lineage.read.moved_parts import with_query_before
from penstock.lineage.read.output_targets import output_into
from penstock.lineage.read.token_words import like, past_brackets, word, words_at

Rewrite = Callable[[list[Token]], list[Token]]
_NAMES = frozenset({TokenType.VAR, TokenType.IDENTIFIER})


def _of_cursor(tokens: list[Token]) -> list[Token]:
    """`where current of c` without it: which row the cursor is at, the statement does not say."""
    for at in range(len(tokens) - 3):
        if words_at(tokens, at, 3) == ["WHERE", "CURRENT", "OF"]:
            return tokens[:at] + tokens[at + 4 :]
    return tokens


def _applied(tokens: list[Token]) -> list[Token]:
    """ClickHouse's `* apply f` as `* apply(f)`."""
    made = list(tokens)
    for at in range(len(tokens) - 2, 0, -1):
        if word(tokens[at]) == "APPLY" and tokens[at + 1].token_type in _NAMES:
            name = tokens[at + 1]
            made[at + 1 : at + 2] = [
                like(name, TokenType.L_PAREN, "("),
                name,
                like(name, TokenType.R_PAREN, ")"),
            ]
    return made if len(made) != len(tokens) else tokens


def _without_duplicates(tokens: list[Token]) -> list[Token]:
    """Redshift's `merge ... remove duplicates`: rows that match are replaced, the others are inserted."""
    for at in range(len(tokens) - 1):
        if words_at(tokens, at, 2) == ["REMOVE", "DUPLICATES"]:
            said = [like(tokens[at], kind, text) for kind, text in _REPLACES]
            return tokens[:at] + said + tokens[at + 2 :]
    return tokens


_REPLACES = (
    (TokenType.WHEN, "when"), (TokenType.VAR, "matched"), (TokenType.THEN, "then"), (TokenType.UPDATE, "update"), (TokenType.STAR, "*"),
    (TokenType.WHEN, "when"), (TokenType.NOT, "not"), (TokenType.VAR, "matched"), (TokenType.THEN, "then"), (TokenType.INSERT, "insert"),
    (TokenType.STAR, "*"),
)  # fmt: skip


def _by_name(tokens: list[Token]) -> list[Token]:
    """DuckDB's `then update by name` and `then insert by name` as `then update *`, `then insert *`."""
    made = list(tokens)
    for at in range(len(tokens) - 3, -1, -1):
        said = words_at(tokens, at, 4)
        if said[0] == "THEN" and said[1] in ("UPDATE", "INSERT") and said[2:] == ["BY", "NAME"]:
            made[at + 2 : at + 4] = [like(tokens[at + 2], TokenType.STAR, "*")]
    return made if len(made) != len(tokens) else tokens


def _nested(tokens: list[Token]) -> list[Token]:
    """Oracle's `nested '$.b' columns (...)` as `nested path '$.b' columns (...)`."""
    made = list(tokens)
    for at in range(len(tokens) - 2, -1, -1):
        if word(tokens[at]) == "NESTED" and tokens[at + 1].token_type == TokenType.STRING:
            made.insert(at + 1, like(tokens[at], TokenType.VAR, "path"))
    return made if len(made) != len(tokens) else tokens


def _without_virtual(tokens: list[Token]) -> list[Token]:
    """DuckDB's `generated always as (a * 2) virtual` without the word."""
    gone = {
        at
        for at in range(1, len(tokens))
        if tokens[at].text.upper() == "VIRTUAL" and tokens[at - 1].token_type == TokenType.R_PAREN
    }
    return [one for at, one in enumerate(tokens) if at not in gone] if gone else tokens


def _into_first(tokens: list[Token]) -> list[Token]:
    """plpgsql's `select into x, y a, b from t` as `select a, b into x, y from t`."""
    made = list(tokens)
    for at in range(len(tokens) - 3, -1, -1):
        if tokens[at].token_type != TokenType.SELECT or tokens[at + 1].token_type != TokenType.INTO:
            continue
        end = at + 3 + (tokens[at + 2].text.upper() == "STRICT")
        while end + 1 < len(tokens) and tokens[end].token_type == TokenType.COMMA:
            end += 2
        origin = end
        while origin < len(tokens) and tokens[origin].token_type not in (TokenType.FROM, TokenType.SEMICOLON):
            origin = past_brackets(tokens, origin)
        if origin > end:
            made[at + 1 : origin] = [*tokens[end:origin], *tokens[at + 1 : end]]
    return made


def _without_externals(tokens: list[Token]) -> list[Token]:
    """Athena's `using external function f(x int) returns int lambda 'l' select ...`: what the query calls."""
    if words_at(tokens, 0, 3) != ["USING", "EXTERNAL", "FUNCTION"]:
        return tokens
    starts = (TokenType.SELECT, TokenType.WITH)
    return tokens[next((at for at, one in enumerate(tokens) if one.token_type in starts), 0) :]


_OF_SPARK = (
    warehouses.flows_run, warehouses.changes_applied, warehouses.without_watermarks, warehouses.queries_as_tables,
)  # fmt: skip
_AFTER_TSQL: tuple[Rewrite, ...] = (
    servers.added_up, servers.update_top, servers.insert_hints, _of_cursor, output_into, servers.bulk,
    servers.numbered_columns,
)  # fmt: skip
AFTER_FAILURE: Mapping[str, tuple[Rewrite, ...]] = MappingProxyType(
    {
        "tsql": _AFTER_TSQL,
        "fabric": _AFTER_TSQL,
        "oracle": (standard.xml_queries, _of_cursor, _nested, with_query_before),
        "postgres": (
            standard.recursive_views,
            _of_cursor,
            _into_first,
            products.without_spread,
            products.minus,
            products.limited_over,
        ),
        "hive": (products.without_hints,),
        "dremio": (products.without_branch,),
        "clickhouse": (_applied,),
        "redshift": (standard.recursive_views, _without_duplicates, _into_first),
        "duckdb": (
            _by_name,
            _without_virtual,
            duckdbs.by_position,
            duckdbs.macro_defaults,
            duckdbs.ordered_pivots,
        ),
        "databricks": _OF_SPARK,
        "spark": _OF_SPARK,
        "snowflake": (
            snowflakes.flowing,
            snowflakes.without_kinds,
            snowflakes.into_several,
            warehouses.external_columns,
        ),
        "athena": (_without_externals,),
        "ansi": (
            standard.xml_queries,
            db2.without_ends,
            db2.without_tails,
            db2.durations,
            db2.counted,
            db2.changed_rows,
            db2.without_named_rows,
            db2.without_ends_of_windows,
        ),
        "teradata": (
            standard.resets,
            standard.locked,
            standard.without_statistics,
            standard.without_parameters,
            standard.recursive_views,
        ),
        "bigquery": (warehouses.without_privacy, warehouses.without_partition_columns),
    }
)
