"""What a daemon decides by, as a few letters that differ when it does: penstock.yml with its options, and what can be made."""

from __future__ import annotations

import hashlib
import time

from penstock.errors import PenstockError
from penstock.service.observe import look
from penstock.service.workspace import Workspace

_EVERY = 30.0
_UNKNOWN = "-"


class Print:
    """Of one project, as its files are when it is asked. A part that cannot be read differs from none."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._definitions = _UNKNOWN
        self._graph = ""
        self._due = 0.0

    def __call__(self) -> str:
        if time.monotonic() >= self._due:
            self._definitions, self._due = self._defined(), time.monotonic() + _EVERY
        return f"{self._document()} {self._definitions}"

    def _document(self) -> str:
        file = self._workspace.project.file
        try:
            said = file.read_bytes() if file else b""
        except OSError:
            return _UNKNOWN
        return _short(said + repr(sorted(self._workspace.options.items())).encode())

    def _defined(self) -> str:
        """From the last look, or the tools' files: what only a call can tell is not waited for."""
        try:
            graph = look(self._workspace).graph
        except PenstockError:
            self._graph = ""
            return _UNKNOWN
        if graph.hash == self._graph:
            return self._definitions
        self._graph = graph.hash
        made = sorted(
            f"{key} {graph.producers[asset.producer].code_version}"
            for key, asset in graph.assets.items()
            if asset.producer is not None and asset.producer in graph.producers
        )
        return _short("\n".join(made).encode())


def _short(said: bytes) -> str:
    return hashlib.sha256(said).hexdigest()[:12]
