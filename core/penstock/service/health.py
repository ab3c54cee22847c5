"""`doctor`: config, tools, versions, connectivity and findings, each with its fix. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from penstock import registry
from penstock.assets import Finding
from penstock.errors import PenstockError
from penstock.integration import Diagnosis
from penstock.service.observe import look
from penstock.service.workspace import Workspace


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What doctor found. `ok` is false when a line is not ok; findings alone do not make it so."""

    lines: tuple[Diagnosis, ...]
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        return all(line.ok for line in self.lines)


def examine(workspace: Workspace) -> Report:
    """Every line of doctor. An error of one part is a line of its own; the rest goes on."""
    lines = [_project(workspace), *_instances(workspace), *_warehouses(workspace), _store(workspace)]
    findings: tuple[Finding, ...] = ()
    try:
        findings = look(workspace).graph.findings
    except PenstockError as error:
        lines.append(_failed("graph", error))
    return Report(lines=tuple(lines), findings=findings)


def _project(workspace: Workspace) -> Diagnosis:
    project = workspace.project
    where = project.file or f"{project.root} (a dbt project, no penstock.yml)"
    return Diagnosis(
        subject="project", ok=True, message=f"{project.name}, environment {project.environment}: {where}"
    )


def _instances(workspace: Workspace) -> Iterator[Diagnosis]:
    for integration, instance in workspace.project.instances:
        try:
            context = workspace.context(integration, instance, may_call=False)
            yield from registry.integration(integration).diagnose(context)
        except PenstockError as error:
            yield _failed(f"{integration}/{instance}", error)


def _warehouses(workspace: Workspace) -> Iterator[Diagnosis]:
    for name in workspace.catalogs():
        try:
            found = workspace.catalog_context(name, may_call=False)
            if found is None:
                connection = workspace.connection(name)
                yield Diagnosis(
                    subject=f"warehouse/{name}",
                    ok=True,
                    message=f"{connection.type}: no integration for it is installed; its catalog is not read",
                )
            else:
                yield from found[0].diagnose(found[1])
        except PenstockError as error:
            yield _failed(f"warehouse/{name}", error)


def _store(workspace: Workspace) -> Diagnosis:
    from penstock.service.history import reading_store

    try:
        with reading_store(workspace) as store:
            if store is None:
                return Diagnosis(subject="store", ok=True, message="not made yet: the first run makes it")
            return Diagnosis(subject="store", ok=True, message=store.place)
    except PenstockError as error:
        return _failed("store", error)


def _failed(subject: str, error: PenstockError) -> Diagnosis:
    where = f"{error.where}: " if error.where else ""
    return Diagnosis(subject=subject, ok=False, message=f"{where}{error.what}", hint=error.hint)
