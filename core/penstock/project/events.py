"""The `events` part of penstock.yml: which other systems may tell of something, and what is looked at. Settings only; nothing is taken here."""

from __future__ import annotations

import re

import msgspec

from penstock.errors import ConfigError
from penstock.project.positions import Located

SENSORS = ("files", "value", "rows")
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")


class EventSource(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who tells, by `type`: `signed`, `token`, `github`, or the tool of an integration. `secret`: what it signs with; `token`: what
    it shows, where it cannot sign. Or what is looked at, `every` so often: `files` below a `path`, the `value` or the `rows` that a
    `query` gives in a `warehouse`."""

    type: str
    secret: str | None = None
    token: str | None = None
    path: str | None = None
    query: str | None = None
    warehouse: str | None = None
    every: str | None = None


def check_names(names: dict[str, object], located: Located, file: str) -> None:
    """Raises ConfigError with file:line: a name is a part of a URL."""
    for name in names:
        if not _NAME.match(name):
            line = located.line(("events", name))
            raise ConfigError(
                f"events: {name!r} is no name: letters, digits, - and _",
                where=f"{file}:{line}" if line else file,
            )
