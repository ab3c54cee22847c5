"""A dbt that penstock makes itself, in an environment of its own in the cache: only where the user has none at all."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from penstock.errors import ToolError, ToolMissing
from penstock.system.files import private_folder
from penstock.system.locks import locked
from penstock_dbt.locate import Dbt, identify
from penstock_dbt.settings import Settings

# From 1.12 on, dbt-core needs a package that fetches a binary while it is being installed.
CORE = "dbt-core>=1.10,<1.12"
# Adapters whose package is `dbt-<type>` and whose makers are known; another may be anyone's package.
ADAPTERS = frozenset(
    {
        "athena",
        "bigquery",
        "clickhouse",
        "databricks",
        "duckdb",
        "postgres",
        "redshift",
        "snowflake",
        "spark",
        "trino",
    }
)


def provide(settings: Settings, adapter: str | None, progress: Callable[[str], None]) -> Dbt:
    """The environment for that adapter, made when it is not there yet. Raises ToolMissing for an adapter that is not known."""
    if adapter not in ADAPTERS:
        raise ToolMissing(
            "no dbt was found" + (f", and none can be made for the adapter '{adapter}'" if adapter else ""),
            where=settings.where,
            hint="install dbt-core with your adapter, activate its environment, or set `command:`",
        )
    folder = _folder(settings, adapter)
    ready = folder / "ready"
    private_folder(folder.parent)
    with locked(folder.with_suffix(".lock")):
        if not ready.is_file():
            progress(f"No dbt found: installing dbt-core and dbt-{adapter} for penstock ...")
            _make(settings, adapter, folder)
            ready.touch()
    dbt = identify((str(folder / "bin" / "dbt"),), "made by penstock", settings)
    if dbt is None:
        ready.unlink()
        raise ToolError(
            f"the dbt that penstock made in {folder} does not work",
            where=settings.where,
            hint="try again: it is made anew",
        )
    return dbt


def _folder(settings: Settings, adapter: str) -> Path:
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    digest = hashlib.sha256(f"{CORE} {adapter} {version} {sys.base_prefix}".encode()).hexdigest()[:8]
    return settings.cache_dir / "dbt" / f"{adapter}-py{version}-{digest}"


def _make(settings: Settings, adapter: str, folder: Path) -> None:
    binary = _uv(settings)
    _run([binary, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)], settings)
    python = str(folder / "bin" / "python")
    _run([binary, "pip", "install", "--quiet", "--python", python, CORE, f"dbt-{adapter}"], settings)


def _uv(settings: Settings) -> str:
    try:
        import uv

        return uv.find_uv_bin()
    except (ImportError, FileNotFoundError):
        found = shutil.which("uv", path=settings.environ.get("PATH"))
        if found is None:
            raise ToolMissing(
                "no dbt was found, and no uv that could make an environment for one",
                where=settings.where,
                hint="pip install 'penstock[dbt]', or install dbt-core with your adapter, or set `command:`",
            ) from None
        return found


def _run(command: list[str], settings: Settings) -> None:
    environ = {
        name: value for name, value in settings.environ.items() if name not in ("VIRTUAL_ENV", "CONDA_PREFIX")
    }
    done = subprocess.run(
        command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        said = [line.strip(" ×╰─▶│").strip() for line in done.stderr.splitlines() if line.strip()]
        told = next((line for line in said if line.startswith("error")), said[0] if said else "")
        raise ToolError(
            "dbt could not be installed: " + (told or f"uv ended with {done.returncode}"),
            where=settings.where,
            hint="install dbt-core with your adapter yourself, or set `command:`",
        )
