"""A dbt instance in the environment of a branch: the profile of its base with another place, written without a secret.

The target keeps its name, so that templates that ask for it give the SQL that they give in the base.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from penstock.errors import UsageError
from penstock.integration import Branched, Connection, ObserveContext
from penstock.system.files import private_folder, write_private
from penstock_dbt.config import DbtConfig
from penstock_dbt.profiles import connection_of, profile_name, profiles_file, selected_output
from penstock_dbt.settings import settings_of

_SECRET = re.compile(r"pass|secret|token|key|credential|pwd|auth", re.IGNORECASE)
_WITHIN = re.compile(r"(pass(word)?|pwd|token|secret|key)\s*=|://[^/\s:@]*:[^/\s@]+@", re.IGNORECASE)
_FLAGS = ("target", "profile", "profiles_dir")


def in_branch(
    context: ObserveContext[DbtConfig], place: Callable[[Connection], Connection], folder: Path
) -> Branched:
    """See `penstock.integration.Branching`."""
    config: DbtConfig = context.config
    if config.artefacts_only:
        return Branched(config=config)
    if said := next((name for name in _FLAGS if context.options.get(name)), None):
        flag = said.replace("_", "-")
        raise UsageError(
            f"--{flag} has no place in the environment of a branch: it has the profile of its base"
        )
    settings = settings_of(context)
    target, output = selected_output(settings)
    own = connection_of(settings)
    other = place(own)
    moved = {name: value for name, value in other.settings.items() if own.settings.get(name) != value}
    environ: dict[str, str] = {}
    written = {name: _unsecret(name, value, environ) for name, value in {**output, **moved}.items()}
    name = profile_name(settings)
    document = {name: {"target": target, "outputs": {target: written}}}
    _write(private_folder(folder / context.instance) / "profiles.yml", document, profiles_file(settings))
    branched = msgspec.structs.replace(
        config, profiles_dir=str(folder / context.instance), target=target, profile=name
    )
    return Branched(config=branched, environ=environ)


def _unsecret(name: str, value: object, environ: dict[str, str], within: str = "") -> object:
    """The value as it may be written: a secret that stands in the user's profile goes into a variable of the environment."""
    full = f"{within}_{name}" if within else name
    if isinstance(value, dict):
        return {key: _unsecret(str(key), one, environ, full) for key, one in value.items()}
    if isinstance(value, list):
        return [_unsecret(str(at), one, environ, full) for at, one in enumerate(value)]
    if not isinstance(value, str) or "{{" in value or not (_SECRET.search(full) or _WITHIN.search(value)):
        return value
    variable = "DBT_ENV_SECRET_PENSTOCK_" + re.sub(r"\W", "_", full).upper()
    environ[variable] = value
    return f"{{{{ env_var('{variable}') }}}}"


def _write(path: Path, document: Mapping[str, object], origin: Path) -> None:
    import yaml

    text = f"# Made by penstock from {origin.name}: written anew when that changes.\n"
    text += yaml.safe_dump(document, sort_keys=False)
    data = text.encode()
    if not path.is_file() or path.read_bytes() != data:
        write_private(path, data)
