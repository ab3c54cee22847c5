"""The profile behind a dbt project: found as dbt finds it, `env_var()` and simple Jinja rendered. The result holds secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from penstock.errors import ConfigError, MissingVariable
from penstock.integration import Connection, ObserveContext
from penstock.system.files import settled
from penstock.system.safe_yaml import load_yaml, read_text
from penstock_dbt.config import DbtConfig
from penstock_dbt.settings import Settings, settings_of


class NeedsDbt(Exception):
    """The text has Jinja beyond env_var(): only dbt itself can render it."""


def connection(context: ObserveContext[DbtConfig]) -> Connection:
    """The output that the project's profile and target name. Raises ConfigError, MissingVariable."""
    return connection_of(settings_of(context), may_call=context.may_call)


def connection_of(settings: Settings, *, may_call: bool = True) -> Connection:
    """As `connection`, for settings already resolved. Jinja that only dbt can read needs `may_call`: dbt is started for it."""
    name, output = selected_output(settings)
    rendered = dict(_rendered(settings, output, name, may_call=may_call))
    settings.secrets.add_named(rendered)
    adapter = rendered.pop("type", None)
    if not isinstance(adapter, str):
        raise ConfigError(f"output '{name}' of the profile has no `type`", where=str(profiles_file(settings)))
    return Connection(type=adapter, settings=rendered, base=settings.project)


def adapter_type(settings: Settings) -> str | None:
    """The adapter that the profile's output names."""
    target, output = selected_output(settings)
    found = _rendered(settings, output.get("type"), f"{target}.type")
    return found if isinstance(found, str) else None


def _rendered(settings: Settings, value: object, where: str, *, may_call: bool = True) -> Any:
    """By ourselves where it is plain text or env_var(), else by the user's dbt."""
    try:
        return render(value, settings.environ, where)
    except NeedsDbt:
        if not may_call:
            raise ConfigError(
                f"'{where}' of the profile has Jinja that only dbt can read",
                where=settings.where,
                hint="run: penstock refresh",
            ) from None
        from penstock_dbt.rendering import ask_rendered

        return ask_rendered(settings, value, where)


def profiles_file(settings: Settings) -> Path:
    """Where dbt would read profiles.yml: --profiles-dir, DBT_PROFILES_DIR, the project's folder, ~/.dbt."""
    given = settings.environ.get("DBT_PROFILES_DIR")
    if settings.profiles_dir is not None:
        return settings.profiles_dir / "profiles.yml"
    if given:
        return settled(settings.project, given) / "profiles.yml"
    beside = settings.project / "profiles.yml"
    home = Path(settings.environ.get("HOME") or Path.home())
    return beside if beside.is_file() else home / ".dbt" / "profiles.yml"


def profile_name(settings: Settings) -> str:
    """The profile's name: --profile (or DBT_PROFILE), else `profile:` of dbt_project.yml."""
    if settings.profile:
        return settings.profile
    if settings.environ.get("DBT_PROFILE"):
        return settings.environ["DBT_PROFILE"]
    project = _load(settings.project / "dbt_project.yml")
    name = _rendered(settings, project.get("profile"), "profile")
    if not isinstance(name, str):
        raise ConfigError(
            "no `profile:` in dbt_project.yml",
            where=str(settings.project / "dbt_project.yml"),
            hint="name a profile of profiles.yml",
        )
    return name


def selected_output(settings: Settings) -> tuple[str, Mapping[str, object]]:
    """(target, its mapping in profiles.yml, not yet rendered)."""
    path = profiles_file(settings)
    if not path.is_file():
        raise ConfigError(
            f"no profiles.yml at {path}",
            where=settings.where,
            hint="set `profiles_dir:`, or DBT_PROFILES_DIR, to its folder",
        )
    profiles = _load(path)
    name = profile_name(settings)
    profile = profiles.get(name)
    if not isinstance(profile, dict):
        known = ", ".join(str(key) for key in profiles if key != "config") or "none"
        raise ConfigError(f"profile '{name}' is not in profiles.yml (there: {known})", where=str(path))
    outputs = profile.get("outputs")
    if not isinstance(outputs, dict) or not outputs:
        raise ConfigError(f"profile '{name}' has no outputs", where=str(path))
    target = settings.target or settings.environ.get("DBT_TARGET")
    target = target or _rendered(settings, profile.get("target") or "default", "target")
    output = outputs.get(target)
    if not isinstance(output, dict):
        known = ", ".join(str(key) for key in outputs)
        raise ConfigError(f"profile '{name}' has no target '{target}' (there: {known})", where=str(path))
    return str(target), output


def _load(path: Path) -> dict[str, object]:
    try:
        document = load_yaml(read_text(path), path)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(path)) from None
    if not isinstance(document, dict):
        raise ConfigError("is not a mapping", where=str(path))
    return document


_EXPRESSION = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_EXPRESSIONS = re.compile(r"\{\{(.*?)(?:\}\}|(?P<open>\Z))", re.DOTALL)
_ENV_VAR = re.compile(
    r"""^\s*env_var\(\s*(?P<q>['"])(?P<name>[^'"]+)(?P=q)\s*(?:,\s*(?P<default>'[^']*'|"[^"]*"|-?\d+(?:\.\d+)?|True|False|true|false|none|None)\s*)?\)
    \s*(?:\|\s*(?P<filter>int|as_number|as_bool|as_native|as_text|string|trim|lower|upper|float)\s*(?:\(\s*\))?)?\s*$""",
    re.VERBOSE,
)


def render(value: object, environ: Mapping[str, str], where: str) -> object:
    """A profile's value with `{{ env_var(...) }}` replaced. Raises MissingVariable, and NeedsDbt for any other Jinja."""
    if isinstance(value, dict):
        return {key: render(item, environ, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, list):
        return [render(item, environ, where) for item in value]
    if not isinstance(value, str) or ("{{" not in value and "{%" not in value):
        return value
    if "{%" in value or "{#" in value:
        raise NeedsDbt
    whole = _EXPRESSION.fullmatch(value.strip())
    if whole is not None:
        return _evaluate(whole[1], environ, where, native=True)
    return _EXPRESSIONS.sub(
        lambda match: (
            match[0] if match["open"] is not None else str(_evaluate(match[1], environ, where, native=False))
        ),
        value,
    )


def _evaluate(expression: str, environ: Mapping[str, str], where: str, *, native: bool) -> object:
    match = _ENV_VAR.match(expression)
    if match is None:
        raise NeedsDbt
    default = match["default"]
    text = environ.get(match["name"], default.strip("'\"") if default is not None else None)
    if text is None:
        raise MissingVariable(match["name"], where=where)
    if not (native or match["filter"]):
        return text
    try:
        return _filtered(text, match["filter"])
    except ValueError:
        raise ConfigError(
            f"the value of {match['name']} is no number, as `| {match['filter']}` says", where=where
        ) from None


def _filtered(text: str, name: str | None) -> object:
    """dbt renders a profile's value as text, and reads it as a number or a boolean only where a filter or the adapter asks for it."""
    match name:
        case "int" | "as_number":
            return int(text) if text.lstrip("-").isdigit() else float(text)
        case "float":
            return float(text)
        case "as_bool":
            return text.strip().lower() in ("true", "1", "yes")
        case "as_native":
            return load_yaml(text, "as_native")
        case "trim":
            return text.strip()
        case "lower":
            return text.lower()
        case "upper":
            return text.upper()
        case _:
            return text
