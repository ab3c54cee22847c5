"""A folder in the place of `.penstock` where that cannot be written: who reads gets an answer, and nothing of it is kept."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from penstock.project import Project

_ONLY_READ = ("runs", "environments")  # the large ones; into the others a reader's work is written


def stand_in(project: Project, tell: Callable[[str], None]) -> None:
    """Let the project have such a folder until this process ends, if it needs one; says so."""
    folder = project.state_dir
    if _can_write(folder):
        return
    tell(f"{folder} cannot be written: nothing of this is kept")
    other = Path(tempfile.mkdtemp(prefix="penstock-"))
    atexit.register(_remove, other, os.getpid())
    if folder.is_dir():
        with suppress(OSError):
            for one in folder.iterdir():
                if one.name in _ONLY_READ:
                    (other / one.name).symlink_to(one)
                elif one.is_dir():
                    shutil.copytree(one, other / one.name)
    project.stand_in = other


def _can_write(folder: Path) -> bool:
    place = folder if folder.exists() else folder.parent
    return os.access(place, os.W_OK | os.X_OK) or not place.exists()


def _remove(folder: Path, process: int) -> None:
    if os.getpid() == process:  # a fork of it ends too
        shutil.rmtree(folder, ignore_errors=True)
