"""`doctor`: config, tools, versions, connectivity and findings, each with its fix. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from penstock import registry
from penstock.assets import Finding
from penstock.errors import PenstockError, StoreError, WarehouseBusy
from penstock.graph import AssetGraph
from penstock.integration import Diagnosing, Diagnosis
from penstock.run.executors import refuse_unknown
from penstock.service.inuse import refuse_if_in_use
from penstock.service.joined import checked_by_name, joined_lines
from penstock.service.observe import GraphView, look, unread
from penstock.service.readiness import failed, readiness
from penstock.service.scheduled import CommandOf
from penstock.service.workspace import Workspace


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What doctor found. `ok` is false when a line is not ok; findings alone do not make it so."""

    lines: tuple[Diagnosis, ...]
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        return all(line.ok for line in self.lines)


def examine(workspace: Workspace, command_of: CommandOf | None = None, *, may_call: bool = True) -> Report:
    """Every line of doctor. An error of one part is a line of its own; the rest goes on, and one error is one line.

    Tools are started, and what they reach is asked, only when `may_call`; else the lines say what that leaves unchecked.
    `command_of` reads what schedules run.
    """
    lines = [
        _project(workspace),
        *_instances(workspace, may_call),
        *_warehouses(workspace, may_call),
        *_executor(workspace, may_call),
        _store(workspace),
        *_predictions(workspace),
    ]
    findings: tuple[Finding, ...] = ()
    seen = None
    try:
        seen = look(workspace)
        lines += _unread(workspace, seen, lines)
        findings = (*seen.graph.findings, *_audits(workspace, seen.graph))
        lines += joined_lines(seen.graph)
        lines += checked_by_name(seen.graph)
    except PenstockError as error:
        lines.append(_unseen(error, lines))
    lines += readiness(workspace, seen, command_of, may_call)
    return Report(lines=tuple(lines), findings=findings)


_APART = "how the tools' assets fit together: mend what is wrong above first"
_EARLIER = "how the tools' assets fit with what lies there now: penstock refresh asks again"


def _unseen(error: PenstockError, lines: list[Diagnosis]) -> Diagnosis:
    """An error that a line above tells is not told again, but what it leaves unchecked is."""
    if _is_told(error.what, lines):
        return Diagnosis(subject="graph", ok=True, message="not read", unchecked=_APART)
    return failed("graph", error)


def _unread(workspace: Workspace, seen: GraphView, lines: list[Diagnosis]) -> list[Diagnosis]:
    """The graph is there without the present catalog of a warehouse: one that is wrong, as a line above tells, or that could not be
    asked when it was last tried (a run works in it, it was away)."""
    told: dict[str, Diagnosis] = {}
    for one in unread(workspace, seen):  # `warehouse/main: not read: why`
        wrong = _is_told(one.split(": ", 2)[-1], lines)
        message, unchecked = ("not read whole", _APART) if wrong else (one, _EARLIER)
        told[message] = Diagnosis(subject="graph", ok=True, message=message, unchecked=unchecked)
    return list(told.values())


def _is_told(what: str, lines: list[Diagnosis]) -> bool:
    return any(not line.ok and line.message.endswith(what) for line in lines)


def _audits(workspace: Workspace, graph: AssetGraph) -> tuple[Finding, ...]:
    """What audits of reuse found. A store that cannot be read has a line of its own."""
    from penstock.service import auditing, recorded
    from penstock.service.history import reading_store

    try:
        with reading_store(workspace) as store:
            environment = workspace.project.environment
            if store is None:
                return ()
            wrong = auditing.findings(store, graph, environment)
            return (*wrong, *recorded.older_code(store, graph, environment))
    except StoreError:
        return ()


def _predictions(workspace: Workspace) -> Iterator[Diagnosis]:
    from penstock.service.predicting import diagnosis

    try:
        found = diagnosis(workspace)
    except StoreError:
        return  # a line of its own
    if found is not None:
        yield found


def _project(workspace: Workspace) -> Diagnosis:
    project = workspace.project
    where = project.file or f"{project.root} (a dbt project, no penstock.yml)"
    return Diagnosis(
        subject="project", ok=True, message=f"{project.name}, environment {project.environment}: {where}"
    )


def _instances(workspace: Workspace, may_call: bool) -> Iterator[Diagnosis]:
    for integration, instance in workspace.project.instances:
        try:
            context = workspace.context(integration, instance, may_call=may_call)
            tool = registry.integration(integration)
            if isinstance(tool, Diagnosing):
                yield from tool.diagnose(context)
        except PenstockError as error:
            yield failed(f"{integration}/{instance}", error)


def _warehouses(workspace: Workspace, may_call: bool) -> Iterator[Diagnosis]:
    for name in workspace.catalogs():
        try:
            found = workspace.catalog_context(name, may_call=may_call)
            if found is None:
                connection = workspace.connection(name)
                yield Diagnosis(
                    subject=f"warehouse/{name}",
                    ok=True,
                    message=f"{connection.type}, as dbt's profile names it",
                    unchecked="whether it answers, its catalog: no integration for its type is installed",
                )
            elif isinstance(found[0], Diagnosing):
                refuse_if_in_use(workspace, found[1].address(workspace.connection(name)))
                yield from found[0].diagnose(found[1])
        except (WarehouseBusy, StoreError) as error:
            busy = isinstance(error, WarehouseBusy)
            yield Diagnosis(
                subject=f"warehouse/{name}",
                ok=True,
                message=error.what if busy else "the run store does not say whether a run works in it",
                unchecked="whether it can be opened",
            )
        except PenstockError as error:
            yield failed(f"warehouse/{name}", error)


def _executor(workspace: Workspace, may_call: bool) -> Iterator[Diagnosis]:
    address = workspace.project.executor()
    if address == "local":
        return
    try:
        refuse_unknown(address)
        if not may_call:
            yield Diagnosis(subject="executor", ok=True, message=address, unchecked="whether it answers")
            return
        from penstock.run.dask import count_workers

        workers = count_workers(address)
        words = f"{workers} worker" + ("" if workers == 1 else "s")
        yield Diagnosis(
            subject="executor",
            ok=workers > 0,
            message=f"{address}: {words}",
            hint=None if workers else "its steps would wait for ever: start a worker, or use executor: local",
            unchecked="whether the workers see this folder and its variables" if workers else None,
        )
    except PenstockError as error:
        yield failed("executor", error)


def _store(workspace: Workspace) -> Diagnosis:
    from penstock.service.history import reading_store
    from penstock.store.rights import unwritable

    try:
        with reading_store(workspace) as store:
            place = store.place if store is not None else None
        why = unwritable(workspace.project.store_url(), workspace.project.root)
        told = place or ("not made yet" if why else "not made yet: the first run makes it")
        return Diagnosis(subject="store", ok=why is None, message=f"{told}; {why}" if why else told)
    except PenstockError as error:
        return failed("store", error)
