"""A real Dask cluster on this machine: a scheduler and workers as processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.support import ROOT


class Cluster:
    def __init__(self, folder: Path, workers: int = 2) -> None:
        self._folder = folder
        self._environ = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "5s",
        }
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
