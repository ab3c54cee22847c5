"""Which project is meant: penstock.yml here or above, else a dbt project here or above. Reads no content."""

from __future__ import annotations

from pathlib import Path

import msgspec

from penstock.errors import NoProjectError
from penstock.system.terminal import printable

FILE_NAMES = ("penstock.yml", "penstock.yaml")
DBT_FILE = "dbt_project.yml"


class Place(msgspec.Struct, frozen=True):
    """`file` is penstock.yml; None when a dbt project folder alone is the project."""

    root: Path
    file: Path | None


def locate(start: Path) -> Place:
    """Search upward from `start` to the root of its git repository. Raises NoProjectError."""
    if not start.is_dir():
        raise NoProjectError(f"there is no folder {start}")
    folders = _upward(_utf8(start.resolve()))
    for folder in folders:
        for name in FILE_NAMES:
            if (folder / name).is_file():
                return Place(folder, folder / name)
    for folder in folders:
        if (folder / DBT_FILE).is_file() and "dbt_packages" not in folder.parts:
            return Place(folder, None)
    raise NoProjectError(
        f"no penstock.yml and no dbt_project.yml in {start.resolve()} or above",
        hint="go to a dbt project, name one with -C DIR, or write a penstock.yml: penstock init",
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
