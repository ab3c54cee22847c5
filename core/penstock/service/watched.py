"""penstock.yml while a daemon works by it: read again whenever it changes, for everything that stands on the daemon's workspace."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from penstock import registry
from penstock.automation import Schedule, read_schedules
from penstock.errors import PenstockError, UsageError
from penstock.project import Project, load_project
from penstock.project.events import EventSource
from penstock.service.unattended import Command
from penstock.service.workspace import Workspace


class Watched:
    """A broken penstock.yml keeps the last good one, and is told once. `check` raises ConfigError for what is wrong beside the
    schedules."""

    def __init__(
        self,
        workspace: Workspace,
        read: Callable[[Schedule], Command],
        trouble: Callable[[str], None],
        check: Callable[[Workspace], None] = lambda workspace: None,
    ) -> None:
        self._workspace = workspace
        self._read = read
        self._trouble = trouble
        self._check = check
        self._stamp = self._now()
        self.schedules, self.commands = self._read_all(workspace.project)
        check(workspace)

    def events(self) -> Mapping[str, EventSource]:
        """As penstock.yml has them now. Raises ConfigError, MissingVariable."""
        return self._workspace.project.events()

    def __call__(self) -> tuple[Schedule, ...]:
        stamp = self._now()
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._take(self._again())
            except PenstockError as wrong:
                self._trouble(f"{str(wrong).splitlines()[0]}; penstock.yml as it was before still holds")
        return self.schedules

    def _take(self, project: Project) -> None:
        """All of it or nothing: schedules of one document and policies of another would be nobody's project."""
        before = self._workspace.project
        if project.store_url() != before.store_url():
            raise project.error("another run store: start penstock up anew", ("store",))
        found = self._read_all(project)
        self._check(Workspace(project, options=self._workspace.options, environ=self._workspace.environ))
        self._workspace.renew(project)
        self.schedules, self.commands = found

    def _read_all(self, project: Project) -> tuple[tuple[Schedule, ...], dict[str, Command]]:
        schedules = read_schedules(project)
        commands = {}
        for at, one in enumerate(schedules):
            try:
                commands[one.name] = self._read(one)
            except UsageError as wrong:
                raise project.error(
                    f"schedule '{one.name}': {wrong.what}", ("schedules", at, "run"), wrong.hint
                ) from None
        return schedules, commands

    def _again(self) -> Project:
        project = self._workspace.project
        return load_project(
            project.root,
            environment=project.environment,
            integrations=registry.names(),
            alone=registry.folders(),
            environ=self._workspace.environ,
            secrets=project.secrets,
            file=project.file,
        )

    def _now(self) -> tuple[int, int] | None:
        file = self._workspace.project.file
        if file is None:
            return None
        try:
            stat = file.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_size
