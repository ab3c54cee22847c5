"""What one dbt instance reports: the documents of a project (parsed when its files have changed) or given artefacts, translated."""

from __future__ import annotations

import gc
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from penstock.assets import MEMORY, Hold, Observation
from penstock.integration import Address, ObserveContext, whole_of
from penstock_dbt.artefacts import ArtefactPaths, beside, load, unreadable
from penstock_dbt.config import DbtConfig
from penstock_dbt.dialects import dialect_of
from penstock_dbt.large_seeds import contents
from penstock_dbt.translate import Documents, translate
from penstock_dbt.translation import Place, Splitting
from penstock_manifests.dbt import Manifest
from penstock_manifests.errors import ManifestError

if TYPE_CHECKING:
    from penstock_dbt.parsed import ParsedProject
    from penstock_dbt.recipes import Values

_MADE = frozenset({"model", "snapshot", "seed"})
_MADE_OR_READ = ("model.", "snapshot.", "seed.", "source.")
_MEGABYTES = 250  # what a dbt process takes, by and large
_ARTEFACTS_ONLY = "only its artefacts are known here: set `project:` to the dbt project's folder to run it"


def observe(context: ObserveContext[DbtConfig]) -> Observation:
    """Everything the instance's documents tell. A project is parsed by its own dbt first, when it has changed.

    Raises DocumentError for artefacts that cannot be read, and what parsing raises.
    """
    config: DbtConfig = context.config
    return _observe_artefacts(context) if config.artefacts_only else _observe_project(context)


def artefact_paths(context: ObserveContext[DbtConfig]) -> ArtefactPaths:
    """The documents that penstock.yml names; those that it does not are looked for beside the manifest."""
    config: DbtConfig = context.config
    named = {
        name: context.project_root / path
        for name in ("manifest", "catalog", "run_results", "sources")
        if (path := getattr(config, name)) is not None
    }
    return msgspec.structs.replace(beside(named["manifest"]), **named, required=frozenset(named))


def _observe_artefacts(context: ObserveContext[DbtConfig]) -> Observation:
    config: DbtConfig = context.config
    paths = artefact_paths(context)
    address = context.address(context.connection(config.warehouse)) if config.warehouse else None
    inputs = tuple(str(path) for path in paths.all)
    with _no_collection():
        documents = load(paths)
        context.hold(documents)
        place = artefacts_place(documents.manifest, address, context.instance)
        return _translated(documents, place, context.instance, paths, inputs)


def artefacts_place(manifest: Manifest, address: Address | None, instance: str) -> Place:
    """Where the relations of given artefacts lie: in the warehouse that penstock.yml names, else in one known by name alone."""
    if address is not None:
        return Place(namespace=address.namespace, dialect=address.dialect, unrunnable=_ARTEFACTS_ONLY)
    adapter = manifest.metadata.adapter_type or "unknown"
    project = manifest.metadata.project_name or instance
    return Place(
        namespace=f"{adapter}:{project}",
        dialect=dialect_of(manifest.metadata.adapter_type),
        unrunnable=_ARTEFACTS_ONLY,
    )


def _observe_project(context: ObserveContext[DbtConfig]) -> Observation:
    from penstock_dbt.parsed import parsed_project

    parsed = parsed_project(context)
    config: DbtConfig = context.config
    address = context.address(parsed.connection)
    place = Place(
        namespace=address.namespace,
        dialect=address.dialect,
        holds=(_hold(parsed, address), Hold(MEMORY, slots=_MEGABYTES)),
        batch=f"dbt:{context.instance}",
        splitting=Splitting(config.hooks, config.max_invocations, 1 if address.slots == 1 else 2),
        values=values_that_templates_read(parsed),
    )
    inputs = (*parsed.inputs, *_users_own(parsed.paths))
    with _no_collection():
        documents = load(parsed.paths)
        if reads_what_is_gone(documents.manifest):
            parsed = parsed_project(context, whole=True)
            documents = load(parsed.paths)
        context.hold(documents)
        place = _with_large_seeds(place, documents, parsed)
        seen = _translated(
            documents, place, context.instance, parsed.paths, tuple(str(path) for path in inputs)
        )
    return msgspec.structs.replace(seen, variables=_variables(parsed))


def reads_what_is_gone(manifest: Manifest) -> bool:
    """Whether something that dbt makes reads what is not there. dbt refuses such a project, but not where it has kept a parse: a model
    that is disabled later leaves its readers as they were, and every build fails."""
    known = manifest.nodes.keys() | manifest.sources.keys()
    return any(
        parent not in known
        for node in manifest.nodes.values()
        if node.resource_type in _MADE
        for parent in node.depends_on.nodes
        if parent.startswith(_MADE_OR_READ)
    )


def _with_large_seeds(place: Place, documents: Documents, parsed: ParsedProject) -> Place:
    seeds = contents(documents.manifest, parsed.layout)
    if place.values is None or not seeds:
        return place
    return msgspec.structs.replace(place, values=msgspec.structs.replace(place.values, seeds=seeds))


def _variables(parsed: ParsedProject) -> tuple[str, ...]:
    """The environment variables that the project reads, and those that dbt itself takes its target from."""
    from penstock_dbt.freshness import load_record
    from penstock_dbt.parsed import record_file

    was = load_record(record_file(parsed.settings))
    return tuple(sorted({*(was.variables if was else ()), "DBT_TARGET", "DBT_PROFILE", "DBT_PROFILES_DIR"}))


def _translated(
    documents: Documents, place: Place, instance: str, paths: ArtefactPaths, inputs: tuple[str, ...]
) -> Observation:
    try:
        return translate(documents, place, instance, time.time(), inputs)
    except ManifestError as error:
        raise unreadable(error, paths.manifest, "manifest") from None


_PLACE = (
    "type",
    "schema",
    "database",
    "dbname",
    "path",
    "catalog",
    "warehouse",
    "role",
    "project",
    "dataset",
)

# What else of a profile shapes the meaning of SQL: DuckDB's settings and extensions, a session's parameters.
_SESSION = (
    "settings",
    "config_options",
    "extensions",
    "session_parameters",
    "search_path",
    "is_ducklake",
    "attach",
    "filesystems",
)


def values_that_templates_read(parsed: ParsedProject) -> Values:
    """What the project's templates may read: its vars, the environment, the target (nothing of it that is secret)."""
    from penstock_dbt.layout import variables
    from penstock_dbt.recipes import values_of

    settings, layout = parsed.settings, parsed.layout
    others = hashlib.blake2b(digest_size=8)
    for file in sorted(layout.packages.glob("*/dbt_project.yml")):
        others.update(file.read_bytes())
    connection = parsed.connection
    place = {name: connection.settings.get(name) for name in _PLACE}
    return values_of(
        (*variables(layout), settings.vars),
        settings.environ,
        [connection.type, place, settings.target, settings.profile, settings.threads],
        {name: _meaning(connection.settings.get(name)) for name in _SESSION},
        others.digest(),
    )


def _meaning(setting: object) -> object:
    """Without what says how an attached file is opened: the same rows are read of it in a branch, which may not write it."""
    if not isinstance(setting, list):
        return setting
    return [
        {name: value for name, value in one.items() if name != "read_only"} if isinstance(one, dict) else one
        for one in setting
    ]


def _hold(parsed: ParsedProject, address: Address) -> Hold:
    """As many of the warehouse's slots as dbt has threads."""
    threads = parsed.settings.threads or whole_of(parsed.connection.settings, "threads") or 1
    return Hold(address.resource, slots=min(threads, address.slots))


@contextmanager
def _no_collection() -> Iterator[None]:
    """These records hold no cycles: looking for some while hundreds of thousands are made costs a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _users_own(paths: ArtefactPaths) -> tuple[Path, ...]:
    return (paths.catalog, paths.run_results, paths.sources)
