"""An environment with a real dbt of which each one is forked from a process that has imported it and parsed a project: 0.1 s of CPU
instead of 2.5.

For all tests but those of how dbt is started, found and killed: what is forked is one process to whoever looks at ours, two to the
system.
"""

from __future__ import annotations

import atexit
import fcntl
import functools
import json
import os
import shutil
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from tests.tools.environment import cache_folder, environ_of, real_environment
from tests.tools.ready import AT_START, at_start, own_environ

_TOOLS = Path(__file__).parent


class ForkedDbt:
    """The environment, and the process, which imports dbt when the first is wanted."""

    def __init__(self, folder: Path, lock: IO[str], real: Path, environ: Mapping[str, str]) -> None:
        self._lock = lock
        _write(folder, real, environ)
        with socket.socket(socket.AF_UNIX) as listener:
            here = os.open(folder, os.O_RDONLY)
            listener.bind(f"/proc/self/fd/{here}/socket")  # an address may have some hundred characters
            os.close(here)
            listener.listen(16)
            self._process = subprocess.Popen(
                [str(real / "python"), "-P", str(_TOOLS / "dbt_server.py"), str(listener.fileno())],
                env=environ,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                pass_fds=(listener.fileno(),),
                start_new_session=True,
            )
        atexit.register(self.close)

    def close(self) -> None:
        """It ends when its standard input does; so it does when this process is killed."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        self._lock.close()


def _write(folder: Path, real: Path, environ: Mapping[str, str]) -> None:
    """As little as makes it an environment: its interpreter is the client."""
    for place in (folder / "bin", folder / "lib"):
        place.unlink() if place.is_symlink() else shutil.rmtree(place, ignore_errors=True)
    (folder / "socket").unlink(missing_ok=True)
    (folder / "real").unlink(missing_ok=True)
    (folder / "bin").mkdir()
    (folder / "lib").symlink_to(real.parent / "lib")
    shutil.copyfile(real.parent / "pyvenv.cfg", folder / "pyvenv.cfg")
    base = (real / "python").resolve()
    (folder / "real").symlink_to(base)
    (folder / "begun.json").write_text(json.dumps([AT_START, at_start(environ)]))
    python, dbt = folder / "bin" / "python", folder / "bin" / "dbt"
    python.write_text(f"#!{base} -IS\n{(_TOOLS / 'dbt_client.py').read_text()}")
    dbt.write_text(f"#!{python}\n" + (real / "dbt").read_text().partition("\n")[2])
    for program in (python, dbt):
        program.chmod(0o755)


@functools.cache
def _forked_dbt_of(pid: int, version: str) -> Path:
    real = real_environment(version)
    number = 0
    while True:
        folder = cache_folder() / "forked" / f"dbt-{version}-{number}"
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            number += 1
            continue
        ForkedDbt(folder, lock, real, own_environ())
        return folder / "bin"


def forked_environment(version: str = "1.11") -> Path:
    """As `real_environment`: `bin` of the one of this process, made when it is first wanted."""
    return _forked_dbt_of(os.getpid(), version)


def environ_of_forked(version: str = "1.11") -> dict[str, str]:
    """As `environ_of`, with that one."""
    return {**environ_of(version), "VIRTUAL_ENV": str(forked_environment(version).parent)}
