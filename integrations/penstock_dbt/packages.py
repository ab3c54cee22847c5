"""dbt packages: whether those that the project asks for are there, and `dbt deps` when they are not."""

from __future__ import annotations

import subprocess
from pathlib import Path

from penstock.errors import ConfigError, ToolError
from penstock.system.files import close_tree, private_folder
from penstock.system.safe_yaml import load_yaml, read_text
from penstock_dbt.locate import Dbt
from penstock_dbt.messages import told_error
from penstock_dbt.settings import Settings


def packages_missing(project: Path) -> bool:
    """As dbt counts: more packages are asked for (packages.yml, dependencies.yml) than folders are installed."""
    told = (_mapping(project / name).get("packages") for name in ("packages.yml", "dependencies.yml"))
    asked = sum(len(packages) for packages in told if isinstance(packages, list))
    if not asked:
        return False
    folder = project / str(
        _mapping(project / "dbt_project.yml").get("packages-install-path") or "dbt_packages"
    )
    installed = [path for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []
    return len(installed) < asked


def _mapping(path: Path) -> dict[str, object]:
    """A YAML file as a mapping; what is not one is dbt's to complain about."""
    try:
        document = load_yaml(read_text(path), path)
    except (OSError, ConfigError):
        return {}
    return document if isinstance(document, dict) else {}


def install_packages(settings: Settings, dbt: Dbt) -> None:
    """`dbt deps`, with dbt's own words when it fails."""
    flags = ["--project-dir", str(settings.project), "--no-use-colors"]
    if settings.profiles_dir is not None:
        flags += ["--profiles-dir", str(settings.profiles_dir)]
    log = settings.folder / "deps"
    private_folder(log)
    done = subprocess.run(
        [*dbt.command, "deps", *flags, "--log-path", str(log)],
        cwd=settings.project,
        env={**settings.environ, **dbt.overlay},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    settings.secrets.mask_file(log / "dbt.log")
    close_tree(log)
    if done.returncode != 0:
        said = told_error(done.stdout.decode(errors="replace"))
        raise ToolError(
            "dbt deps failed: " + (said or f"exit code {done.returncode}"),
            where=settings.where,
            hint=f"the log: {log / 'dbt.log'}; `deps: never` leaves packages alone",
        )
