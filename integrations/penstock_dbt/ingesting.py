"""Artefacts of a dbt that ran elsewhere (CI, dbt Cloud): what they say was made and tested. Files in, records out."""

from __future__ import annotations

import os
from pathlib import Path

from penstock.assets import ObservedMaterialization
from penstock.errors import DocumentError
from penstock.integration import IngestResult, ObserveContext
from penstock.system.files import regular_bytes
from penstock_dbt.artefacts import read
from penstock_dbt.config import DbtConfig
from penstock_dbt.external_results import loaded_elsewhere, made_elsewhere
from penstock_dbt.observe import artefact_paths
from penstock_manifests.dbt import Manifest, read_manifest, read_run_results, read_sources
from penstock_manifests.errors import ManifestError

_NAMES = ("run_results.json", "sources.json", "run_results.json.gz", "sources.json.gz")


def ingest(context: ObserveContext[DbtConfig], path: Path) -> IngestResult:
    """What run_results.json and sources.json say, as far as it was made where this project makes it."""
    is_folder = os.path.isdir(path)  # noqa: PTH112  # Path.is_dir raises for a name that is too long
    files = [path / name for name in _NAMES if (path / name).is_file()] if is_folder else [path]
    if not files:
        raise DocumentError(
            "no artefacts of dbt",
            where=str(path),
            hint="a folder with run_results.json or sources.json is wanted: dbt's target/, or what CI kept of it",
        )
    manifest = _manifest(context)
    found: list[ObservedMaterialization] = []
    elsewhere: list[str] = []
    for file in files:
        made, others = _of_file(file, manifest)
        found += made
        elsewhere += others
    return IngestResult(materializations=tuple(found), elsewhere=tuple(sorted(elsewhere)))


def _of_file(file: Path, manifest: Manifest) -> tuple[list[ObservedMaterialization], list[str]]:
    if not os.path.exists(file):  # noqa: PTH110  # Path.exists raises for a name that is too long
        raise DocumentError("there is no such file", where=str(file))
    if _is_sources(file):
        sources = read(file, "sources.json", read_sources).content
        return loaded_elsewhere(sources, {result.unique_id for result in sources.results}), []
    results = read(file, "run_results.json", read_run_results).content
    ids = {result.unique_id for result in results.results}
    made = made_elsewhere(results, ids, manifest.nodes)
    here = made_elsewhere(results, ids, {})
    return made, sorted({one.id for one in here} - {one.id for one in made})


def _is_sources(file: Path) -> bool:
    if file.name.startswith("sources"):
        return True
    if file.name.startswith("run_results"):
        return False
    try:
        read_sources(regular_bytes(file), str(file))
    except ManifestError:
        return False
    return True


def _manifest(context: ObserveContext[DbtConfig]) -> Manifest:
    config: DbtConfig = context.config
    if config.artefacts_only:
        path = artefact_paths(context).manifest
    else:
        from penstock_dbt.parsed import parsed_project

        path = parsed_project(context).paths.manifest
    return read(path, "manifest", read_manifest).content
