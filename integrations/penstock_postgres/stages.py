"""A load's rows in the server before they are in a table: temporary tables, which end with their session and nobody else sees.

A `HeadStart` fills them while the connector still writes. It is never needed: what it has not done is done at the commit.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING, BinaryIO

from penstock.errors import PenstockError, ToolError
from penstock.integration import Connection, Load, TableLoad
from penstock_postgres import merging
from penstock_postgres.columns import sql_type
from penstock_postgres.connect import opened, quoted
from penstock_postgres.staging import Progress
from penstock_postgres.writing import file_of, staged_columns

if TYPE_CHECKING:
    from penstock_postgres.connect import Session

_BLOCK = 1 << 20


class Stages:
    """The stages of a load in one session. `rows`: how many each of them has."""

    def __init__(self, session: Session, load: Load) -> None:
        self.session = session
        self._load = load
        mark = uuid.uuid4().hex  # a pooler may hand on a session that has tables of another load
        self.names = [quoted(f"_penstock_{mark}_{place}") for place in range(len(load.tables))]
        self._sizes = [0] * len(load.tables)
        self.rows = [0] * len(load.tables)

    def make(self, *, kept: bool = False) -> None:
        """`kept` until the session ends, else until the transaction does."""
        for name, table in zip(self.names, self._load.tables, strict=True):
            made = ", ".join(f"{quoted(column.name)} {sql_type(column)}" for column in staged_columns(table))
            place = (
                f", {merging.PLACE} bigint GENERATED ALWAYS AS IDENTITY" if merging.is_keyed(table) else ""
            )
            end = "" if kept else " ON COMMIT DROP"
            self.session.execute(f"CREATE TEMPORARY TABLE {name} ({made}{place}){end}")

    def fill(self, progress: Progress) -> None:
        """Copy what is staged and not there yet."""
        for place, table in enumerate(self._load.tables):
            size = progress.sizes[place]
            if size > self._sizes[place]:
                self._copy(progress.batch, place, table, size)

    def _copy(self, batch: str, place: int, table: TableLoad, size: int) -> None:
        columns = ", ".join(quoted(column.name) for column in staged_columns(table))
        with file_of(self._load.staging, batch, place).open("rb") as source, self.session.cursor() as cursor:
            source.seek(self._sizes[place])
            with cursor.copy(f"COPY {self.names[place]} ({columns}) FROM STDIN") as copy:
                _send(source, size - self._sizes[place], copy.write)
            self._sizes[place] = size
            self.rows[place] += cursor.rowcount


def _send(source: BinaryIO, left: int, write: Callable[[bytes], None]) -> None:
    while left:
        block = source.read(min(left, _BLOCK))
        if not block:
            raise ToolError("a staged file is shorter than it was", hint="sync again")
        write(block)
        left -= len(block)


class HeadStart:
    """Stages of a partial load, filled by a thread of their own."""

    def __init__(self, connection: Connection, load: Load, batch: str) -> None:
        self._connection = connection
        self._load = load
        self._batch = batch
        self._open = ExitStack()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="head-start")
        self._last: Future[Stages | None] | None = None
        self._stopped = False

    def offer(self, progress: Progress) -> None:
        """Rows up to there are staged."""
        before = self._last
        self._last = self._worker.submit(lambda: self._fill(before, progress))

    def _fill(self, before: Future[Stages | None] | None, progress: Progress) -> Stages | None:
        """None once anything has failed: the commit will tell, if it fails there too."""
        stages = before.result() if before else self._begun()
        if stages is None or self._stopped or progress.batch != self._batch:
            return None
        stages.fill(progress)
        return stages

    def _begun(self) -> Stages | None:
        session = self._open.enter_context(
            opened(self._connection, write=True, tag=f"load {self._load.loader}")
        )
        row = session.execute("SELECT pg_backend_pid()").fetchone()
        if row is None or row[0] != session.info.backend_pid:
            self._open.close()  # a pooler: the next statement may go to another session
            return None
        stages = Stages(session, self._load)
        stages.make(kept=True)
        return stages

    def taken(self, progress: Progress) -> Stages | None:
        """The stages, when they hold rows of what is staged, and nothing else. Close it afterwards."""
        import psycopg

        try:
            stages = self._last.result() if self._last else None
            if stages is None or progress.batch != self._batch:
                return None
            stages.session.execute("SELECT 1")
            return stages
        except (psycopg.Error, PenstockError, OSError):
            return None

    def closing(self) -> ExitStack:
        """Closes its session on exit; errors of the server are told as `opened` does."""
        self._stop()
        return self._open

    def close(self, *, wait: bool = False) -> None:
        """Soon: what is on its way arrives first. A session is not closed under a thread that uses it."""
        if not self._stopped:
            self._worker.submit(self._open.close)
        self._stop(wait=wait)

    def _stop(self, *, wait: bool = False) -> None:
        self._stopped = True
        self._worker.shutdown(wait=wait)
