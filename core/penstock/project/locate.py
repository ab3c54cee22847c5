"""Which project is meant: penstock.yml here or above, else a folder that is a tool's project by itself. Reads no content."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from penstock.commandline import ProjectFolder
from penstock.errors import NoProjectError
from penstock.system.terminal import printable

FILE_NAMES = ("penstock.yml", "penstock.yaml")


class Place(msgspec.Struct, frozen=True):
    """`file` is penstock.yml; None when the folder of one tool's project is the project: `tool` is its integration."""

    root: Path
    file: Path | None
    tool: str = ""


def locate(start: Path, alone: Mapping[str, ProjectFolder]) -> Place:
    """Search upward from `start` to the root of its git repository. Raises NoProjectError."""
    if not os.path.isdir(start):  # noqa: PTH112  # Path.is_dir raises for a name that is too long
        raise NoProjectError(f"there is no folder {start}")
    folders = _upward(_utf8(start.resolve()))
    for folder in folders:
        for name in FILE_NAMES:
            if (folder / name).is_file():
                return Place(folder, folder / name)
    for folder in folders:
        for tool, known in alone.items():
            if (folder / known.file).is_file() and not set(known.never_below) & set(folder.parts):
                return Place(folder, None, tool)
    raise NoProjectError(
        " and ".join(f"no {name}" for name in (FILE_NAMES[0], *(known.file for known in alone.values())))
        + f" in {start.resolve()} or above",
        hint=f"go to a {' or '.join(alone) or 'penstock'} project, name one with -C DIR, or write a penstock.yml: penstock init",
    )


def _utf8(folder: Path) -> Path:
    """Names of folders stand in stores and documents, which are UTF-8."""
    try:
        str(folder).encode()
    except UnicodeEncodeError:
        raise NoProjectError(
            f"the name of the folder {printable(str(folder))} is not UTF-8", hint="rename it"
        ) from None
    return folder


def _upward(start: Path) -> list[Path]:
    folders = []
    for folder in (start, *start.parents):
        folders.append(folder)
        if (folder / ".git").exists():
            break
    return folders
