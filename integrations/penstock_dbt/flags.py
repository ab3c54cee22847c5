"""dbt's command line, made from settings and the options of a step. The one place where flags are spelt."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from penstock.errors import UsageError
from penstock_dbt.options import DbtOptions
from penstock_dbt.settings import Settings, vars_text


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
        flags += ["--vars", vars_text(settings.vars)]
    return flags


def quiet_flags() -> list[str]:
    """No text on stdout and no log file: a worker's callbacks are the only listeners."""
    return ["--no-use-colors", "--log-level", "none", "--log-level-file", "none"]


def partial_parse_flags(settings: Settings, *folders: Path) -> list[str]:
    """The newest saved parse of our own, else the user's. dbt itself refuses one that does not fit (version, vars, target)."""
    own = [folder / "partial_parse.msgpack" for folder in folders]
    existing = sorted((path for path in own if path.is_file()), key=lambda path: path.stat().st_mtime)
    users = settings.project / "target" / "partial_parse.msgpack"
    if existing:
        return ["--partial-parse-file-path", str(existing[-1])]
    return ["--partial-parse-file-path", str(users)] if _parsed_here(users, settings.project) else []


_ROOT = b"\xa9root_path"  # the key in MessagePack, behind which the text has its length in one to three bytes
_PACKAGES = (
    "dbt_packages"  # in another folder their seeds are parsed anew: that costs time, and nothing is wrong
)


def _parsed_here(saved: Path, project: Path) -> bool:
    """Whether dbt can go on with a saved parse: with each seed it keeps the project's folder as that was called. One that was parsed
    with `--project-dir transform`, or before the project was copied, has dbt read the seeds of another folder, or none."""
    try:
        with saved.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            roots = set(_roots(content))
    except (OSError, ValueError, IndexError):  # it is empty, or cut off
        return False
    known = [Path(os.fsdecode(root)) for root in roots]
    return all(root == project or root.is_relative_to(project / _PACKAGES) for root in known)


def _roots(content: mmap.mmap) -> Iterator[bytes]:
    at = content.find(_ROOT)
    while at >= 0:
        head = at + len(_ROOT)
        short, length = content[head : head + 2]
        if 0xA0 <= short <= 0xBF:
            yield content[head + 1 : head + 1 + short - 0xA0]
        elif short == 0xD9:
            yield content[head + 2 : head + 2 + length]
        elif short == 0xDA:
            yield content[head + 3 : head + 3 + length * 256 + content[head + 2]]
        elif short != 0xC0:
            yield b""  # neither a text nor none: nobody knows where it was parsed
        at = content.find(_ROOT, head)


# Flags that `dbt parse` takes too, and that change what it makes of the project.
_PARSING = frozenset(
    {
        *(
            "--warn-error",
            "--warn-error-options",
            "--partial-parse",
            "--no-partial-parse",
            "--static-parser",
            "--no-static-parser",
        ),
        *("--use-experimental-parser", "--version-check", "--no-version-check", "--show-all-deprecations"),
    }
)
# What penstock itself says in every invocation; another word for it would build something else than was planned.
_TAKEN = frozenset(
    {
        *(
            "-s",
            "--select",
            "-m",
            "--models",
            "--model",
            "--exclude",
            "--selector",
            "--indirect-selection",
            "--state",
        ),
        *("--resource-type", "--resource-types", "--exclude-resource-type", "--exclude-resource-types"),
        *("--project-dir", "--target-path", "--log-path", "--write-json", "--no-write-json"),
    }
)


# Flags of `dbt build` that say how to make a relation; `dbt test` has none of them, `dbt clone` few.
_OF_MAKING = ("full_refresh", "empty", "sample", "event_time_start", "event_time_end")
_OF_CLONE = ("full_refresh", "threads", "state", "warn_error", "args")


def option_flags(options: DbtOptions, command: str = "build") -> list[str]:
    """The run flags of a plan, in dbt's own words; what the user wrote behind `--` comes last. Raises UsageError."""
    flags: list[str] = []
    if command == "test":
        plain = DbtOptions()
        options = replace(options, **{name: getattr(plain, name) for name in _OF_MAKING})
    if command == "clone":
        options = DbtOptions(**{name: getattr(options, name) for name in _OF_CLONE})
    for name in ("full_refresh", "fail_fast", "empty", "defer", "favor_state", "warn_error"):
        if getattr(options, name):
            flags.append("--" + name.replace("_", "-"))
    for name in ("sample", "event_time_start", "event_time_end", "threads"):
        if getattr(options, name) is not None:
            flags += ["--" + name.replace("_", "-"), str(getattr(options, name))]
    if options.state:
        flags += ["--defer-state", options.state]  # --state itself is how nodes are selected
    for word in options.args:
        if word.partition("=")[0] in _TAKEN:
            raise UsageError(
                f"{word} cannot be passed on to dbt", hint="penstock has its own: penstock run --help"
            )
    return [*flags, *options.args]


def parsing_flags(options: DbtOptions) -> list[str]:
    """Those of the options that already change how the project is read."""
    kept: list[str] = []
    taking = False
    for word in option_flags(options):
        taking = word.partition("=")[0] in _PARSING or (taking and not word.startswith("-"))
        if taking:
            kept.append(word)
    return kept
