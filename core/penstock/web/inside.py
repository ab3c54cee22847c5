"""Inside an asset and inside the project: SQL with its marks, the history of checks, drift, what is followed, what doctor says."""

from __future__ import annotations

from penstock.service.doctorpage import coverage_document
from penstock.service.drift import FORMAT as DRIFT_FORMAT
from penstock.service.drift import DriftDocument, drifts
from penstock.service.explore import iso
from penstock.service.inspect import NoRuns
from penstock.service.own_process import doctor_apart
from penstock.service.people import NotAllowed, Right
from penstock.service.sqlpage import SqlDocument
from penstock.web import promiseschema, schema
from penstock.web.routes import Call, Route
from penstock.web.visible import visible_key

FORMAT = 1


def sql(call: Call) -> SqlDocument:
    key = visible_key(call, call.asked(schema.AssetQuery).name)
    reach = call.view.reach(Right.SEE_DATA)
    if reach is not None and key not in reach:
        raise NotAllowed("SQL needs the right see_data", hint="ask who gives rights here")
    return call.serving.sql(key)


def checks(call: Call) -> promiseschema.ChecksDocument:
    asked = call.asked(promiseschema.ChecksQuery)
    key = visible_key(call, asked.name)
    graph, visible, environment = call.serving.seen().graph, call.view.visible, call.view.environment
    wanted = [one for one in graph.checks_of.get(key, ()) if call.view.sees(one.key, visible)]
    try:
        with call.serving.store() as store:
            results = {one.key: store.checks_of(environment, one.key, limit=asked.limit) for one in wanted}
            numbers = store.run_numbers({result.run for found in results.values() for result in found})
    except NoRuns:
        results, numbers = {}, {}
    told = [
        promiseschema.CheckHistory(
            name=one.name,
            kind=one.kind,
            severity=one.severity.value,
            column=one.column,
            results=tuple(
                promiseschema.CheckResult(
                    run=numbers.get(result.run), outcome=result.outcome, ended_at=iso(result.ended_at),
                    seconds=result.seconds, failures=result.failures, message=result.message,
                )
                for result in results.get(one.key, ())
            ),
        )
        for one in wanted
    ]  # fmt: skip
    return promiseschema.ChecksDocument(format=FORMAT, name=graph.names.shown(key), checks=tuple(told))


def drift(call: Call) -> DriftDocument:
    """Of what was observed last: no source is asked. It names columns everywhere: for those who see all."""
    seen, project = call.serving.seen(), call.serving.workspace.project
    call.view.require(Right.VIEW, seen.graph.assets)
    changes = call.serving.kept(("drift",), lambda: drifts(call.serving.workspace, seen))
    return DriftDocument(
        format=DRIFT_FORMAT, project=project.name, environment=project.environment, changes=changes
    )


def coverage(call: Call) -> dict[str, object]:
    seen = call.serving.seen()
    call.view.require(Right.VIEW, seen.graph.assets)
    return coverage_document(seen, call.serving.columns())


def doctor(call: Call) -> dict[str, object]:
    """As `--offline`: no tool is started, and nobody is asked. It names folders and hosts: for admins."""
    return doctor_apart(call.serving.workspace, call.serving.command_of)


ROUTES = (
    Route(method="GET", path="/api/v1/sql", name="sql", about="The compiled SQL of an asset, with the places that make each column.",
          right=Right.SEE_DATA, handle=sql, query=schema.AssetQuery, answer=SqlDocument),
    Route(method="GET", path="/api/v1/checks", name="checks", about="The checks of an asset with their last results.",
          right=Right.VIEW, handle=checks, query=promiseschema.ChecksQuery, answer=promiseschema.ChecksDocument),
    Route(method="GET", path="/api/v1/drift", name="drift", about="What has changed at sources, and what that breaks, as observed last.",
          right=Right.VIEW, handle=drift, answer=DriftDocument, command="drift"),
    Route(method="GET", path="/api/v1/coverage", name="coverage", about="How much of the columns is followed, and what is not.",
          right=Right.VIEW, handle=coverage, answer=promiseschema.CoverageDocument, command="lineage --check"),
    Route(method="GET", path="/api/v1/doctor", name="doctor", about="What is in order and what is not, as far as nobody is asked.",
          right=Right.ADMIN, handle=doctor, answer=promiseschema.DoctorDocument, command="doctor --offline"),
)  # fmt: skip
