"""A real Dask cluster on this machine: a scheduler and workers as processes, with Dask from a layer beside our packages."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import uv

from tests.support import ROOT
from tests.tools.environment import cache_folder

REQUIREMENTS = ["distributed>=2024.8"]


def dask_layer() -> Path:
    """A folder for `sys.path` with dask and distributed; made by uv when it is not there."""
    folder = cache_folder() / f"dask-{sys.version_info.major}.{sys.version_info.minor}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").is_file():
            command = [uv.find_uv_bin(), "pip", "install", "-q", "--python", sys.executable]
            command += ["--target", str(folder), *REQUIREMENTS]
            subprocess.run(command, env={**os.environ, "UV_PYTHON_DOWNLOADS": "never"}, check=True)
            (folder / "ready").touch()
    return folder


class Cluster:
    def __init__(self, folder: Path, workers: int = 2) -> None:
        self._folder = folder
        roots = [ROOT / "core", ROOT / "manifests", ROOT / "integrations", ROOT]
        path = os.pathsep.join(map(str, [*roots, *_site_packages(), dask_layer()]))
        self._environ = {**os.environ, "PYTHONPATH": path, "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "5s"}
        self._file = folder / "scheduler.json"
        self._scheduler = self._start(
            "dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(self._file)
        )
        self.address = self._address()
        self.workers = [self.worker(f"w{number}") for number in range(workers)]

    def _start(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.{module}", *arguments]
        with (self._folder / "cluster.log").open("ab") as log:
            return subprocess.Popen(command, env=self._environ, stdout=log, stderr=log, cwd=self._folder)

    def _address(self) -> str:
        for _ in range(600):
            if self._file.exists() and self._file.stat().st_size:
                address: str = json.loads(self._file.read_text())["address"]
                return address.replace("tcp://", "dask://")
            time.sleep(0.1)
        raise AssertionError((self._folder / "cluster.log").read_text())

    def worker(self, name: str) -> subprocess.Popen[bytes]:
        address = self.address.replace("dask://", "tcp://")
        return self._start(
            "dask_worker",
            address,
            "--host",
            "127.0.0.1",
            "--no-nanny",
            "--no-dashboard",
            "--nthreads",
            "8",
            "--name",
            name,
        )

    def kill_worker(self, pid: int) -> None:
        """kill -9 of the worker with that pid."""
        for worker in self.workers:
            if worker.pid == pid:
                worker.send_signal(signal.SIGKILL)
                worker.wait()
                return
        raise AssertionError(f"no worker has pid {pid}")

    def close(self) -> None:
        for process in [*self.workers, self._scheduler]:
            process.kill()
            process.wait()


def _site_packages() -> list[Path]:
    return [Path(entry) for entry in sys.path if entry.endswith("site-packages")]
