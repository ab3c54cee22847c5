"""A project opened for one command: its integrations, and the contexts that they are given. Observes and runs nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from penstock import registry
from penstock.assets.namespace import dialect_of, namespace_of
from penstock.errors import ConfigError, ToolError, ToolMissing, UsageError
from penstock.integration import (
    Address,
    Branched,
    Branching,
    Connecting,
    Connection,
    Copyable,
    Integration,
    ObserveContext,
    Warehouse,
    WarehouseContext,
    Warehousing,
    text_of,
    understood,
    whole_of,
)
from penstock.project import Project, load_project
from penstock.project.branch import STATE, branch_folder
from penstock.service.standing_in import stand_in
from penstock.system.files import close_to_others, private_folder, settled, write_private
from penstock.system.redaction import Secrets

# A warehouse that is no single file works for several at a time: so many invocations with all their threads, unless `pools` says.
_SHARED = 4


class Workspace:
    """One project in one environment with the command line's options. `progress` gets short lines for who waits."""

    def __init__(
        self,
        project: Project,
        *,
        options: Mapping[str, object] | None = None,
        environ: Mapping[str, str] | None = None,
        progress: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.project = project
        self.options: dict[str, object] = {
            k: v for k, v in (options or {}).items() if v not in (None, (), {}, False)
        }
        self.environ: Mapping[str, str] = os.environ if environ is None else environ
        self.progress = progress
        self._connections: dict[str, Connection] = {}
        self._branched: dict[tuple[str, str], Branched] = {}

    def renew(self, project: Project) -> None:
        """The same project with its penstock.yml read again."""
        self._connections, self._branched = {}, {}
        self.project = project

    @property
    def cache_dir(self) -> Path:
        """The user's cache: connector environments and the like, shared by all projects."""
        chosen = self.environ.get("PENSTOCK_CACHE_DIR")
        if chosen:
            return Path(chosen)
        if base := self.environ.get("XDG_CACHE_HOME"):
            return Path(base) / "penstock"
        if (
            sys.platform == "linux"
        ):  # what platformdirs says, which loads shutil, tempfile and random to say it
            return Path(os.path.expanduser("~/.cache"), "penstock")  # noqa: PTH111  # raises nothing without a home
        from platformdirs import user_cache_path

        return user_cache_path("penstock", appauthor=False)

    @property
    def state_dir(self) -> Path:
        """`.penstock/` beside the project file, made with a .gitignore of its own."""
        folder = private_folder(self.project.state_dir)
        close_to_others(folder)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            write_private(ignore, b"*\n")
        return folder

    def keep(self) -> None:
        """Make the folder of what is kept, for what is no work without. Raises ToolError where it cannot be written."""
        if self.project.stand_in is not None:
            raise ToolError(
                f"{self.project.root / STATE} cannot be written, and what is begun must be recorded",
                hint="let it be writable; what only reads works without",
            )
        self.state_dir  # noqa: B018  # makes the folder and its .gitignore

    def catalogs(self) -> tuple[str, ...]:
        """The warehouses of penstock.yml."""
        return tuple(self.project.document.warehouses)

    def settings(self, integration: str, instance: str) -> object:
        """An instance's validated settings. Raises ConfigError, MissingVariable."""
        tool = registry.integration(integration)
        found = self.project.settings(integration, instance, tool.config, tool.default_type)
        if self.project.branch is None or not isinstance(tool, Branching):
            return found
        return self._in_branch(tool, integration, instance, found)

    def _in_branch(self, tool: Branching, integration: str, instance: str, base: object) -> object:
        """The settings with which an instance works in the place of the branch, and what its tool must find in the environment."""
        known = self._branched.get((integration, instance))
        if known is None:
            context = self.observing(integration, instance, base, may_call=True)
            known = tool.in_branch(context, self.branched, self.branch_folder)
            self._branched[(integration, instance)] = known
            self.project.secrets.add(*known.environ.values())
            self.environ = {**self.environ, **known.environ}
        return known.config

    @property
    def branch_folder(self) -> Path:
        """What is the branch's own: its copies of warehouses, its profiles."""
        return branch_folder(self.project.state_dir, self.project.environment)

    def branched(self, connection: Connection) -> Connection:
        """The copy of a warehouse in which the branch works. Raises UsageError for one that cannot be copied here."""
        warehouse = self.warehouse_of(connection)
        if not isinstance(warehouse, Copyable):
            raise UsageError(
                f"a branch cannot have an environment of its own in a warehouse of type '{connection.type}' yet",
                hint="it can in DuckDB; elsewhere declare the environment in penstock.yml, with a schema of its own",
            )
        return warehouse.place_of_copy(self.branch_folder)

    def observing(
        self, integration: str, instance: str, config: object, *, may_call: bool, max_age: float | None = None
    ) -> ObserveContext[object]:
        return ObserveContext(
            project_root=self.project.root,
            state_dir=self.state_dir,
            cache_dir=self.cache_dir,
            instance=instance,
            config=config,
            environment=self.project.environment,
            may_call=may_call,
            environ=self.environ,
            options=understood(self.options, registry.integration(integration).options),
            address=self.address,
            connection=self.connection,
            progress=self.progress,
            secrets=self.project.secrets,
            max_age=self.project.document.refresh_seconds if max_age is None else max_age,
        )

    def context(
        self, integration: str, instance: str, *, may_call: bool, max_age: float | None = None
    ) -> ObserveContext[object]:
        """What an instance of penstock.yml is given to look around. Raises ConfigError, MissingVariable."""
        settings = self.settings(integration, instance)
        return self.observing(integration, instance, settings, may_call=may_call, max_age=max_age)

    def connection(self, name: str) -> Connection:
        """A warehouse of penstock.yml by name, followed into a dbt profile where it says so. Raises ConfigError."""
        if name not in self._connections:
            self._connections[name] = found = self._connect(name, self.project.warehouse(name))
            self.project.secrets.add_named(found.settings)
        return self._connections[name]

    def _connect(self, name: str, settings: dict[str, object]) -> Connection:
        path = ("warehouses", name)
        if "type" in settings:
            self._refuse_useless(name, str(settings["type"]))
            rest = {key: value for key, value in settings.items() if key != "type"}
            own = Connection(type=str(settings["type"]), settings=rest, base=self.project.root)
            return own if self.project.branch is None else self.branched(own)
        followed = [key for key in settings if key in registry.names()]
        if len(settings) != 1 or len(followed) != 1:
            raise self.project.error(
                f"warehouse '{name}' needs a type, or the instance whose connection it is",
                path,
                hint="write {dbt: transform}, or {type: duckdb, path: shop.duckdb}",
            )
        integration, instance = followed[0], str(settings[followed[0]])
        if (integration, instance) not in self.project.instances:
            raise self.project.error(f"there is no {integration} instance '{instance}'", path)
        context = self.context(integration, instance, may_call=False)
        tool = registry.integration(integration)
        found = tool.connection(context) if isinstance(tool, Connecting) else None
        if found is None:
            raise self.project.error(f"{integration}.{instance} has no connection of its own", path)
        return found

    def _refuse_useless(self, name: str, kind: str) -> None:
        """A warehouse that nothing here can read or write is no setting, it is a misunderstanding."""
        works = [
            one
            for one in registry.names()
            if self._warehouse_at(Connection(type=one, settings={}, base=self.project.root))
        ]
        if kind in works:
            return
        raise self.project.error(
            f"warehouse '{name}': the type '{kind}' is not supported: nothing would read it or load into it",
            ("warehouses", name),
            hint=f"supported: {', '.join(works)}; or the connection of a dbt project, whatever its type: {{dbt: NAME}}",
        )

    def warehouse_of(self, connection: Connection) -> Warehouse | None:
        """The warehouse behind a connection; None when no installed integration knows its type."""
        return self._warehouse_at(connection) if connection.type in registry.names() else None

    def _warehouse_at(self, connection: Connection) -> Warehouse | None:
        context = WarehouseContext(connection=connection, project_root=self.project.root)
        known = registry.integration(connection.type)
        return known.warehouse(context) if isinstance(known, Warehousing) else None

    def warehouse(self, name: str) -> Warehouse:
        """A warehouse of penstock.yml by name. Raises ToolMissing when its integration is not installed."""
        connection = self.connection(name)
        found = self.warehouse_of(connection)
        if found is None:
            raise ToolMissing(
                f"warehouse '{name}' is of type '{connection.type}', which no installed integration knows",
                hint="installed: " + ", ".join(registry.names()),
            )
        return found

    def address(self, connection: Connection) -> Address:
        """Where a connection leads; by OpenLineage's naming when its integration is not installed."""
        try:
            known = self.warehouse_of(connection)
        except ToolMissing:
            known = None
        if known is not None:
            return known.address
        namespace = namespace_of(connection.type, connection.settings)
        settings = connection.settings
        return Address(
            namespace=namespace,
            dialect=dialect_of(connection.type),
            resource=namespace,
            slots=_SHARED * (whole_of(settings, "threads") or 4),
            database=text_of(settings, "database")
            or text_of(settings, "dbname")
            or text_of(settings, "catalog"),
            schema=text_of(settings, "schema"),
        )

    def catalog_context(
        self, name: str, *, may_call: bool
    ) -> tuple[Integration, ObserveContext[object]] | None:
        """Who reads the catalog of that warehouse, and with which context; None when its type has no integration."""
        connection = self.connection(name)
        if connection.type not in registry.names():
            return None
        reader = registry.integration(connection.type)
        known = {field.encode_name for field in msgspec.structs.fields(reader.config)}
        settings = {key: value for key, value in connection.settings.items() if key in known}
        for name_of_file in ("path", "private_key_path"):
            if isinstance(path := settings.get(name_of_file), str) and ":" not in path:
                settings[name_of_file] = str(settled(connection.base, path))
        try:
            config = msgspec.convert(settings, reader.config, strict=False)
        except msgspec.ValidationError as wrong:
            raise self.project.error(str(wrong), ("warehouses", name)) from None
        return reader, self.observing(connection.type, name, config, may_call=may_call)


def open_workspace(
    start: Path,
    *,
    environment: str | None = None,
    options: Mapping[str, object] | None = None,
    progress: Callable[[str], None] = lambda line: None,
    secrets: Secrets | None = None,
    file: Path | None = None,
) -> Workspace:
    """The workspace of the project at or above `start`; `file`: see `load_project`. Raises NoProjectError, ConfigError."""
    project = load_project(
        start,
        environment=environment,
        integrations=registry.names(),
        alone=registry.folders(),
        secrets=secrets,
        file=file,
    )
    for integration, instance in project.instances:
        if not instance.replace("-", "").replace("_", "").replace(".", "").isalnum():
            raise ConfigError(
                f"'{instance}' cannot name an instance of {integration}: use letters, digits, - and _"
            )
    stand_in(project, progress)
    return Workspace(project, options=options, progress=progress)
