"""A connector's own Python environment: one per (package, version, Python), made by uv, whole or not at all."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from penstock.errors import ToolError, ToolMissing, UsageError
from penstock.system.locks import locked
from penstock_airbyte.config import SourceConfig

# Connectors are published for these; newer interpreters often fail to install or run them.
_RANGE = ">=3.10,<3.13"
_UNKNOWN_PACKAGE = "was not found in the package registry"
_UNKNOWN_VERSION = re.compile(r"there (?:is|are) no versions? of")
_FOREIGN = ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "CONDA_PREFIX")

Progress = Callable[[str], None]


def command_of(
    source: SourceConfig, cache: Path, environ: Mapping[str, str], root: Path, progress: Progress
) -> tuple[str, ...]:
    """The command that runs the connector, from the folder `root`; installs it when needed. Raises UsageError when there is
    no such package."""
    if source.command is not None:
        refuse_missing(source, environ, root)
        return source.command
    folder = folder_of(source, cache)
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with locked(folder.with_name(folder.name + ".lock")):
            if not folder.exists():
                _make(source, folder, environ, progress)
    return (str(_executable(source, folder)),)


def refuse_missing(source: SourceConfig, environ: Mapping[str, str], root: Path) -> None:
    """Raises ToolMissing for a `command` that is no program."""
    if source.command is None:
        return
    program = source.command[0]
    there = (root / program).is_file() if "/" in program else shutil.which(program, path=environ.get("PATH"))
    if not there:
        raise ToolMissing(f"the connector's command '{program}' does not exist")


def installed_command(source: SourceConfig, cache: Path) -> tuple[str, ...] | None:
    """As `command_of`, but None instead of installing."""
    if source.command is not None:
        return source.command
    folder = folder_of(source, cache)
    return (str(_executable(source, folder)),) if folder.exists() else None


def folder_of(source: SourceConfig, cache: Path) -> Path:
    python = source.python or f"{sys.version_info.major}.{sys.version_info.minor}"
    name = f"{source.connector}-{source.version or 'newest'}-py{python}"
    return cache / "connectors" / re.sub(r"[^A-Za-z0-9._-]+", "_", name)


def clean_environ(environ: Mapping[str, str]) -> dict[str, str]:
    """Without what would make another interpreter import this one's packages."""
    return {name: value for name, value in environ.items() if name not in _FOREIGN}


def _make(source: SourceConfig, folder: Path, environ: Mapping[str, str], progress: Progress) -> None:
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    progress(f"installing {source.title}")
    wanted = f"{source.connector}=={source.version}" if source.version else str(source.connector)
    child = {"UV_PYTHON_DOWNLOADS": "never"} | clean_environ(environ)
    uv = _uv()
    try:
        _create(uv, source, part, child)
        python = part / "bin" / "python"
        # Relocatable: the scripts must work after the folder got its final name.
        done = _call([uv, "pip", "install", "--python", str(python), wanted], child)
        if done.returncode != 0:
            raise _explained(source, done.stderr)
        _executable(source, part)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _create(uv: str, source: SourceConfig, part: Path, environ: dict[str, str]) -> None:
    for python in _interpreters(source):
        done = _call([uv, "venv", "--quiet", "--relocatable", "--python", python, str(part)], environ)
        if done.returncode == 0:
            return
    raise ToolMissing(
        f"no Python {source.python or _RANGE} was found for {source.title}",
        hint="install one, or name another with `python:`",
    )


def _interpreters(source: SourceConfig) -> tuple[str, ...]:
    if source.python:
        return (source.python,)
    if (3, 10) <= sys.version_info < (3, 13):
        return (sys.executable,)
    return (_RANGE, sys.executable)


def _executable(source: SourceConfig, folder: Path) -> Path:
    """The package's own console script: connectors depend on others that have scripts too."""
    normal = re.sub(r"[-_.]+", "_", str(source.connector)).lower()
    for entry in folder.glob("lib/python*/site-packages/*.dist-info/entry_points.txt"):
        package = entry.parent.name.rsplit(".", 1)[0].split("-")[0]
        if re.sub(r"[-_.]+", "_", package).lower() != normal:
            continue
        parser = configparser.ConfigParser()
        parser.read_string(entry.read_text())
        scripts = list(parser["console_scripts"]) if parser.has_section("console_scripts") else []
        short = str(source.connector).removeprefix("airbyte-")
        for script in sorted(scripts, key=lambda script: script != short):
            if (path := folder / "bin" / script).exists():
                return path
    raise UsageError(
        f"{source.title} is no connector: the package has no command to run",
        hint="connectors on PyPI are called airbyte-source-...",
    )


def _uv() -> str:
    try:
        import uv

        return uv.find_uv_bin()
    except (ImportError, FileNotFoundError):
        found = shutil.which("uv")
        if found is None:
            raise ToolMissing(
                "uv is not installed; it makes the connectors' environments", hint="pip install uv"
            )
        return found


def _call(command: list[str], environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=environ, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def _explained(source: SourceConfig, output: str) -> UsageError | ToolError:
    text = " ".join(output.split())
    if _UNKNOWN_PACKAGE in text and str(source.connector) in text.partition(_UNKNOWN_PACKAGE)[0]:
        return UsageError(
            f"there is no connector package '{source.connector}'",
            hint="connectors on PyPI are called airbyte-source-...",
        )
    if _UNKNOWN_VERSION.search(text):
        return UsageError(
            f"there is no version {source.version} of '{source.connector}' for this Python",
            hint="name another `version:`, or another `python:`",
        )
    # An index's address may hold a password.
    short = re.sub(r"\w+://\S+", "<address>", text)
    return ToolError(f"{source.title} cannot be installed: {short[-400:]}")
