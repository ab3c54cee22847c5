"""The web server beside the daemon: a process of its own, so that neither waits for the other. It ends with the daemon."""

from __future__ import annotations

import importlib.util
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from penstock.system.own import own_program

_LEAVES = 5.0  # seconds for which a server may answer what it was asked


class Beside:
    """`arguments` are those of `penstock web`. What it prints is told by `say`; that it ended before the daemon too."""

    def __init__(
        self, root: Path, environment: str, arguments: tuple[str, ...], say: Callable[[str, str], None]
    ) -> None:
        place = ("-C", str(root), "-e", environment)
        self._command = own_program("penstock", *place, "web", "--until-eof", *arguments)
        self._say = say
        self._process: subprocess.Popen[str] | None = None
        self._ending = False

    def __enter__(self) -> Beside:
        if not installed():
            self._say("web", "no page is served: pip install 'penstock[web]'")
            return self
        # Its end of the pipe closes when this process is gone, however that comes: no server is left behind.
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # Ctrl-C is for the daemon, which ends it
        )
        threading.Thread(target=self._tell, args=(self._process,), name="web", daemon=True).start()
        return self

    def _tell(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip():
                self._say("web", line.rstrip())
        if process.wait() and not self._ending:
            self._say("trouble", "no page is served any more; the daemon goes on")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is None:
            return
        self._ending = True
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(_LEAVES)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def installed() -> bool:
    return all(importlib.util.find_spec(name) is not None for name in ("starlette", "uvicorn"))
