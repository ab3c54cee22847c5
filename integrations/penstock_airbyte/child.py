"""The connector as a process that outlives us: started in a group of its own, known by files, found again, stopped.

A small shell around it writes `pid` before and `exit` after, so that who comes later, and is not its parent, knows too.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from penstock.system.boot import pid_space
from penstock.system.files import open_private, write_private
from penstock.system.processes import command_line, session_lives
from penstock_airbyte.checkpoints import FILE

# $0 is the attempt's folder: it stands in the process's command line, which tells our process from a later one with its pid.
# The umask is only for our own files: what the connector makes is the user's. And nobody may come back: the configuration, with
# its secrets, goes with the connector that reads it.
_SHELL = (
    'put() { (umask 077; echo "$2" > "$0/$1.part") && mv "$0/$1.part" "$0/$1"; };'
    ' put pid $$ && "$@"; code=$?; rm -f "$0/config.json"; put exit $code'
)
CONFIG = "config.json"
RAW, STDERR, STAGING = "raw.jsonl", "stderr.log", "staging"
_KILL_WAIT = 2.0


class Child:
    """The connector of one attempt, seen through the attempt's folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def launch(self, command: Sequence[str], environ: Mapping[str, str], root: Path) -> None:
        """Start it; its stdout and stderr are files. The mark comes first: a launch that was under way is seen later. It says
        whose pids are meant."""
        write_private(self._folder / "launched", pid_space().encode())
        with open_private(self._folder / RAW) as out, open_private(self._folder / STDERR) as err:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", _SHELL, str(self._folder), *command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=dict(environ),
                cwd=root,
                start_new_session=True,
            )

    def launched(self) -> bool:
        """Whether it was started once. A launch that died before its shell ran counts as none."""
        if not (self._folder / "launched").exists():
            return False
        for _ in range(20):
            if (self._folder / "pid").exists() or self._process is not None:
                return True
            time.sleep(0.1)
        return False

    def exit_code(self) -> int | None:
        """Its exit code, once it has ended by itself; None while it runs, and when it was killed."""
        try:
            return int((self._folder / "exit").read_text())
        except (FileNotFoundError, ValueError):
            return None

    def alive(self) -> bool:
        if self._process is not None:
            return self._process.poll() is None
        pid = self._pid()
        return pid is not None and self._reachable() and _is_ours(pid, self._folder)

    def _reachable(self) -> bool:
        """Whether its pid means it here: after a restart, and in another container, the same number is somebody else."""
        if self._process is not None:
            return True
        try:
            return (self._folder / "launched").read_text() in ("", pid_space())
        except FileNotFoundError:
            return False

    def left(self) -> bool:
        """Whether anything of it runs, be it only what it has started: its group has no leader then. Once all of it has ended, its
        pid is given away, and a group of that number may be somebody else's."""
        pid = self._pid()
        if pid is None or not self._reachable():
            return False
        return self.alive() or (not _exists(pid) and _group_lives(pid))

    def terminate(self, patience: float) -> None:
        """SIGTERM to the whole group, SIGKILL after `patience` seconds, and again for what lingers."""
        pid = self._pid()
        if pid is None or not self.left():
            return
        _signal_group(pid, signal.SIGTERM)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and self._lives(pid):
            time.sleep(0.05)
        deadline = time.monotonic() + _KILL_WAIT
        while time.monotonic() < deadline and self._lives(pid):
            _signal_group(pid, signal.SIGKILL)
            time.sleep(0.05)

    def _lives(self, pid: int) -> bool:
        if self._process is not None:
            self._process.poll()  # reap it: a zombie keeps its group
        return _group_lives(pid)

    def _pid(self) -> int | None:
        if self._process is not None:
            return self._process.pid
        try:
            return int((self._folder / "pid").read_text())
        except (FileNotFoundError, ValueError):
            return None


def discard(folder: Path) -> None:
    """Remove what an attempt that has ended leaves: rows, configuration, and what its connector wrote to stderr, which
    stands in the log without its secrets."""
    for name in (CONFIG, RAW, STDERR):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / STAGING, ignore_errors=True)


def take_over(earlier: Path, folder: Path) -> None:
    """What an earlier attempt has read and staged becomes this one's. The mark of the launch comes last: without it the
    connector is started again, and overwrites the rest."""
    for name in (RAW, STDERR, STAGING, FILE, "exit", "pid", "launched"):
        if (earlier / name).exists():
            (earlier / name).rename(folder / name)


def kill_orphan(folder: Path, patience: float) -> bool:
    """Stop the connector that an earlier attempt left behind; whether there was one. Its shell may be gone while it lives."""
    child = Child(folder)
    there = child.left()
    child.terminate(patience)
    return there


def _is_ours(pid: int, folder: Path) -> bool:
    return str(folder) in (command_line(pid) or "")


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _group_lives(pid: int) -> bool:
    """Ours is led by the leader of a session (see `launch`)."""
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return session_lives(pid)


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
