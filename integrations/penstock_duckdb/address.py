"""Where a DuckDB database is, told from its settings alone: no import of duckdb, no look at the file."""

from __future__ import annotations

import re
from pathlib import Path

from penstock.errors import ConfigError
from penstock.integration import Address, Connection
from penstock.system.files import settled

MEMORY = ":memory:"
# DuckDB itself renames a database whose file is called like one of its own.
_RESERVED = frozenset({"main", "temp", "system"})
_REMOTE = re.compile(r"^(md:|motherduck:|ducklake:|[a-z][a-z0-9+.-]+://)", re.IGNORECASE)


def address_of(connection: Connection, project_root: Path) -> Address:
    """The address of a `type: duckdb` connection. A file inside the project is named relative to it."""
    place = _path_setting(connection)
    schema = connection.settings.get("schema")
    database = database_name(place)
    if place == MEMORY or _REMOTE.match(place):
        shown = place.partition("?")[0]  # what follows may be a token
    else:
        shown = _shown(file_of(connection), project_root)
    namespace = f"duckdb:{shown}"
    return Address(
        namespace=namespace,
        dialect="duckdb",
        resource=namespace,
        slots=1,
        database=database,
        schema=schema if isinstance(schema, str) and schema else "main",
    )


def file_of(connection: Connection) -> Path:
    """The database file. Raises ConfigError for a database that is no local file."""
    place = _path_setting(connection)
    if place == MEMORY or _REMOTE.match(place):
        raise ConfigError(
            f"'{place.partition('?')[0]}' is not a local DuckDB file",
            hint="penstock reads and loads DuckDB files; give `path` the name of one",
        )
    return settled(connection.base, place)


def attached_of(connection: Connection) -> dict[str, Path]:
    """Further DuckDB files by the names under which their tables are known. What is no local DuckDB file is left out."""
    found: dict[str, Path] = {}
    attached = connection.settings.get("attach")
    for one in attached if isinstance(attached, list | tuple) else ():
        told = one if isinstance(one, dict) else {"path": one}
        place, kind = str(told.get("path") or ""), str(told.get("type") or "duckdb")
        if place and kind == "duckdb" and place != MEMORY and not _REMOTE.match(place):
            alias = str(told.get("alias") or database_name(place))
            found[alias] = settled(connection.base, place)
    return found


def is_file(connection: Connection) -> bool:
    place = _path_setting(connection)
    return place != MEMORY and not _REMOTE.match(place)


def database_name(place: str) -> str:
    """The catalog name that DuckDB gives a database at this path: the file's name up to its first dot."""
    if place == MEMORY:
        return "memory"
    base = re.split(r"[/\\]", re.sub(r"^[a-z]+:(?=[^/\\])", "", place.partition("?")[0]))[-1]
    stem = next((part for part in base.split(".") if part), base)
    return f"{stem}_db" if stem.lower() in _RESERVED else stem


def _path_setting(connection: Connection) -> str:
    settings = connection.settings
    place = settings.get("path")
    return place if isinstance(place, str) and place else MEMORY


def _shown(file: Path, project_root: Path) -> str:
    try:
        return file.relative_to(project_root.resolve()).as_posix()
    except ValueError:
        return file.as_posix()
