"""A project's manifest: the one penstock parsed last while it still holds, else a new one from the user's own dbt."""

from __future__ import annotations

from pathlib import Path

import msgspec

from penstock.integration import Connection, ObserveContext
from penstock_dbt.artefacts import ArtefactPaths, beside
from penstock_dbt.config import DbtConfig
from penstock_dbt.freshness import load_record, record, save_record, still_holds
from penstock_dbt.layout import Layout, layout_of, project_inputs
from penstock_dbt.profiles import connection_of, profiles_file
from penstock_dbt.settings import Settings, settings_of


class ParsedProject(msgspec.Struct, frozen=True, kw_only=True):
    """A project that has been parsed. `paths` has penstock's manifest and the user's own catalog and results."""

    settings: Settings
    layout: Layout
    connection: Connection
    paths: ArtefactPaths
    inputs: tuple[Path, ...]


def parsed_project(context: ObserveContext[DbtConfig], *, whole: bool = False) -> ParsedProject:
    """The project of the context with a manifest that holds. Parsing is local: it happens also when `may_call` is false. `whole`: all of
    it is read anew, whatever dbt has kept."""
    settings = settings_of(context)
    connection = connection_of(settings)
    layout = layout_of(settings.project, dict(settings.environ))
    last = None if whole else _last(settings, layout)
    manifest = last or _parse(context, settings, layout, whole=whole)
    users = beside(layout.target / "manifest.json")
    return ParsedProject(
        settings=settings,
        layout=layout,
        connection=connection,
        paths=msgspec.structs.replace(users, manifest=manifest),
        inputs=tuple(_inputs(settings, layout)),
    )


def _inputs(settings: Settings, layout: Layout) -> list[Path]:
    return [profiles_file(settings), *project_inputs(layout)]


def _last(settings: Settings, layout: Layout) -> Path | None:
    was = load_record(record_file(settings))
    if was is None or not Path(was.manifest).is_file():
        return None
    return Path(was.manifest) if still_holds(was, _inputs(settings, layout), settings.environ) else None


def _parse(context: ObserveContext[DbtConfig], settings: Settings, layout: Layout, *, whole: bool) -> Path:
    from penstock_dbt.invoke import parse

    # Taken before: what is edited while dbt reads makes the next observation parse again.
    before = record(Path(), _inputs(settings, layout), settings.environ)
    manifest = parse(context, settings.project, settings.config, whole=whole)
    # Missing packages are installed on the way: those two are dbt's own doing.
    own = {str(layout.packages), str(layout.project / "package-lock.yml")}
    after = record(manifest, [Path(path) for path in sorted(own)], settings.environ, layout.packages)
    files = {path: seen for path, seen in before.files.items() if path not in own} | after.files
    variables = before.variables | after.variables
    save_record(record_file(settings), msgspec.structs.replace(after, files=files, variables=variables))
    return manifest


def record_file(settings: Settings) -> Path:
    return settings.folder / "parsed.json"
