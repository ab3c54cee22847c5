"""What is in a DuckDB file: tables, views, columns, comments, sizes. Reads through an open connection, keeps nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from penstock.assets import Relation
from penstock.integration import Address, CatalogTable, RowCount, Scope
from penstock_duckdb.connect import INTERNAL_SCHEMA, literal, quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# One statement per so many tables: a UNION ALL of thousands is slow to bind.
CHUNK = 200
_ROWS = 10_000  # of columns that are held at a time


def schemas(connection: DuckDBPyConnection, address: Address, scope: Scope) -> list[str]:
    """The schemas of the scope that hold something, but for penstock's own."""
    if scope.database not in (None, address.database):
        return []
    found = connection.execute(
        "SELECT schema_name FROM duckdb_tables() WHERE database_name = $1 AND NOT internal AND schema_name <> $2"
        " UNION SELECT schema_name FROM duckdb_views() WHERE database_name = $1 AND NOT internal"
        " AND schema_name <> $2 ORDER BY 1",
        [address.database or "", INTERNAL_SCHEMA],
    ).fetchall()
    return [name for (name,) in found if scope.schemas is None or name in scope.schemas]


def read_catalog(
    connection: DuckDBPyConnection, address: Address, schemas: list[str]
) -> Iterator[tuple[CatalogTable, ...]]:
    """Every table and view of these schemas, a schema at a time. Row counts are exact; views have none."""
    for schema, described in _columns(connection, address.database or "", schemas):
        yield _in_schema(connection, address, schema, described)


def _in_schema(
    connection: DuckDBPyConnection, address: Address, schema: str, described: _Described
) -> tuple[CatalogTable, ...]:
    database = address.database or ""
    objects = connection.execute(
        "SELECT schema_name, table_name, 'table', comment, NULL FROM duckdb_tables()"
        " WHERE database_name = $1 AND NOT internal AND NOT temporary AND schema_name = $2"
        " UNION ALL SELECT schema_name, view_name, 'view', comment, sql FROM duckdb_views()"
        " WHERE database_name = $1 AND NOT internal AND NOT temporary AND schema_name = $2 ORDER BY 1, 2",
        [database, schema],
    ).fetchall()
    tables = [(schema, name) for schema, name, kind, _, _ in objects if kind == "table"]
    rows = count_rows(connection, database, tables)
    sizes = _sizes(connection, database, tables)
    return tuple(
        CatalogTable(
            relation=relation_at(address, schema, name),
            kind=kind,
            columns=described.columns.get(name, ()),
            comment=comment,
            column_comments=described.comments.get(name, {}),
            rows=RowCount(rows[schema, name], exact=True) if (schema, name) in rows else None,
            size_bytes=sizes.get((schema, name)),
            sql=sql,
        )
        for schema, name, kind, comment, sql in objects
    )


def relation_at(address: Address, schema: str, name: str) -> Relation:
    return Relation(address.namespace, address.dialect, address.database, schema, name)


def count_rows(
    connection: DuckDBPyConnection, database: str, names: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """Exact counts, by (schema, name). `estimated_size` does not fall after deletes, so it is not used."""
    counts: dict[tuple[str, str], int] = {}
    for chunk in _chunks(list(names)):
        for place, count in connection.execute(counted(database, chunk)).fetchall():
            counts[chunk[place]] = count
    return counts


def counted(database: str, tables: list[tuple[str, str]]) -> str:
    """One statement that counts the rows of each: (its place in the list, rows)."""
    return " UNION ALL ".join(
        f"SELECT {place} AS place, count(*) FROM {quoted(database, schema, name)}"
        for place, (schema, name) in enumerate(tables)
    )


def existing(connection: DuckDBPyConnection, database: str) -> dict[tuple[str, str], tuple[str, str]]:
    """(schema, name) as stored, by their lower-case form: DuckDB compares names without regard to case."""
    found = connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = $1"
        " UNION ALL SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = $1 AND NOT internal",
        [database],
    ).fetchall()
    return {(schema.lower(), name.lower()): (schema, name) for schema, name in found}


class _Described(NamedTuple):
    """The columns (name, type) of a schema's tables, by their names, and the comments on them."""

    columns: dict[str, tuple[tuple[str, str], ...]]
    comments: dict[str, dict[str, str]]


def _columns(
    connection: DuckDBPyConnection, database: str, schemas: list[str]
) -> Iterator[tuple[str, _Described]]:
    """One statement for all, read as it comes: DuckDB lists the columns of the whole file for each question about some."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT schema_name, table_name, column_name, data_type, comment FROM duckdb_columns()"
            " WHERE database_name = $1 AND NOT internal AND schema_name = ANY($2)"
            " ORDER BY schema_name, table_name, column_index",
            [database, schemas],
        )
        rows = chain.from_iterable(iter(lambda: cursor.fetchmany(_ROWS), []))
        for schema, tables in groupby(rows, key=itemgetter(0)):
            found = _Described({}, {})
            for table, listed in groupby(tables, key=itemgetter(1)):
                own = list(listed)
                found.columns[table] = tuple([(name, kind) for _, _, name, kind, _ in own])
                comments = {name: comment for _, _, name, _, comment in own if comment}
                if comments:
                    found.comments[table] = comments
            yield schema, found


def _sizes(
    connection: DuckDBPyConnection, database: str, tables: list[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """Bytes of the file's blocks that hold a table's columns. Small tables share blocks, so sums may exceed the file."""
    block = connection.execute(
        "SELECT block_size FROM pragma_database_size() WHERE database_name = $1", [database]
    ).fetchone()
    if block is None:
        return {}
    sizes: dict[tuple[str, str], int] = {}
    for chunk in _chunks(tables):
        for place, blocks in connection.execute(sized(database, chunk)).fetchall():
            sizes[chunk[place]] = blocks * block[0]
    return sizes


def sized(database: str, tables: list[tuple[str, str]]) -> str:
    """One statement that tells how many blocks hold each: (its place in the list, blocks)."""
    return " UNION ALL ".join(
        f"SELECT {place} AS place, count(DISTINCT block_id) FROM pragma_storage_info({literal(quoted(database, schema, name))})"
        " WHERE block_id >= 0"
        for place, (schema, name) in enumerate(tables)
    )


def _chunks(names: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    return [names[start : start + CHUNK] for start in range(0, len(names), CHUNK)]
