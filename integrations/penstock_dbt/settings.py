"""What one call of dbt depends on, resolved once from penstock.yml, the command line and the environment. Starts nothing."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import msgspec

from penstock.errors import ConfigError, NoProjectError
from penstock.system.files import is_file, settled
from penstock.system.redaction import Secrets
from penstock.system.safe_yaml import load_yaml
from penstock_dbt.config import DbtConfig
from penstock_dbt.options import options_of


class Surroundings(Protocol):
    """What an ObserveContext and a RunContext have in common."""

    @property
    def project_root(self) -> Path: ...
    @property
    def state_dir(self) -> Path: ...
    @property
    def cache_dir(self) -> Path: ...
    @property
    def instance(self) -> str: ...
    @property
    def config(self) -> DbtConfig: ...
    @property
    def environment(self) -> str: ...
    @property
    def environ(self) -> Mapping[str, str]: ...
    @property
    def options(self) -> Mapping[str, object]: ...
    @property
    def secrets(self) -> Secrets: ...


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """One dbt project with one target, vars and profile. Paths are absolute; `environ` is what dbt is started with."""

    instance: str
    environment: str
    project: Path
    root: Path
    state_dir: Path
    cache_dir: Path
    config: DbtConfig
    environ: Mapping[str, str]
    secrets: Secrets
    prefix: Path  # of the environment that penstock itself runs in
    target: str | None
    profile: str | None
    profiles_dir: Path | None
    vars: dict[str, object]
    threads: int | None

    @property
    def where(self) -> str:
        return f"dbt/{self.instance}"

    @property
    def key(self) -> str:
        """Everything that makes a parsed project another one, beside its files: names the folder that its artefacts live in."""
        parts = (self.project, self.environment, self.target, self.profile, self.profiles_dir, self.vars)
        text = msgspec.json.encode(
            [vars_text(part) if isinstance(part, dict) else str(part) for part in parts], order="sorted"
        )
        return hashlib.sha256(text).hexdigest()[:16]

    @property
    def folder(self) -> Path:
        """Penstock's own folder for this project's artefacts; the user's `target/` stays dbt's."""
        return self.state_dir / "dbt" / self.instance / self.key


def settings_of(context: Surroundings, options: Mapping[str, object] | None = None) -> Settings:
    """The settings of a context; `options` (of a step) win over the context's own, and those over penstock.yml."""
    config: DbtConfig = context.config
    given = options_of(context.options, options or {})
    profiles_dir = given.profiles_dir or config.profiles_dir
    variables = {**config.vars, **_vars(given.vars)}
    context.secrets.add_named(variables)
    return Settings(
        instance=context.instance,
        environment=context.environment,
        project=project_folder(context.project_root, config, f"dbt/{context.instance}"),
        root=context.project_root,
        state_dir=context.state_dir,
        cache_dir=context.cache_dir,
        config=config,
        environ=child_environ(context.environ),
        prefix=Path(sys.prefix),
        secrets=context.secrets,
        target=given.target or config.target,
        profile=given.profile or config.profile,
        profiles_dir=settled(context.project_root, str(profiles_dir)) if profiles_dir else None,
        vars=variables,
        threads=given.threads or config.threads,
    )


def project_folder(root: Path, config: DbtConfig, where: str) -> Path:
    """The folder that holds dbt_project.yml. Raises NoProjectError when it does not."""
    folder = root / (config.project or ".")
    if not is_file(folder / "dbt_project.yml"):
        raise NoProjectError(
            f"there is no dbt_project.yml in {folder}",
            where=where,
            hint="set `project:` to the folder of the dbt project, relative to penstock.yml",
        )
    return folder.resolve()


# What would let penstock's own modules into the user's interpreter, or leave out nodes that were planned.
_DROPPED = frozenset(
    [
        "PYTHONPATH",
        "PYTHONHOME",
        "PYTHONSTARTUP",
        "PYTHONWARNINGS",
        "__PYVENV_LAUNCHER__",
        "DBT_RESOURCE_TYPES",
        "DBT_EXCLUDE_RESOURCE_TYPES",
        "DBT_ENGINE_RESOURCE_TYPES",
        "DBT_ENGINE_EXCLUDE_RESOURCE_TYPES",
    ]
)


def child_environ(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for dbt: the user's own, but for what would change what was asked for."""
    return {name: value for name, value in environ.items() if name not in _DROPPED}


def vars_text(values: dict[str, object]) -> str:
    """The variables as text that dbt's `--vars` reads as the same: JSON, or YAML where a value (a date) is none of JSON."""
    try:
        text = json.dumps(values, sort_keys=True, allow_nan=False)
    except (TypeError, ValueError):
        text = "\\u"
    if "\\u" not in text and "\x7f" not in text:  # YAML reads half an emoji where JSON escapes one
        return text
    import yaml

    return yaml.safe_dump(values, default_flow_style=True, sort_keys=False, width=float("inf"))


def _vars(given: object) -> dict[str, object]:
    """`vars` as a mapping or as the YAML text that dbt's `--vars` takes."""
    if not given:
        return {}
    if isinstance(given, str):
        given = load_yaml(given, "--vars")
    if not isinstance(given, dict):
        raise ConfigError("vars must be a mapping of names to values")
    return {str(name): value for name, value in given.items()}
