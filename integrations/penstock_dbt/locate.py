"""Whose dbt: finds the one that the user would call, and tells v1, v2 (Fusion) and the Cloud CLI apart. Never imports dbt.

Order: `command:` of penstock.yml, the active virtual or conda environment, the nearest `.venv` upward, PATH, penstock's own
environment (`penstock[dbt]`), and only then one that penstock makes itself (`own_dbt.py`). One without the profile's adapter is passed over.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path

import msgspec

from penstock.errors import ToolMissing
from penstock_dbt.probe import Probe, ask_version, probe_interpreter
from penstock_dbt.settings import Settings


class Kind(StrEnum):
    """Which dbt. V1 is the Python engine (dbt-core), V2 the Rust one (Fusion), CLOUD the dbt Cloud CLI."""

    V1 = "v1"
    V2 = "v2"
    CLOUD = "cloud"


class Dbt(msgspec.Struct, frozen=True, kw_only=True):
    """A dbt that can be called. `python` is the interpreter it lives in, when there is one; `found` says how it was found.

    `adapters` is None when it cannot be told without starting it. `overlay` is what a wrapper (`uv run`) adds to the environment.
    """

    kind: Kind
    command: tuple[str, ...]
    version: str
    found: str
    python: Path | None = None
    adapters: dict[str, str] | None = None
    overlay: dict[str, str] = {}

    @property
    def path(self) -> str:
        return " ".join(self.command)

    @property
    def release(self) -> tuple[int, int]:
        """(1, 11) of 1.11.16."""
        digits = [part for part in self.version.split(".")[:2] if part.isdigit()]
        return (int(digits[0]), int(digits[1])) if len(digits) == 2 else (0, 0)

    def __str__(self) -> str:
        return f"dbt {self.version} ({self.path}, {self.found})"


# Command words that start something in an environment of their own: `uv run dbt`, `poetry run dbt`.
WRAPPERS = frozenset(
    {"uv", "poetry", "pipenv", "hatch", "pdm", "rye", "conda", "mamba", "micromamba", "pixi"}
)


def locate(settings: Settings, adapter: str | None = None) -> Dbt | None:
    """The first dbt in the order above that answers, runs here (the Cloud CLI does not) and has the `adapter` of the profile.

    Where there is none with the adapter, the first without it, so that the error can name it; else the Cloud CLI; None when
    there is none at all. A configured one must answer: raises ToolMissing.
    """
    if settings.config.command:
        return _configured(settings, settings.config.command)
    second_best: Dbt | None = None
    for executable, found in candidates(settings.project, settings.environ, settings.prefix):
        dbt = identify((str(executable),), found, settings)
        if dbt is None:
            continue
        if dbt.kind is not Kind.CLOUD and has_adapter(dbt, adapter):
            return dbt
        if second_best is None or (second_best.kind is Kind.CLOUD and dbt.kind is not Kind.CLOUD):
            second_best = dbt
    return second_best


def has_adapter(dbt: Dbt, adapter: str | None) -> bool:
    """Whether it has the adapter, as far as can be told: an executable without Python does not say."""
    return adapter is None or dbt.adapters is None or adapter in dbt.adapters


def candidates(project: Path, environ: Mapping[str, str], prefix: Path) -> Iterator[tuple[Path, str]]:
    """Every `dbt` executable in order, with the words that say where it was found."""
    seen: set[Path] = set()
    for executable, found in _places(project, environ, prefix):
        if executable not in seen and executable.is_file() and os.access(executable, os.X_OK):
            seen.add(executable)
            yield executable, found


def _places(project: Path, environ: Mapping[str, str], prefix: Path) -> Iterator[tuple[Path, str]]:
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if environ.get(variable):
            yield Path(environ[variable]) / _BIN / _DBT, f"${variable}"
    for folder in (project, *project.parents):
        for name in (".venv", "venv"):
            yield folder / name / _BIN / _DBT, str(folder / name)
    for folder_text in environ.get("PATH", os.defpath).split(os.pathsep):
        if folder_text:
            yield Path(folder_text) / _DBT, "PATH"
    yield prefix / _BIN / _DBT, "beside penstock"


_BIN = "Scripts" if os.name == "nt" else "bin"
_DBT = "dbt.exe" if os.name == "nt" else "dbt"


def _configured(settings: Settings, command: list[str]) -> Dbt:
    where = f"{settings.where}.command"
    head = shutil.which(command[0], path=settings.environ.get("PATH")) or str(settings.root / command[0])
    if not Path(head).is_file():
        raise ToolMissing(
            f"{command[0]} is not there",
            where=where,
            hint="`command` is how dbt is called, e.g. [uv, run, dbt]",
        )
    dbt = identify((head, *command[1:]), "command", settings)
    if dbt is None:
        raise ToolMissing(
            f"`{' '.join(command)}` is not a dbt that works",
            where=where,
            hint=f"try: {' '.join(command)} --version",
        )
    return dbt


def identify(command: tuple[str, ...], found: str, settings: Settings) -> Dbt | None:
    """Which dbt that command is; None when it is none, or a broken one."""
    probe = _interpreter_of(command, settings)
    if probe is not None and probe.core is not None:
        return Dbt(
            kind=Kind.V1,
            command=command,
            version=probe.core,
            found=found,
            python=Path(probe.python),
            adapters=probe.adapters,
            overlay=probe.overlay,
        )
    answer = ask_version(command, settings)
    if answer is None:
        return None
    kind, version = answer
    return Dbt(kind=Kind(kind), command=command, version=version, found=found)


def _interpreter_of(command: tuple[str, ...], settings: Settings) -> Probe | None:
    """What the interpreter behind the command says: the console script's own, or the one that the wrapper starts."""
    if len(command) == 1:
        python = console_script_python(Path(command[0]))
        return probe_interpreter((str(python),), settings) if python else None
    if Path(command[0]).name in WRAPPERS and command[-1] == "dbt":
        return probe_interpreter((*command[:-1], "python"), settings, wrapped=True)
    if command[-2:] in (("-m", "dbt"), ("-m", "dbt.cli.main")):
        return probe_interpreter(command[:-2], settings)
    return None


def console_script_python(script: Path) -> Path | None:
    """The interpreter of a console script: its shebang, or the one beside it when a shell trick stands in for a long path."""
    try:
        with script.open("rb") as opened:
            first, second = opened.readline(512), opened.readline(1024)
    except OSError:
        return None
    if not first.startswith(b"#!"):
        return _beside(script) if os.name == "nt" else None
    words = first[2:].decode(errors="replace").split()
    if not words:
        return None
    if Path(words[0]).name.startswith("python"):
        return Path(words[0])
    if Path(words[0]).name == "env" and words[-1].startswith("python"):
        found = shutil.which(words[-1])
        return Path(found) if found else None
    return _beside(script) if b"exec" in second and b"python" in second else None


def _beside(script: Path) -> Path | None:
    for folder in (script.parent, script.resolve().parent):
        for name in ("python", "python3", "python.exe"):
            if (folder / name).is_file() and (folder.parent / "pyvenv.cfg").is_file():
                return folder / name
    return None
