"""Asks the user's own dbt to render a profile whose Jinja is more than env_var(). The answer holds secrets: pipe only, no file."""

from __future__ import annotations

import subprocess

import msgspec

from penstock.errors import ConfigError, ToolError
from penstock_dbt.locate import locate
from penstock_dbt.messages import one_line
from penstock_dbt.settings import Settings

_TIMEOUT = 120.0


class _Answer(msgspec.Struct, frozen=True):
    value: object = None
    error: str | None = None


def ask_rendered(settings: Settings, value: object, where: str) -> object:
    """`value` (text, mapping or list of profiles.yml) as dbt renders it."""
    from penstock_dbt.workers import WORKER

    dbt = locate(settings)
    if dbt is None or dbt.python is None:
        raise ConfigError(
            f"'{where}' of the profile has Jinja that only dbt can read, and no Python dbt was found",
            where=settings.where,
            hint="write it with env_var() alone, or make dbt-core available",
        )
    try:
        done = subprocess.run(
            [str(dbt.python), str(WORKER), "--render"],
            cwd=settings.project,
            env={**settings.environ, **dbt.overlay},
            input=msgspec.json.encode({"value": value, "vars": settings.vars}, enc_hook=str),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_TIMEOUT,
            check=False,
        )
        answer = msgspec.json.decode(done.stdout.strip().rpartition(b"\n")[2], type=_Answer)
    except (subprocess.TimeoutExpired, msgspec.DecodeError, UnicodeDecodeError):
        raise ToolError(
            "dbt did not render the profile", where=settings.where, hint=f"try: {dbt.path} debug"
        ) from None
    if answer.error is not None:
        raise ConfigError(one_line(answer.error), where=f"{settings.where} profile, {where}")
    return answer.value
