"""A folder in the place of `.penstock` where that cannot be written: who reads gets an answer, and nothing of it is kept."""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable
from pathlib import Path

from penstock.project import Project

_ONLY_READ = ("runs", "environments")  # the large ones; into the others a reader's work is written
_SECRET = ".config.json"  # a connector's configuration: no copy of it may outlive a process that was killed
_NAMED = 3


def stand_in(project: Project, tell: Callable[[str], None]) -> None:
    """Let the project have such a folder until this process ends, if it needs one; says so."""
    folder = project.state_dir
    if _can_write(folder):
        return
    import tempfile  # as shutil below: every command comes here, and few come further

    tell(f"{folder} cannot be written: nothing of this is kept")
    other = Path(tempfile.mkdtemp(prefix="penstock-"))
    atexit.register(_remove, other, os.getpid())
    left = _filled(other, folder) if folder.is_dir() else []
    if left:
        more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
        tell(f"what was kept in {', '.join(left[:_NAMED])}{more} cannot be read: it is looked up again")
    project.stand_in = other


def _filled(other: Path, kept_in: Path) -> list[str]:
    """Brings what is kept into `other`; what could not be read."""
    import shutil

    try:
        kept = sorted(kept_in.iterdir())
    except OSError:
        return [str(kept_in)]
    left: list[str] = []
    for one in kept:
        if one.name in _ONLY_READ:
            (other / one.name).symlink_to(one)
        elif os.path.isdir(one):  # noqa: PTH112  # false where it may not be asked
            try:
                shutil.copytree(one, other / one.name, copy_function=_brought)
            except shutil.Error as error:  # the rest has been copied
                left += [str(source) for source, _, _ in error.args[0]]
            except OSError:
                left.append(str(one))
    for folder, _, _ in os.walk(other):  # the modes of folders came with them
        os.chmod(folder, 0o700)  # noqa: PTH101
    return left


def _brought(source: str, target: str) -> None:
    import shutil

    if _SECRET not in os.path.basename(source):  # noqa: PTH119
        shutil.copy2(source, target)
    elif os.access(source, os.R_OK):
        os.symlink(source, target)  # noqa: PTH211  # who writes it replaces the link
    else:
        raise PermissionError(source)


def _can_write(folder: Path) -> bool:
    place = folder if folder.exists() else folder.parent
    return os.access(place, os.W_OK | os.X_OK) or not place.exists()


def _remove(folder: Path, process: int) -> None:
    if os.getpid() == process:  # a fork of it ends too
        import shutil

        shutil.rmtree(folder, ignore_errors=True)
