"""A real PostgreSQL server, made and started by the tests from binaries of this machine, and thrown away after them."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

import pytest

from penstock.system.processes import process_started
from tests.support import free_port
from tests.tools.environment import cache_folder


def binaries() -> Path | None:
    """The folder with initdb and postgres: newest of Debian's, else PATH."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


class PostgresServer:
    """`url()` gives a fresh database; `kill` is kill -9 of the whole server, `start` starts it again on the same data."""

    def __init__(self, bin_folder: Path) -> None:
        self._bin = bin_folder
        self.port = free_port()
        self._known = False  # somebody was told the port
        self._folder = Path(tempfile.mkdtemp(prefix="penstock-pg-"))
        self._as: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None
        if os.getuid() == 0:  # the server refuses to run as root
            self._as = ["runuser", "-u", "postgres", "--"]
            owner = pwd.getpwnam("postgres")
            os.chown(self._folder, owner.pw_uid, owner.pw_gid)
        self._folder.chmod(0o755)
        self._data = self._folder / "data"
        self._initialise()

    def _initialise(self) -> None:
        """A copy of the data that `initdb` of this version once made: copying is far less work."""
        version = subprocess.run(
            [str(self._bin / "initdb"), "--version"], capture_output=True, check=True
        ).stdout
        told = [os.getuid(), *(os.environ.get(name) for name in ("LC_ALL", "LC_CTYPE", "LC_COLLATE", "LANG"))]
        name = "initdb-" + hashlib.sha256(version + repr(told).encode()).hexdigest()[:16]
        cache_folder().mkdir(parents=True, exist_ok=True)
        kept = cache_folder() / name
        with (cache_folder() / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.is_dir():
                self._run("initdb", "-A", "trust", "-N", "-U", "postgres", "-D", str(self._data))
                making = kept.with_suffix(".making")
                shutil.rmtree(making, ignore_errors=True)
                subprocess.run(["cp", "-a", str(self._data), str(making)], check=True)
                making.rename(kept)
                return
        subprocess.run(["cp", "-a", str(kept), str(self._data)], check=True)

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as, str(self._bin / program), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self._folder, check=False)
        assert done.returncode == 0, done.stderr

    def start(self, *, fsync: bool = True) -> None:
        options = ["-k", str(self._folder), "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"]
        options += ["-c", f"fsync={'on' if fsync else 'off'}"]
        command = [*self._as, str(self._bin / "postgres"), "-D", str(self._data), *options]
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            if self._process is None:
                self._process = self._begun(command)
            elif self._process.poll() is not None:  # a killed one's children end yet, or its port was taken
                if not self._known and "could not bind" in (self._folder / "log").read_text():
                    self.port = free_port()
                self._process = self._begun(command)
            if self._serves() and self._process.poll() is None:
                self._known = True
                return
            time.sleep(0.02)
        raise AssertionError((self._folder / "log").read_text())

    def _begun(self, command: list[str]) -> subprocess.Popen[bytes]:
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(
                [*command, "-p", str(self.port)],
                stdout=log,
                stderr=log,
                cwd=self._folder,
                start_new_session=True,
            )

    def _serves(self) -> bool:
        """Asked of its own file, not of the port: there another server might answer."""
        try:
            told = (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(told) > 7 and told[7].strip() == "ready" and process_started(int(told[0])) is not None

    def kill(self) -> None:
        """No goodbye: the postmaster and all that it started, which are sessions of their own."""
        assert self._process is not None
        postmaster = int((self._data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for pid in [postmaster, *map(int, children)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        while any(process_started(int(pid)) for pid in children):  # a zombie does not count
            time.sleep(0.01)

    def cpu(self) -> float:
        """Seconds of CPU so far, of it and of its sessions, those that have ended too."""
        postmaster = (self._data / "postmaster.pid").read_text().split()[0]
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        ticks = 0
        for pid in [postmaster, *children]:
            with contextlib.suppress(FileNotFoundError):
                told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                ticks += sum(map(int, told[11:15]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def url(self) -> str:
        name = f"t{uuid.uuid4().hex[:12]}"
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", name)
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def remove(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "stop")
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def new_server() -> PostgresServer:
    """Not started yet. Skips the test where PostgreSQL is not installed."""
    folder = binaries()
    if folder is None:
        pytest.skip("no PostgreSQL on this machine")
    return PostgresServer(folder)
