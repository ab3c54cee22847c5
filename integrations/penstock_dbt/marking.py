"""Whether what dbt defines may have changed: the times of the last parse, of builds, of the user's own dbt. Reads no file."""

from __future__ import annotations

from pathlib import Path

from penstock.integration import ObserveContext
from penstock_dbt.config import DbtConfig
from penstock_dbt.layout import layout_of
from penstock_dbt.observe import artefact_paths
from penstock_dbt.parsed import record_file
from penstock_dbt.settings import settings_of


def definitions_mark(context: ObserveContext[DbtConfig]) -> str:
    """Raises NoProjectError when the project is not there."""
    if context.config.artefacts_only:
        return _mark(artefact_paths(context).manifest)
    settings = settings_of(context)
    layout = layout_of(settings.project, dict(settings.environ))
    places = (record_file(settings), settings.folder / "compiled", layout.target / "manifest.json")
    return " ".join(_mark(place) for place in places)


def _mark(path: Path) -> str:
    try:
        stat = path.stat()
    except OSError:
        return "absent"
    return f"{stat.st_size}:{stat.st_mtime_ns}"
