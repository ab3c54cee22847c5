"""What a project's artefacts of another run select: `state:`, `result:`, `source_status:`. dbt itself compares manifests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from penstock.errors import SelectionError
from penstock.integration import ObserveContext
from penstock_dbt.artefacts import read
from penstock_dbt.config import DbtConfig
from penstock_dbt.layout import layout_of
from penstock_dbt.settings import settings_of
from penstock_manifests.dbt import RunResults, SourceResults, read_run_results, read_sources
from penstock_manifests.document import Document

T = TypeVar("T")


def compare(context: ObserveContext[DbtConfig], method: str, value: str) -> Iterable[str]:
    """The ids of this project that `method:value` finds, held against the folder of `--state`.

    Raises SelectionError without such a folder or for a value that dbt does not know, DocumentError for what cannot be read.
    """
    given = context.options.get("state")
    if not given:
        raise SelectionError(
            f"'{method}:{value}' needs the artefacts of another run", hint="add --state DIR, as for dbt"
        )
    folder = Path(str(given))
    if method == "result":
        return _with_result(_read(folder, "run_results", read_run_results).content, value)
    if method == "source_status":
        return _fresher(context, folder, value)
    return _differing(context, folder, value)


def _read(folder: Path, name: str, reader: Callable[[bytes, str], Document[T]]) -> Document[T]:
    if not (folder / f"{name}.json").is_file():
        raise SelectionError(f"there is no {name}.json in {folder}", hint="see --state, and dbt's target/")
    return read(folder / f"{name}.json", f"{name}.json", reader)


def _with_result(results: RunResults, status: str) -> list[str]:
    return [result.unique_id for result in results.results if result.status == status]


def _fresher(context: ObserveContext[DbtConfig], folder: Path, value: str) -> list[str]:
    if value != "fresher":
        raise SelectionError(
            f"'source_status:{value}' is no method of dbt", hint="write source_status:fresher"
        )
    before = _loaded(_read(folder, "sources", read_sources).content)
    now = _loaded(_read(_target(context), "sources", read_sources).content)
    return [one for one, loaded in now.items() if one not in before or (loaded or "") > (before[one] or "")]


def _target(context: ObserveContext[DbtConfig]) -> Path:
    """Where the user's own dbt writes, or where the given artefacts are."""
    config: DbtConfig = context.config
    if config.artefacts_only:
        return (context.project_root / str(config.manifest)).parent
    settings = settings_of(context)
    return layout_of(settings.project, dict(settings.environ)).target


def _loaded(sources: SourceResults) -> dict[str, str | None]:
    return {
        result.unique_id: result.max_loaded_at
        for result in sources.results
        if result.max_loaded_at is not None
    }


def _differing(context: ObserveContext[DbtConfig], folder: Path, value: str) -> list[str]:
    from penstock_dbt.invoke import listed

    config: DbtConfig = context.config
    if config.artefacts_only:
        raise SelectionError(
            f"'state:{value}' is answered by dbt, and of dbt/{context.instance} only artefacts are known",
            hint="set `project:` to the dbt project's folder",
        )
    if not (folder / "manifest.json").is_file():
        raise SelectionError(f"there is no manifest.json in {folder}, which --state names")
    return listed(context, settings_of(context), f"state:{value}", folder)
