"""dbt's sentences made fit for one message: without its log's indentation, colours and blank lines. Text only."""

from __future__ import annotations

import re
from pathlib import Path

# dbt's classes of errors (and the heads of their texts) that only an edit of the project or profile can mend.
_USERS_OWN = frozenset(
    [
        "CompilationError",
        "ParsingError",
        "DuplicateResourceNameError",
        "DuplicateMacroNameError",
        "DuplicateYamlKeyException",
        "EnvVarMissingError",
        "RequiredVarNotFoundError",
        "YamlParseDictError",
        "YamlParseListError",
        "YamlLoadError",
        "DbtProjectError",
        "DbtProfileError",
        "DbtConfigError",
        "DbtUsageException",
        "DbtValidationError",
        "SchemaConfigError",
        "UninstalledPackagesFoundError",
        "DependencyError",
    ]
)
_HEADS = (
    "Compilation Error",
    "Parsing Error",
    "Usage Error",
    "Env var required",
    "Validation Error",
    "Could not find profile",
)
_ERROR = re.compile(r"[\w.]*(?:Error|Exception|Interrupt)\b")
_TIMED = re.compile(r"\d\d:\d\d:\d\d")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def clean(text: str) -> str:
    """dbt's message without what it adds for its own log."""
    lines = [line.rstrip() for line in _COLOUR.sub("", text).strip().splitlines()]
    return "\n".join(line for line in lines if line)


def one_line(text: str) -> str:
    return " ".join(clean(text).split())


def users_own(name: str | None, text: str) -> bool:
    """Whether this is a mistake in the project, its profile or the command: trying again without an edit cannot help."""
    return name in _USERS_OWN or clean(text).startswith(_HEADS)


def told_error(output: str) -> str:
    """The error that a command of dbt ended with, among warnings before and behind it; else the last line."""
    lines = clean(output).splitlines()
    begins = [at for at, line in enumerate(lines) if line.rstrip().endswith("Encountered an error:")]
    if not begins:
        return lines[-1].strip() if lines else ""
    behind = lines[begins[-1] + 1 :]
    end = next((at for at, line in enumerate(behind) if _TIMED.match(line)), len(behind))
    return "\n".join(behind[:end]) or lines[-1].strip()


def last_line(output: Path) -> str | None:
    """The last thing a process printed."""
    try:
        lines = clean(output.read_text(encoding="utf-8", errors="replace")).splitlines()
    except FileNotFoundError:
        return None
    return lines[-1].strip() if lines else None


def last_error(output: Path) -> str | None:
    """The last error that a Python process printed; what comes at its exit (leak reports of extensions) is none."""
    try:
        lines = clean(output.read_text(encoding="utf-8", errors="replace")).splitlines()
    except FileNotFoundError:
        return None
    return next((line for line in reversed(lines) if _ERROR.match(line)), None)
