"""Opening a DuckDB file, briefly. DuckDB lets one process at a time in; within this process a lock per file does the same."""

from __future__ import annotations

import errno
import re
import stat
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.errors import ToolError, ToolMissing, WarehouseBusy
from penstock.integration import Cancellation, QueryCancelled
from penstock_duckdb.address import database_name

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# The oldest format that keeps all we write: a dbt environment with DuckDB 1.4 must be able to open what we create.
STORAGE_VERSION = "v1.4.0"
INTERNAL_SCHEMA = "_penstock"

_locks: dict[Path, threading.Lock] = {}
_locks_guard = threading.Lock()
_HOLDER = re.compile(r"lock is held in (?P<program>.+?) \(PID (?P<pid>\d+)\)")


def quoted(*parts: str) -> str:
    """An SQL identifier, every part quoted."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def opened(
    file: Path, *, write: bool = False, attached: Mapping[str, Path] | None = None
) -> Iterator[DuckDBPyConnection]:
    """A connection with the file attached under its usual name, and nothing else but `attached`, for reading; closed on exit.

    With `write` a missing file (and its folder) is made. Raises WarehouseBusy when another process holds it.
    """
    with _locks_guard:
        lock = _locks.setdefault(file, threading.Lock())
    with lock:
        connection = _attach(file, write)
        try:
            for alias, other in (attached or {}).items():
                _attach_other(connection, other, alias)
            yield connection
        finally:
            connection.close()


@contextmanager
def stoppable(connection: DuckDBPyConnection, cancel: Cancellation | None) -> Iterator[None]:
    """Queries inside end with QueryCancelled once somebody wants them stopped."""
    import duckdb

    if cancel is None:
        yield
        return
    try:
        with cancel.interrupting(connection.interrupt):
            yield
    except duckdb.InterruptException:
        raise QueryCancelled from None


def _attach(file: Path, write: bool) -> DuckDBPyConnection:
    try:
        import duckdb
    except ImportError:
        raise ToolMissing("the Python package duckdb is not installed", hint="pip install 'penstock[duckdb]'")

    _refuse_no_file(file)
    options = "READ_ONLY"
    if write:
        file.parent.mkdir(parents=True, exist_ok=True)
        # DuckDB refuses to open an existing newer file under an older version: the version is for files that we make.
        made = file.exists() and file.stat().st_size > 0
        options = "READ_WRITE" if made else f"STORAGE_VERSION {literal(STORAGE_VERSION)}"
    connection = duckdb.connect(config={"autoinstall_known_extensions": False})
    try:
        name = quoted(database_name(file.name))
        connection.execute(f"ATTACH {literal(str(file))} AS {name} ({options})")
        connection.execute(f"USE {name}")
    except duckdb.Error as error:
        connection.close()
        raise _explained(file, str(error)) from None
    return connection


def _attach_other(connection: DuckDBPyConnection, file: Path, alias: str) -> None:
    """A file that does not exist holds nothing."""
    import duckdb

    if not file.exists():
        return
    _refuse_no_file(file)
    try:
        connection.execute(f"ATTACH {literal(str(file))} AS {quoted(alias)} (READ_ONLY)")
    except duckdb.Error as error:
        raise _explained(file, str(error)) from None


def _refuse_no_file(file: Path) -> None:
    """DuckDB would wait for a pipe for ever."""
    try:
        mode = file.stat().st_mode
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return
        raise ToolError(f"DuckDB cannot open {file.name}: {error.strerror}", where=str(file)) from None
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise ToolError(
            f"DuckDB cannot open {file.name}: it is a device or a pipe, and no file", where=str(file)
        )


def _explained(file: Path, message: str) -> WarehouseBusy | ToolError:
    holder = _HOLDER.search(message)
    if holder:
        program = Path(holder["program"]).name
        return WarehouseBusy(
            f"{file.name} is held by PID {holder['pid']} ({program})",
            hint="DuckDB lets one process at a time open a file; close it there, or wait",
        )
    if "lock" in message.lower():
        return WarehouseBusy(f"{file.name} is held by another process", hint="close it there, or wait")
    first = message.strip().splitlines()[0]
    return ToolError(f"DuckDB cannot open {file.name}: {first}", where=str(file))
