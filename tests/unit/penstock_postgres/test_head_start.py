"""Rows that travel while the connector still writes: the same rows, whatever happens to the session that they travelled in."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Callable
from concurrent.futures import wait
from pathlib import Path

import msgspec
import pytest

from penstock.errors import WarehouseBusy
from penstock.integration import Load, LoadedTable, StagedLoad, WriteMode
from penstock_postgres.destination import PostgresDestination
from penstock_postgres.stages import HeadStart
from tests.support import ROOT
from tests.tools import jobs
from tests.unit.penstock_duckdb.loading import line
from tests.unit.penstock_duckdb.test_loading import fill_and_stage
from tests.unit.penstock_postgres.loading import PostgresLoading, warehouse_at

pytestmark = pytest.mark.slow


class Growing:
    """A load into one table, whose file is still being written."""

    def __init__(self, loading: PostgresLoading) -> None:
        assert isinstance(loading.destination, PostgresDestination)
        self.loading = loading
        self.destination = loading.destination
        self.file = loading.root / "rows.jsonl"
        self.staging: Path = loading.root / "staging"

    def write(self, *ids: int) -> None:
        with self.file.open("a") as file:
            file.writelines(line({"id": one, "v": f"v{one}"}) + "\n" for one in ids)

    def load(self, *, partial: bool, until: int | None = None) -> Load:
        table = self.loading.table({"id": "integer", "v": "string"}, WriteMode.APPEND, until=until)
        return Load(
            loader="test", token="one", tables=(table,), state={}, staging=self.staging, partial=partial
        )

    def ahead(self) -> HeadStart:
        """Stage what is there, and wait until it has travelled."""
        self.destination.stage(self.load(partial=True))
        head = self.destination._ahead[self.staging]
        assert head._last is not None
        wait([head._last])
        return head

    def end(self, until: int | None = None) -> tuple[LoadedTable, ...]:
        return self.destination.stage(self.load(partial=False, until=until)).commit()

    def rows(self) -> list[int]:
        found = self.loading.ask("SELECT id, v FROM raw.t ORDER BY id")
        assert all(v == f"v{number}" for number, v in found)
        return [number for number, _ in found]


@pytest.fixture
def growing(loading: PostgresLoading) -> Growing:
    return Growing(loading)


def test_what_has_travelled_is_not_sent_again(growing: Growing) -> None:
    growing.write(1, 2)
    head = growing.ahead()
    growing.write(3)
    assert head._last is not None
    stages = head._last.result()
    assert stages is not None and stages.rows == [2]
    assert not growing.loading.ask("SELECT 1 FROM pg_tables WHERE schemaname = 'raw'")
    (table,) = growing.end()
    assert (table.rows_read, stages.rows, growing.rows()) == (3, [3], [1, 2, 3])
    # The server drops the tables of a session when it has seen that the session is gone.
    left = "SELECT count(*) FROM pg_class WHERE relname LIKE '\\_penstock\\_%'"
    jobs.wait(lambda: growing.loading.ask(left) == [(0,)])


def ended(growing: Growing) -> None:
    growing.loading.ask(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
        " WHERE application_name = 'penstock load test' AND datname = current_database()"
    )


def staged_anew(growing: Growing) -> None:
    (growing.staging / "progress.json").unlink()


def shortened(growing: Growing) -> None:
    (file,) = growing.staging.glob("*.copy")
    file.write_bytes(b"")
    (growing.staging / "progress.json").unlink()


@pytest.mark.parametrize("fault", [ended, staged_anew, shortened])
def test_a_lost_session_loses_no_row_and_doubles_none(
    fault: Callable[[Growing], None], growing: Growing
) -> None:
    growing.write(1, 2)
    growing.ahead()
    fault(growing)
    growing.write(3)
    assert growing.end()[0].rows_read == 3
    assert growing.rows() == [1, 2, 3]


def test_rows_that_shall_not_count_are_not_taken(growing: Growing) -> None:
    """The connector failed after its last state: what came behind that has travelled too."""
    growing.write(1)
    confirmed = growing.file.stat().st_size
    growing.write(2)
    growing.ahead()
    assert growing.end(until=confirmed)[0].rows_read == 1
    assert growing.rows() == [1]


def with_room(staged: StagedLoad) -> tuple[LoadedTable, ...]:
    """Committed as a sync does it: again until there is room. A session counts until the server has taken leave of it."""
    while True:
        try:
            return staged.commit()
        except WarehouseBusy:
            continue


def test_where_one_session_is_all_there_is_a_commit_gets_it(growing: Growing) -> None:
    """Two loads of one sync travel ahead: what is swapped in at the end must not keep a checkpoint from its commit."""
    role = f"one_{uuid.uuid4().hex}"
    ask = growing.loading.ask
    ask(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 1")
    ask(f"DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO {role}', current_database()); END $$")
    limited = warehouse_at(growing.loading.url, growing.loading.root, user=role).destination()
    assert isinstance(limited, PostgresDestination)
    growing.destination = limited
    growing.write(1)
    head = growing.ahead()
    (table,) = growing.load(partial=False).tables
    place = msgspec.structs.replace(table.relation, identifier="u")
    other = msgspec.structs.replace(
        growing.load(partial=False),
        token="other",
        staging=growing.loading.root / "other",
        tables=(msgspec.structs.replace(table, relation=place),),
    )
    staged = growing.destination.stage(other)
    with pytest.raises(WarehouseBusy, match="no connection left"):
        staged.commit()
    head._worker.shutdown(wait=True)
    assert with_room(staged)[0].rows_read == 1
    growing.write(2)
    end = growing.destination.stage(growing.load(partial=False))
    assert (with_room(end)[0].rows_read, growing.rows()) == (2, [1, 2])


def test_a_session_ends_with_its_destination(growing: Growing) -> None:
    """A sync that fails commits nothing: its session must not stay."""
    growing.write(1)
    head = growing.ahead()
    assert head._last is not None
    stages = head._last.result()
    assert stages is not None and not stages.session.closed
    del growing.destination, growing.loading.destination
    head._worker.shutdown(wait=True)
    assert stages.session.closed


def test_a_commit_that_is_put_off_keeps_what_has_travelled(growing: Growing) -> None:
    """The warehouse was in use: the next commit of these files takes what is there."""
    growing.write(1)
    head = growing.ahead()
    growing.destination.stage(growing.load(partial=False))
    growing.write(2)
    assert growing.ahead() is head
    assert (growing.end()[0].rows_read, growing.rows()) == (2, [1, 2])


@pytest.mark.parametrize("first", [["t", "b"], ["t"], ["b"]])
def test_what_was_staged_for_other_tables_is_not_taken(first: list[str], loading: PostgresLoading) -> None:
    fill_and_stage(loading, first)
    found = loading.ask("SELECT (SELECT array_agg(v) FROM raw.b), (SELECT array_agg(v) FROM raw.t)")
    assert found == [([2], [1])]


_ENDS = """
import pathlib, sys
from tests.unit.penstock_duckdb.test_loading import fill_and_stage
from tests.unit.penstock_postgres.loading import PostgresLoading
from tests.unit.penstock_postgres.test_head_start import Growing

growing = Growing(PostgresLoading(pathlib.Path(sys.argv[1]), sys.argv[2]))
growing.write(1)
growing.ahead()
"""


def test_a_process_that_ends_while_rows_travel_has_nothing_to_say(loading: PostgresLoading) -> None:
    command = [sys.executable, "-c", _ENDS, str(loading.root), loading.url]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
