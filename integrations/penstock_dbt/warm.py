"""WorkerPool that outlive their run for a while (`warm: 10m`): how the next run finds one, and what doctor shows of them.

A slot's folder tells of its worker in `worker.json`; who uses it holds the slot's `claim`. The socket is the user's alone.
"""

from __future__ import annotations

import hashlib
import os
import socket
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING

import msgspec

from penstock.system.files import write_private
from penstock.system.locks import try_lock
from penstock_dbt.process import ProcessId, alive

if TYPE_CHECKING:
    from filelock import BaseFileLock

_NOTE = "worker.json"
_GREETING = b"ready\n"
_PATIENCE = 5.0  # seconds for an idle worker to answer
# What differs from shell to shell and means nothing to dbt.
_PASSING = frozenset(
    {"_", "SHLVL", "PWD", "OLDPWD", "COLUMNS", "LINES", "WINDOWID", "TERM_SESSION_ID", "INVOCATION_ID"}
)


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """Of a living worker. `key` is a digest of all that changes an outcome, `files` of the project as it has read it."""

    process: ProcessId
    key: str
    socket: str
    seconds: float
    used_at: float
    files: str | None = None
    lingers: bool = False  # only as long as the penstock lives that started it


def digest(key: Iterable[str], environ: Mapping[str, str]) -> str:
    """Of the key and of every variable that dbt could read: their values are not kept anywhere."""
    text = hashlib.blake2b(digest_size=16)
    for part in key:
        text.update(part.encode() + b"\0")
    for name in sorted(environ.keys() - _PASSING):
        text.update(f"{name}={environ[name]}\0".encode())
    return text.hexdigest()


def socket_path(slot: Path) -> Path:
    """Short (a socket's address may have 100 characters), in a folder that only this user can enter."""
    folder = Path(tempfile.gettempdir()) / f"penstock-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid() or folder.stat().st_mode & 0o077:
        raise PermissionError(f"{folder} is open to others")
    return folder / f"{hashlib.blake2b(str(slot).encode(), digest_size=10).hexdigest()}.sock"


def write_note(slot: Path, note: Note) -> None:
    write_private(slot / _NOTE, msgspec.json.encode(note))


def read_note(slot: Path) -> Note | None:
    """Of a worker that lives; None otherwise."""
    try:
        note = msgspec.json.decode((slot / _NOTE).read_bytes(), type=Note)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    return note if alive(note.process) else None


def forget_note(slot: Path) -> None:
    (slot / _NOTE).unlink(missing_ok=True)


def slots(folder: Path) -> Iterator[Path]:
    """The slots of a project's folder that a worker may be in."""
    return iter(sorted(folder.glob("worker-[0-9]*")))


def claim(slot: Path) -> BaseFileLock | None:
    """The right to talk to a slot's worker; None while another run has it."""
    return try_lock(slot / "claim")


def connect(note: Note) -> IO[bytes] | None:
    """A pipe to an idle worker that has answered; None when it has just gone."""
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(_PATIENCE)
    try:
        connection.connect(note.socket)
        if connection.recv(len(_GREETING)) != _GREETING:
            return None
        connection.settimeout(None)
        return connection.makefile("wb")
    except OSError:
        return None
    finally:
        connection.close()  # the file made from it keeps it open


def told(note: Note) -> str:
    """One line about a living worker."""
    left = note.used_at + note.seconds - time.time()
    ends = f"ends in {max(0.0, left) / 60:.0f} min when nothing uses it" if left > 0 else "busy"
    return f"pid {note.process.pid}, warm, {ends}"
