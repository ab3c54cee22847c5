"""A database's catalog in pages. SHOW first; SQL only for columns that SHOW cuts, when the warehouse runs and it is due."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from penstock.assets import Relation
from penstock.errors import ToolError
from penstock.integration import Address, CatalogTable, Connection, RowCount, Scope
from penstock_snowflake.columns import (
    PAGE,
    Place,
    changed_since,
    queried_columns,
    shown_columns,
)
from penstock_snowflake.connect import DENIED, SqlError
from penstock_snowflake.kept import Described, Kept
from penstock_snowflake.naming import stored_name
from penstock_snowflake.objects import Found, read_objects
from penstock_snowflake.shows import schemas_of
from penstock_snowflake.waking import why_not

if TYPE_CHECKING:
    from penstock_snowflake.connect import Session

_FEW = 20  # schemas whose columns are shown one by one
_OVERLAP = 3600.0  # clocks differ, and a statement that began before may end after
_NOTHING: Described = ((), {})


class CatalogReader:
    """Reads one account's catalog in one session. `gaps` are sentences about what could not be read. `packed`: columns stay as
    they are kept, nobody looks at them one by one."""

    def __init__(
        self,
        session: Session,
        connection: Connection,
        address: Address,
        kept: Kept,
        every: float = 0.0,
        *,
        packed: bool = False,
    ) -> None:
        self._session = session
        self._connection = connection
        self._address = address
        self._kept = kept
        self._every = every
        self._packed = packed
        self.gaps: list[str] = []

    def pages(self, scope: Scope) -> Iterator[tuple[CatalogTable, ...]]:
        """The tables of the scope. A database or schema that may not be seen is a gap, unless it is the only one."""
        for database in self._databases(scope):
            yield from self._database(database, scope)

    @property
    def databases(self) -> list[str]:
        """Those that are read where a scope names none; empty where none is named anywhere."""
        named = self._connection.settings.get("databases")
        listed = named if isinstance(named, list | tuple) else ()
        return [stored_name(str(name)) for name in listed] or [
            name for name in (self._address.database,) if name
        ]

    def _databases(self, scope: Scope) -> list[str]:
        if scope.database is not None:
            return [scope.database]
        if scope.relations is not None:
            return sorted({one.database or self._address.database or "" for one in scope.relations} - {""})
        databases = self.databases
        if not databases:
            raise ToolError(
                f"{self._session.place}: no database is named",
                hint="set `database` or `databases`: an account is not read whole unasked",
            )
        return databases

    def _database(self, database: str, scope: Scope) -> Iterator[tuple[CatalogTable, ...]]:
        wanted = scope.schemas
        if scope.relations is not None and wanted is None:
            wanted = tuple(sorted({one.schema or "" for one in scope.relations if one.database == database}))
        try:
            schemas = schemas_of(self._session, database, wanted)
            found = read_objects(self._session, database, schemas, whole=wanted is None)
        except SqlError as error:
            if error.code != DENIED or (scope.database is None and len(self._databases(scope)) == 1):
                raise
            self.gaps.append(f"database {database} does not exist, or this role may not see it")
            return
        missing = [schema for schema in wanted or () if schema not in schemas]
        if missing and scope.relations is None and scope.database is None:
            self.gaps.append(
                f"schemas that do not exist in {database}, or that this role may not see: {', '.join(missing)}"
            )
        found = [one for one in found if scope.has(self._relation(database, one.schema, one.name))]
        yield from self._described(database, schemas, found, whole=wanted is None)

    def _described(
        self, database: str, schemas: list[str], found: list[Found], *, whole: bool
    ) -> Iterator[tuple[CatalogTable, ...]]:
        shown = self._shown(database, schemas, whole)
        if shown is None:
            self._query(database, found)
        missing = 0
        while found:
            page = []
            for one in found[:PAGE]:
                relation = self._relation(database, one.schema, one.name)
                name = str(relation)
                if shown is None:
                    known = name in self._kept.columns
                else:
                    known = (described := shown.get((one.schema, one.name))) is not None
                    if described is not None:
                        self._kept.keep(name, described)
                missing += not known
                page.append(self._table(relation, one, name if known else None))
            del found[:PAGE]  # memory stays flat: each is a table now
            yield tuple(page)
        if missing:
            self.gaps.append(f"columns of {missing} tables in {database} are not known: {self._why}")

    _why = "this role may not see them"

    def _shown(self, database: str, schemas: list[str], whole: bool) -> dict[Place, Described] | None:
        """By SHOW alone, where its answers are whole; None where they are cut."""
        if whole or len(schemas) > _FEW:
            return shown_columns(self._session, database)
        found: dict[Place, Described] = {}
        for schema in schemas:
            part = shown_columns(self._session, database, schema)
            if part is None:
                return None
            found |= part
        return found

    def _query(self, database: str, found: list[Found]) -> None:
        """By SQL into what is kept, when it is due and may be; only what changed since the last time."""
        read_at = self._kept.read_at.get(database, 0.0)
        now = time.time()
        if read_at and now - read_at < self._every:
            self._why = "they are read again when catalog_every has passed"
            return
        reason = why_not(self._session, self._connection)
        if reason is not None:
            self._why = f"SHOW cuts its answer, and {reason}"
            return
        wanted = [(one.schema, one.name) for one in found]
        if read_at:
            changed = changed_since(self._session, database, read_at - _OVERLAP)
            wanted = [one for one in wanted if one in changed or not self._knows(database, *one)]
        for page in queried_columns(self._session, database, wanted):
            for (schema, name), described in page.items():
                self._kept.keep(str(self._relation(database, schema, name)), described)
        self._kept.read_at[database] = now

    def _knows(self, database: str, schema: str, name: str) -> bool:
        return str(self._relation(database, schema, name)) in self._kept.columns

    def _table(self, relation: Relation, one: Found, kept: str | None) -> CatalogTable:
        """`kept` is the name under which its columns are kept, where they are known."""
        left = self._kept.columns[kept] if kept is not None and self._packed else b""
        columns, comments = (kept is not None and not left and self._kept.described(kept)) or _NOTHING
        return CatalogTable(
            relation=relation,
            kind=one.kind,
            columns=columns,
            comment=one.comment,
            column_comments=comments,
            rows=None if one.rows is None else RowCount(one.rows, exact=one.exact),
            size_bytes=one.size,
            sql=one.sql,
            owner=one.owner,
            packed=left,
        )

    def _relation(self, database: str, schema: str, name: str) -> Relation:
        return Relation(self._address.namespace, self._address.dialect, database, schema, name)
