"""A table made, or given the columns and the widths that a load needs. Grants and views on it stay; columns it does not know too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.errors import ToolError
from penstock.integration import LoadColumn, TableLoad, WriteMode, changed_key
from penstock_postgres.columns import sql_type, wider
from penstock_postgres.connect import quoted
from penstock_postgres.merging import is_keyed

if TYPE_CHECKING:
    from penstock_postgres.connect import Session

_COLUMNS = (
    "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
    " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = %s"
    " AND a.attnum > 0 AND NOT a.attisdropped"
)
_KIND = (
    "SELECT c.relkind::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = %s AND c.relname = %s AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"
)
# A hash index holds a text of any length; a b-tree refuses one that is longer than a third of a page.
_HASHED = ("character varying", "text")
_ONE_SPELLING = ("smallint", "integer", "bigint", "boolean", "date", "uuid")


class Fitting:
    """One table of a load, inside its transaction."""

    def __init__(self, session: Session, table: TableLoad) -> None:
        self._session = session
        self._table = table
        self._schema = table.relation.schema or "public"
        self._name = table.relation.identifier
        self.target = quoted(self._schema, self._name)

    def columns(self) -> dict[str, str]:
        """Name -> type; empty when there is no such table. Raises ToolError for a view of that name."""
        kind = self._session.execute(_KIND, [self._schema, self._name]).fetchone()
        if kind is not None and kind[0] not in ("r", "p"):
            raise ToolError(
                f"{self._schema}.{self._name} is no table: the load cannot be written",
                hint="drop or rename what has that name, or let the sync write into another schema",
            )
        rows = self._session.execute(_COLUMNS, [self._schema, self._name])
        return {name: kind for name, kind in rows}  # noqa: C416  # the rows of a cursor are no pairs to mypy

    def make(self) -> None:
        columns = ", ".join(f"{quoted(column.name)} {sql_type(column)}" for column in self._table.columns)
        self._session.execute(f"CREATE TABLE {self.target} ({columns})")
        self._index()

    def _index(self) -> None:
        """A merge looks rows up by their key: without an index it reads the whole table each time."""
        keys = [column for column in self._table.columns if column.name in self._table.primary_key]
        kinds = {sql_type(column) for column in keys}
        if not is_keyed(self._table) or not keys or "jsonb" in kinds:
            return
        names = ", ".join(quoted(column.name) for column in keys)
        if not kinds & set(_HASHED):
            self._session.execute(f"CREATE INDEX ON {self.target} ({names})")
        elif len(keys) == 1:
            self._session.execute(f"CREATE INDEX ON {self.target} USING hash ({names})")

    def fit(self, existing: dict[str, str], *, empty: bool) -> tuple[str, ...]:
        """Notes of what had to change. An `empty` table takes the load's own types."""
        notes = []
        for column in self._table.columns:
            wanted = sql_type(column)
            stored = existing.get(column.name)
            if stored is None:
                self._session.execute(f"ALTER TABLE {self.target} ADD COLUMN {quoted(column.name)} {wanted}")
                notes.append(f"{self._name}: new column {column.name} ({wanted})")
                continue
            wide = wider(stored, wanted, column.role)
            if column.name in self._table.primary_key and _spelled_otherwise(stored, wanted):
                if self._table.mode is WriteMode.MERGE:
                    raise changed_key(self._table.relation, column.name, stored, wanted)
                wide = wanted if empty else wide  # else a table that is refreshed would be refused again
            if wide == stored:
                continue
            kind, value = (wanted, "NULL") if empty else (wide, quoted(column.name))
            self._alter(column, kind, value)
            how = "changed" if empty else "widened"
            notes.append(f"{self._name}: column {column.name} {how} from {stored} to {kind}")
        return tuple(notes)

    def _alter(self, column: LoadColumn, kind: str, value: str) -> None:
        import psycopg

        name = quoted(column.name)
        try:
            with self._session.transaction():
                self._session.execute(
                    f"ALTER TABLE {self.target} ALTER COLUMN {name} TYPE {kind} USING {value}::{kind}"
                )
        except (psycopg.errors.FeatureNotSupported, psycopg.errors.DependentObjectsStillExist) as error:
            views = str(error.diag.message_detail or "").splitlines()
            told = f" ({views[0]})" if views else ""
            raise ToolError(
                f"{self._schema}.{self._name}: column {column.name} must become {kind}, and a view uses it{told}",
                hint="drop the view, sync again, then build it again",
            ) from None


def _spelled_otherwise(stored: str, wanted: str) -> bool:
    """Text beside text, and beside what has one spelling only, compares as its source has it; a document has quotes about a text."""
    kinds = {stored.partition("(")[0], wanted}
    texts, documents = {*_HASHED, *_ONE_SPELLING}, {"jsonb", *_ONE_SPELLING} - {"date", "uuid"}
    return bool(kinds & {*_HASHED, "jsonb"}) and not (kinds <= texts or kinds <= documents)
