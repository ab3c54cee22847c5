"""The project of one environment: where it lies, what it says, and its parts resolved on demand."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from penstock.commandline import ProjectFolder
from penstock.errors import ConfigError, nearest_names
from penstock.project.alerts import AlertSettings, addresses
from penstock.project.branch import STATE, Branch, read_branch
from penstock.project.document import Document, read_document
from penstock.project.events import EventSource
from penstock.project.interpolate import Resolver
from penstock.project.locate import Place, locate
from penstock.project.positions import Located, overlaid, read_yaml
from penstock.project.settings import convert_settings
from penstock.system.redaction import Secrets
from penstock.system.safe_yaml import read_text

T = TypeVar("T")


class Project:
    """A project in one environment; `branch` where that is none of penstock.yml. Nothing outside is read or resolved until a part is asked for."""

    def __init__(
        self,
        place: Place,
        document: Document,
        located: Located,
        environment: str,
        resolver: Resolver,
        branch: Branch | None = None,
    ) -> None:
        self.root = place.root
        self.file = place.file
        self.tool = place.tool  # the integration whose project this folder is; "" with a penstock.yml
        self.document = document
        self.environment = environment
        self.branch = branch
        self.stand_in: Path | None = None  # for `.penstock`, where that cannot be written
        self._located = located
        self._resolver = resolver

    @property
    def name(self) -> str:
        return self.document.name

    @property
    def implied(self) -> bool:
        """No penstock.yml: the folder of one tool's project is the whole project."""
        return self.file is None

    @property
    def state_dir(self) -> Path:
        return self.stand_in or self.root / STATE

    @property
    def instances(self) -> tuple[tuple[str, str], ...]:
        """(integration, instance) of everything that penstock.yml names, warehouses not included."""
        return tuple(self.document.instances)

    def settings(self, integration: str, instance: str, kind: type[T], default_type: str | None = None) -> T:
        """That instance's settings, resolved and checked; of `default_type` where it names none. Raises ConfigError,
        MissingVariable."""
        raw = self.document.instances[(integration, instance)]
        if default_type is not None and "type" not in raw:
            raw = {"type": default_type, **raw}
        return self._convert(raw, kind, (integration, instance))

    def warehouse(self, name: str) -> dict[str, object]:
        """The resolved settings of a warehouse of penstock.yml. Raises ConfigError when there is none of that name."""
        known = self.document.warehouses
        if name not in known:
            near = nearest_names(name, known)
            raise ConfigError(
                f"no warehouse '{name}'" + (f"; did you mean '{near[0]}'?" if near else ""),
                where=self._where(()),
                hint="warehouses: " + (", ".join(known) or "none are named in penstock.yml"),
            )
        path = ("warehouses", name)
        resolved = self._resolver.resolved(known[name], path, self._where)
        self.secrets.add_named(resolved)
        return resolved

    def warehouse_settings(self, name: str, settings: dict[str, object], kind: type[T]) -> T:
        """Settings of a warehouse (without `type`) as the integration's config type."""
        path = ("warehouses", name)
        return convert_settings(settings, kind, path, self._located, self._file)

    def alerts(self) -> AlertSettings:
        """Channels and routes, their secrets resolved. Raises ConfigError, MissingVariable."""
        found = self._convert(self.document.alerts, AlertSettings, ("alerts",))
        self.secrets.add(*addresses(found))
        return found

    def events(self) -> dict[str, EventSource]:
        """Who may tell of something, by name, secrets resolved. Raises ConfigError, MissingVariable."""
        return self._convert(self.document.events, dict[str, EventSource], ("events",))

    def store_url(self) -> str:
        """The run store's URL, resolved; a relative SQLite path starts at the project's root."""
        url = str(self._resolver.resolve(self.document.store, ("store",), self._where))
        self.secrets.add_named({"store": url})
        prefix = "sqlite:///"
        if url.startswith(prefix) and not url.startswith(prefix + "/"):
            return prefix + str(self.root / url[len(prefix) :])
        return url

    def executor(self) -> str:
        """Where steps run: `local`, or the address of a scheduler, whose password no library's own words shall show."""
        self.secrets.add_named({"executor": self.document.executor})
        return self.document.executor

    @property
    def secrets(self) -> Secrets:
        """What must not be shown: every value that penstock.yml took from the environment or a file, and what is added."""
        return self._resolver.secrets

    def redact(self, text: str) -> str:
        """`text` without any secret that is known by now."""
        return self._resolver.secrets.redact(text)

    def place(self, path: tuple[str | int, ...]) -> str:
        """file:line of that part of penstock.yml."""
        return self._where(path)

    def says(self, path: tuple[str | int, ...]) -> bool:
        """Whether that part is written in penstock.yml."""
        node: object = self._located.data
        for part in path:
            if not isinstance(node, dict) or part not in node:
                return False
            node = node[part]
        return True

    def error(self, what: str, path: tuple[str | int, ...], hint: str | None = None) -> ConfigError:
        return ConfigError(what, where=self._where(path), hint=hint)

    def _convert(self, raw: dict[str, object], kind: type[T], path: tuple[str | int, ...]) -> T:
        resolved = self._resolver.resolved(raw, path, self._where)
        self.secrets.add_named(resolved)
        return convert_settings(resolved, kind, path, self._located, self._file)

    @property
    def _file(self) -> str:
        return self.file.name if self.file else "(no penstock.yml)"

    def _where(self, path: tuple[str | int, ...]) -> str:
        line = self._located.line(path)
        return f"{self._file}:{line}" if line else self._file


def load_project(
    start: Path,
    *,
    environment: str | None,
    integrations: tuple[str, ...],
    alone: Mapping[str, ProjectFolder] | None = None,
    environ: Mapping[str, str] | None = None,
    secrets: Secrets | None = None,
    file: Path | None = None,
) -> Project:
    """The project at or above `start`; `alone` says of which integrations a folder can be one. `environment` None: PENSTOCK_ENV, else dev. What is found secret goes to `secrets`.

    `file`: the penstock.yml that it was before; where that is gone, no other one, and no folder of a tool, takes its place.

    Raises NoProjectError, ConfigError.
    """
    environ = os.environ if environ is None else environ
    alone = alone or {}
    place = locate(start, alone)
    if file is not None and place.file != file:  # an editor that writes anew removes it for a moment
        raise ConfigError("it is not there any more", where=file.name)
    chosen = environment or environ.get("PENSTOCK_ENV") or "dev"
    located = _located(place, alone)
    branch = read_branch(place.root / STATE, chosen)
    base = branch.base if branch else chosen
    document = read_document(
        located,
        file=place.file.name if place.file else "(no penstock.yml)",
        default_name=place.root.name,
        environment=base,
        integrations=integrations,
    )
    secrets = Secrets() if secrets is None else secrets
    secrets.add_environ(environ)
    located = overlaid(located, ("environments", base))
    return Project(place, document, located, chosen, Resolver(environ, place.root, secrets), branch)


def _located(place: Place, alone: Mapping[str, ProjectFolder]) -> Located:
    if place.file is None:
        # The shortest penstock.yml there is: the tool's project in this folder, and the warehouse that it works in.
        name = re.sub(r"[^A-Za-z0-9_-]", "_", place.root.name) or "project"
        settings = {alone[place.tool].setting: "."}
        return Located({place.tool: {name: settings}, "warehouses": {"main": {place.tool: name}}}, {})
    try:
        text = read_text(place.file, place.file.name)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=place.file.name) from None
    return read_yaml(text, place.file.name)
