"""The public door for one SQL text without a project. sqlglot is imported when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.lineage.records import StatementLineage

if TYPE_CHECKING:
    from penstock.lineage.scope.catalog import Schema


def column_lineage(
    sql: str,
    *,
    dialect: str,
    schema: Schema | None = None,
    database: str | None = None,
    default_schema: str | None = None,
) -> StatementLineage:
    """Which column comes from which, in one SQL text (one statement, or a script of several).

    `schema` maps relations to their columns: `{"raw.orders": {"id": "int", "total": "numeric"}}`, or to a list of
    names; a relation has one, two or three parts. The type of a struct tells its fields. It may be incomplete or
    missing: a column that only one relation can have is resolved by exclusion, one that several could have is ambiguous,
    and the candidates are listed.
    `dialect` is sqlglot's name, `ansi`, or another name of one (`sqlserver`, `mariadb`, `greenplum`).
    `database` and `default_schema` complete names that have fewer parts.
    May be called from several threads at once: nothing is shared between calls, and nothing of the process is changed.
    sqlglot logs statements that it does not know to the logger "sqlglot"; they are findings here all the same.

    Raises LineageError (exit code 2) when the text is not SQL of that dialect, or the dialect is unknown.
    """
    from penstock.lineage.dialects.names import usual_name
    from penstock.lineage.script import derive_script

    return derive_script(
        sql, dialect=usual_name(dialect), schema=schema, database=database, default_schema=default_schema
    )
