"""Writing staged rows into the database: swap, append or merge, and the state, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from penstock.errors import ToolError, WarehouseBusy
from penstock.integration import (
    ColumnRole,
    Connection,
    Load,
    LoadColumn,
    LoadedTable,
    TableLoad,
    WriteMode,
    lost_key,
    moved_on,
)
from penstock_postgres import merging
from penstock_postgres.columns import sql_type
from penstock_postgres.connect import literal, opened, quoted
from penstock_postgres.fitting import Fitting
from penstock_postgres.ledger import Ledger
from penstock_postgres.notes import changes_in, undeclared
from penstock_postgres.stages import HeadStart, Stages
from penstock_postgres.staging import Progress

if TYPE_CHECKING:
    from penstock_postgres.connect import Session

# A table with more rows is not counted after a load: its total is the planner's estimate and what was added.
_COUNTED = 1_000_000


def commit(
    connection: Connection, load: Load, staged: Progress, ahead: HeadStart | None
) -> tuple[LoadedTable, ...]:
    """Apply the load, once: a token that is recorded already is answered from the record.

    Raises WarehouseBusy when a table is locked for long, ToolError for all else; nothing has changed then.
    """
    import psycopg

    with _session(connection, load, staged, ahead) as (session, begun):
        try:
            with session.transaction():
                ledger = Ledger(session)
                ledger.make()
                # The rows travel before any lock is taken.
                stages = _filled(session, load, staged, begun)
                ledger.lock(load.loader)
                done = ledger.loaded(load.loader, load.token)
                if done is None:
                    if load.expected not in (None, ledger.state(load.loader)):
                        raise moved_on(load.loader)
                    writer = _Writer(session, ledger)
                    done = tuple(
                        writer.write(*one)
                        for one in zip(stages.names, load.tables, staged.counts, staged.noted, strict=True)
                    )
                    ledger.record(load.loader, load.token, done, load.state)
        except psycopg.errors.LockNotAvailable as error:
            raise WarehouseBusy(
                f"a table is locked by another session: {str(error).splitlines()[0]}",
                hint="end that session, or wait",
            ) from None
    return done


@contextmanager
def _session(
    connection: Connection, load: Load, staged: Progress, ahead: HeadStart | None
) -> Iterator[tuple[Session, Stages | None]]:
    """The session that rows have travelled in ahead, with them, or a new one."""
    stages = ahead.taken(staged) if ahead is not None else None
    if ahead is not None and stages is not None:
        with ahead.closing():
            yield stages.session, stages
        return
    if ahead is not None:
        ahead.close(wait=True)
    with opened(connection, write=True, tag=f"load {load.loader}") as session:
        yield session, None


def _filled(session: Session, load: Load, staged: Progress, begun: Stages | None) -> Stages:
    """The staged files as temporary tables of this connection, whole."""
    stages = begun or Stages(session, load)
    if begun is None:
        stages.make()
    stages.fill(staged)
    for name, table, rows, count in zip(stages.names, load.tables, stages.rows, staged.counts, strict=True):
        if rows != count:
            raise ToolError(f"{table.relation.identifier}: {count} rows were staged, {rows} were copied")
        if table.mode is WriteMode.MERGE and rows:
            session.execute(f"ANALYZE {name}")  # else the planner takes it for small, and joins by a loop
    return stages


class _Writer:
    """Statements of one transaction."""

    def __init__(self, session: Session, ledger: Ledger) -> None:
        self._session = session
        self._ledger = ledger

    def write(self, stage: str, table: TableLoad, read: int, noted: int) -> LoadedTable:
        """`read` is how many rows are staged, `noted` how many of them may say that a value is not as the source has it."""
        if (
            noted
        ):  # asked before the newest rows are kept: the row that says so may be the one that is dropped
            self._refuse_lost_keys(stage, table)
        if merging.is_keyed(table):
            untimed = merging.untimed(stage, table)
            if untimed is not None and self._session.execute(untimed).fetchone():
                self._session.execute(merging.fill_times(stage, table))
            kinds = {column.name: sql_type(column) for column in table.columns}
            read -= self._session.execute(merging.keep_newest(stage, table, kinds)).rowcount
        changed, others = 0, dict[str, int]()
        if noted:  # else nobody needs to look
            changed = self._changed(stage, table)
            others = undeclared(self._session, stage, table)
        self._schema(table.relation.schema or "public")
        fitting = Fitting(self._session, table)
        existing = fitting.columns()
        generation = self._generation(fitting.target, existing, table)
        notes: tuple[str, ...] = ()
        if not existing:
            fitting.make()
        else:
            replaced = table.mode is WriteMode.REPLACE
            if replaced:
                self._session.execute(f"TRUNCATE {fitting.target}")
            notes = fitting.fit(existing, empty=replaced)
        types = fitting.columns()
        written = self._rows(fitting.target, stage, table, generation, types, empty=not existing)
        if _column_of(table, ColumnRole.GENERATION) is not None:
            self._ledger.put_generation(table.relation, generation)
        total = written if table.mode is WriteMode.REPLACE else self._total(table, fitting.target, written)
        return LoadedTable(
            relation=table.relation,
            rows_read=read,
            rows_total=total,
            rows_changed=changed,
            notes=notes,
            undeclared=others,
        )

    def _changed(self, stage: str, table: TableLoad) -> int:
        """How many staged rows say that a value is not as the source has it."""
        meta = _column_of(table, ColumnRole.META)
        if meta is None:
            return 0
        row = self._session.execute(
            f"SELECT count(*) FROM {stage} WHERE {quoted(meta)}->'changes' <> '[]'"
        ).fetchone()
        return int(row[0]) if row else 0

    def _schema(self, schema: str) -> None:
        there = self._session.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [schema]).fetchone()
        if there is None:
            self._session.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}")

    def _rows(
        self,
        target: str,
        stage: str,
        table: TableLoad,
        generation: int,
        types: dict[str, str],
        *,
        empty: bool,
    ) -> int:
        """Write the staged rows in the table's own types; how many there are now more."""
        chosen = ", ".join(
            f"{_staged(column, table, generation)}::{types[column.name]} AS {quoted(column.name)}"
            for column in table.columns
        )
        rows = f"(SELECT {chosen} FROM {stage})"
        columns = ", ".join(quoted(column.name) for column in table.columns)
        if table.mode is not WriteMode.MERGE or empty:
            alive = merging.alive(table) if merging.is_keyed(table) else "true"
            return self._session.execute(
                f"INSERT INTO {target} ({columns}) SELECT {columns} FROM {rows} AS s WHERE {alive}"
            ).rowcount
        parts = list(merging.merge(target, rows, table, types, columns))
        if self._any(f"{stage} AS s", merging.any_null("s", table)):
            parts += merging.merge_nulls(target, rows, table, types, columns)
        return sum(
            self._session.execute(part).rowcount * (-1 if place % 2 == 0 else 1)
            for place, part in enumerate(parts)
        )

    def _refuse_lost_keys(self, stage: str, table: TableLoad) -> None:
        """A key that is not as the source has it may be another row's: merged, one of the two would be gone."""
        meta = _column_of(table, ColumnRole.META)
        keys = [column for column in table.columns if column.name in table.primary_key]
        if not merging.is_keyed(table) or meta is None or not keys:
            return
        names = ", ".join(literal(column.taken_from) for column in keys)
        row = self._session.execute(
            f"SELECT c->>'field', c->>'change' FROM {changes_in(stage, quoted(meta))} WHERE c->>'field' IN ({names})"
            " AND right(c->>'reason', 20) = '_SERIALIZATION_ERROR' LIMIT 1"
        ).fetchone()
        if row is not None:
            raise lost_key(table.relation, row[0], row[1])

    def _generation(self, target: str, existing: dict[str, str], table: TableLoad) -> int:
        column = _column_of(table, ColumnRole.GENERATION)
        if column is None or column not in existing:
            return max(table.generation, 1 if table.new_generation else 0)
        highest = self._ledger.generation(table.relation)
        if highest is None:
            row = self._session.execute(f"SELECT max({quoted(column)}) FROM {target}").fetchone()
            highest = int(row[0]) if row and row[0] is not None else 0
        return max(table.generation, highest + 1 if table.new_generation else highest)

    def _total(self, table: TableLoad, target: str, written: int) -> int:
        row = self._session.execute(
            "SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(%s)", [target]
        ).fetchone()
        estimate = int(row[0]) if row else -1
        return max(0, estimate + written) if estimate > _COUNTED else self._count(target)

    def _any(self, table: str, test: str) -> bool:
        return self._session.execute(f"SELECT 1 FROM {table} WHERE {test} LIMIT 1").fetchone() is not None

    def _count(self, table: str) -> int:
        row = self._session.execute(f"SELECT count(*) FROM {table}").fetchone()
        return int(row[0]) if row else 0


def _staged(column: LoadColumn, table: TableLoad, generation: int) -> str:
    """A column of the stage as the table has it."""
    if column.role is ColumnRole.GENERATION:
        return f"{generation}::bigint"
    name = quoted(column.name)
    if column.role is not ColumnRole.META:
        return name
    unchanged = literal(f'{{"changes":[],"sync_id":{table.sync_id}}}')
    return f"coalesce({name}, {unchanged}::jsonb)"


def _column_of(table: TableLoad, role: ColumnRole) -> str | None:
    return next((column.name for column in table.columns if column.role is role), None)
