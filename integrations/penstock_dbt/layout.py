"""Which files make a dbt project what it is: their unchanged stat proves that parsing again gives the same."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from penstock.errors import ConfigError
from penstock.system.files import is_file
from penstock.system.safe_yaml import load_yaml, read_text

_PATHS = {
    "model-paths": ("models",),
    "seed-paths": ("seeds",),
    "snapshot-paths": ("snapshots",),
    "macro-paths": ("macros",),
    "test-paths": ("tests",),
    "analysis-paths": ("analyses",),
    "function-paths": ("functions",),
    "docs-paths": (),
}
_FILES = (
    "dbt_project.yml",
    "packages.yml",
    "dependencies.yml",
    "package-lock.yml",
    "selectors.yml",
    "vars.yml",
    ".dbtignore",
)


class Layout(msgspec.Struct, frozen=True):
    """A project's folders, absolute. `local_packages` are projects that packages.yml takes from this machine."""

    project: Path
    sources: tuple[Path, ...]
    target: Path
    packages: Path
    local_packages: tuple[Path, ...]


def layout_of(project: Path, environ: dict[str, str] | None = None) -> Layout:
    """The layout that dbt_project.yml sets; dbt's defaults for what it does not, or sets by Jinja."""
    settings = _mapping(project / "dbt_project.yml")
    sources = [
        project / path for key, default in _PATHS.items() for path in _strings(settings.get(key), default)
    ]
    target = (environ or {}).get("DBT_TARGET_PATH") or _string(settings.get("target-path"), "target")
    installed = _string(settings.get("packages-install-path"), "dbt_packages")
    return Layout(
        project=project,
        sources=tuple(dict.fromkeys(sources)),
        target=project / target,
        packages=project / installed,
        local_packages=tuple(_local_packages(project)),
    )


def variables(layout: Layout) -> Iterator[dict[str, object]]:
    """The `vars` of the project and of its local packages, and of vars.yml."""
    for project in (layout.project, *layout.local_packages):
        for name in ("dbt_project.yml", "vars.yml"):
            found = _mapping(project / name).get("vars")
            if isinstance(found, dict):
                yield found


def project_inputs(layout: Layout) -> list[Path]:
    """Every file and folder that a parse reads, also those that do not exist yet (they count when they appear)."""
    inputs = [layout.project / name for name in _FILES]
    inputs.append(layout.packages)
    skipped = {str(layout.target), str(layout.packages)}
    for folder in layout.sources:
        inputs.append(folder)
        inputs.extend(_walk(folder, skipped))
    for package in layout.local_packages:
        inputs.extend(project_inputs(layout_of(package)))
    return list(dict.fromkeys(inputs))


def _walk(folder: Path, skipped: set[str]) -> Iterator[Path]:
    for here, folders, files in os.walk(folder, followlinks=True):
        base = Path(here)
        folders[:] = [name for name in folders if _visible(name) and str(base / name) not in skipped]
        yield from (base / name for name in folders)
        yield from (base / name for name in files if _visible(name))


def _visible(name: str) -> bool:
    return not name.startswith(".") and name != "__pycache__"


def _local_packages(project: Path) -> Iterator[Path]:
    for name in ("packages.yml", "dependencies.yml"):
        packages = _mapping(project / name).get("packages")
        for package in packages if isinstance(packages, list) else ():
            local = package.get("local") if isinstance(package, dict) else None
            if (
                not isinstance(local, str)
                or "{{" in local
                or not is_file(project / local / "dbt_project.yml")
            ):
                continue
            folder = (project / local).resolve()
            if folder != project:
                yield folder


def _mapping(path: Path) -> dict[str, object]:
    """A YAML file as a mapping; what is not one is dbt's to complain about."""
    try:
        document = load_yaml(read_text(path), path)
    except (OSError, ConfigError):
        return {}
    return document if isinstance(document, dict) else {}


def _strings(value: object, default: tuple[str, ...]) -> tuple[str, ...]:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or any(not isinstance(one, str) or "{{" in one for one in listed):
        return default
    return tuple(listed)


def _string(value: object, default: str) -> str:
    return value if isinstance(value, str) and "{{" not in value else default
