"""dbt's command line, made from settings and the options of a step. The one place where flags are spelt."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from penstock_dbt.settings import Settings


def project_flags(settings: Settings, target_path: Path, log_path: Path) -> list[str]:
    """What names the project, its target and vars, and keeps dbt's files in penstock's own folders."""
    flags = [
        "--project-dir",
        str(settings.project),
        "--target-path",
        str(target_path),
        "--log-path",
        str(log_path),
    ]
    if settings.profiles_dir is not None:
        flags += ["--profiles-dir", str(settings.profiles_dir)]
    if settings.profile is not None:
        flags += ["--profile", settings.profile]
    if settings.target is not None:
        flags += ["--target", settings.target]
    if settings.vars:
        flags += ["--vars", json.dumps(settings.vars, sort_keys=True)]
    return flags


def quiet_flags() -> list[str]:
    """No text on stdout and no log file: a driver's callbacks are the only listeners."""
    return ["--no-use-colors", "--log-level", "none", "--log-level-file", "none"]


def partial_parse_flags(settings: Settings, *folders: Path) -> list[str]:
    """The newest saved parse of our own, else the user's. dbt itself refuses one that does not fit (version, vars, target)."""
    own = [folder / "partial_parse.msgpack" for folder in folders]
    existing = sorted((path for path in own if path.is_file()), key=lambda path: path.stat().st_mtime)
    users = settings.project / "target" / "partial_parse.msgpack"
    if existing:
        return ["--partial-parse-file-path", str(existing[-1])]
    return ["--partial-parse-file-path", str(users)] if users.is_file() else []


def option_flags(options: Mapping[str, Any]) -> list[str]:
    """The run flags of a plan, in dbt's own words; `--` pass-through (`args`) comes last."""
    flags: list[str] = []
    for name in ("full_refresh", "fail_fast", "empty", "favor_state", "warn_error"):
        if options.get(name):
            flags.append("--" + name.replace("_", "-"))
    for name in ("sample", "event_time_start", "event_time_end", "threads", "warn_error_options"):
        if options.get(name) is not None:
            value = options[name]
            flags += [
                "--" + name.replace("_", "-"),
                json.dumps(value) if isinstance(value, dict) else str(value),
            ]
    if options.get("defer"):
        flags.append("--defer")
    return flags + [str(word) for word in options.get("args") or ()]
