"""A copy of a database file, of one moment: the original is held for reading meanwhile, so that nobody writes it."""

from __future__ import annotations

import shutil
from pathlib import Path

from penstock.errors import ToolError
from penstock.system.files import close_to_others, private_folder
from penstock_duckdb.connect import opened


def copy_file(file: Path, folder: Path) -> None:
    """Into `folder`, under the same name. Raises ToolError when there is no file, WarehouseBusy while somebody writes it."""
    if not file.is_file():
        raise ToolError(f"there is no {file.name} to copy: nothing has been built there yet", where=str(file))
    private_folder(folder)
    with opened(file):
        log = file.with_name(file.name + ".wal")
        for one in (log, file):  # the file last: with it the copy is whole
            if one.is_file():
                partial = folder / f"{one.name}.partial"
                shutil.copyfile(one, partial)
                close_to_others(partial)
                partial.replace(folder / one.name)
