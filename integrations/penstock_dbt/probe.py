"""Asks an interpreter which dbt it holds (30 ms, dbt is not imported), or an executable for its version. Answers are kept."""

from __future__ import annotations

import hashlib
import re
import subprocess
from pathlib import Path

import msgspec

from penstock.system.files import private_folder, write_private
from penstock_dbt.settings import Settings


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """What an interpreter says about itself: dbt-core's version (None without), the adapters it can load, by type."""

    python: str
    core: str | None
    adapters: dict[str, str]
    overlay: dict[str, str] = {}


# Runs in the user's interpreter, whatever its version: only the standard library, nothing of dbt but its bare package.
_PROBE = """
import json, os, sys
try:
    from importlib import metadata
except ImportError:
    metadata = None
def version(name):
    try:
        return metadata.version(name)
    except Exception:
        return None
adapters = {}
try:
    import dbt.adapters, pkgutil
    for item in pkgutil.iter_modules(dbt.adapters.__path__):
        if item.ispkg and item.name not in ("base", "sql", "contracts", "events", "catalogs", "clients", "exceptions",
                                            "record", "relation_configs", "utils"):
            found = version("dbt-" + item.name)
            if found is not None:
                adapters[item.name] = found
except ImportError:
    pass
environ = dict(os.environ) if "--environ" in sys.argv else {}
print("\\n" + json.dumps({"python": sys.executable, "core": version("dbt-core"), "adapters": adapters, "overlay": environ}))
"""
_TIMEOUT = 60.0


def probe_interpreter(python: tuple[str, ...], settings: Settings, *, wrapped: bool = False) -> Probe | None:
    """Ask the interpreter; None when it does not start. A wrapper's answer is never kept: it may install first."""
    cache = None if wrapped else _cache_file(settings, Path(python[0]))
    if cache is not None and cache.is_file():
        try:
            return msgspec.json.decode(cache.read_bytes(), type=Probe)
        except (msgspec.DecodeError, UnicodeDecodeError, OSError):
            cache.unlink(missing_ok=True)
    command = [*python, "-c", _PROBE, *(["--environ"] if wrapped else [])]
    text = _output(command, settings)
    try:
        probe = (
            msgspec.json.decode(text.strip().splitlines()[-1], type=Probe) if text and text.strip() else None
        )
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if probe is None:
        return None
    added = {name: value for name, value in probe.overlay.items() if settings.environ.get(name) != value}
    probe = msgspec.structs.replace(probe, overlay=added)
    if cache is not None:
        private_folder(cache.parent)
        write_private(cache, msgspec.json.encode(probe))
    return probe


def _cache_file(settings: Settings, python: Path) -> Path | None:
    """Named by what changes when anything is installed into that environment: its site-packages folders' own times."""
    prefix = python.parent.parent
    marks = [str(python)]
    for folder in sorted(prefix.glob("lib/python*/site-packages")):
        marks.append(f"{folder} {folder.stat().st_mtime_ns}")
    if len(marks) == 1 or not (prefix / "pyvenv.cfg").is_file():
        return None
    digest = hashlib.sha256("\n".join(marks).encode()).hexdigest()[:24]
    return settings.cache_dir / "dbt" / "probes" / f"{digest}.json"


_CLOUD = re.compile(r"dbt Cloud CLI\s*-?\s*v?(\d[\w.\-]*)", re.IGNORECASE)
_V2 = re.compile(r"^\s*(?:dbt(?:-fusion)?|fusion)\s+v?(\d[\w.\-]*)", re.IGNORECASE | re.MULTILINE)
_V1 = re.compile(r"installed:\s*(1\.\d[\w.\-]*)")


def ask_version(command: tuple[str, ...], settings: Settings) -> tuple[str, str] | None:
    """(kind, version) by `--version`: (`v1`, `1.11.16`), (`v2`, `2.0.0-preview.196`), (`cloud`, `0.38.2`)."""
    text = _output([*command, "--version"], settings, both=True)
    return read_version(text) if text else None


def read_version(text: str) -> tuple[str, str] | None:
    """Tell the three by what `--version` prints."""
    for kind, pattern in (("cloud", _CLOUD), ("v1", _V1), ("v2", _V2)):
        match = pattern.search(text)
        if match:
            return kind, match[1]
    return None


def _output(command: list[str], settings: Settings, *, both: bool = False) -> str | None:
    try:
        done = subprocess.run(
            command,
            cwd=settings.project,
            env=dict(settings.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if both else subprocess.DEVNULL,
            timeout=_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode(errors="replace") if done.returncode == 0 else None
