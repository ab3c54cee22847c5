"""What dbt's own process wrote with a secret in it, once the SQL has been read: hidden, or removed where nobody reads it again."""

from __future__ import annotations

import os
import shutil
from glob import escape
from pathlib import Path

from penstock.system.files import write_private
from penstock_dbt.settings import Settings


def hide_built(settings: Settings, path: Path, record: bytes, at: float, source: str | None) -> None:
    """The record of what a build compiled is replaced, as old as it was; what dbt wrote beside it is overwritten."""
    write_private(path, record)
    os.utime(path, (at, at))
    for theirs in settings.folder.glob(f"worker-*/*/*/{escape(source)}") if source else ():
        settings.secrets.mask_file(theirs)


def forget_compiled(settings: Settings) -> None:
    """What dbt compiled was taken over: its own copies go. The saved parse beside them stays."""
    folder = settings.folder / "compile"
    for name in ("manifest.json", "run_results.json"):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "compiled", ignore_errors=True)
