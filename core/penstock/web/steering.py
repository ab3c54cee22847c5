"""Automation: what is scheduled and what became of it, and a person's word on it."""

from __future__ import annotations

from typing import Annotated

import msgspec

from penstock.service import automation, inbox
from penstock.service.automationpage import status_document
from penstock.service.branches import BranchesDocument, branches
from penstock.service.people import Right
from penstock.service.simulating import Simulated, simulate
from penstock.web import schema
from penstock.web.routes import Call, Route

FORMAT = 1


class TicksQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    limit: schema.Limit = 10


def status(call: Call) -> dict[str, object]:
    """Schedules name selections of the whole project: they are for those who see all of it."""
    call.view.require(Right.VIEW, call.serving.seen().graph.assets)
    return status_document(
        automation.status(call.serving.workspace, call.serving.command_of, limit=call.asked(TicksQuery).limit)
    )


def events(call: Call) -> inbox.EventsDocument:
    """Bodies are what others wrote: they may hold data."""
    call.view.require(Right.VIEW, call.serving.seen().graph.assets)
    return inbox.events(call.serving.workspace, call.asked(TicksQuery).limit)


def pause(call: Call) -> schema.Told:
    call.view.require(Right.EDIT, call.serving.seen().graph.assets)
    told = call.told(schema.PauseRequest)
    automation.pause(call.serving.workspace, told.schedule, call.view.who.user, told.why)
    return schema.Told(format=FORMAT, message=f"{told.schedule or 'everything'} is paused")


def resume(call: Call) -> schema.Told:
    call.view.require(Right.EDIT, call.serving.seen().graph.assets)
    schedule = call.told(schema.PauseRequest).schedule
    was = automation.resume(call.serving.workspace, schedule)
    return schema.Told(
        format=FORMAT,
        message=f"{schedule or 'everything'} {'goes on' if was else 'was not paused'}",
    )


class SimulateQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`every`: seconds between the syncs of a connection; `rows`: the part of them that bring new rows."""

    days: Annotated[float, msgspec.Meta(ge=0.1, le=31)] = 7.0
    every: Annotated[float, msgspec.Meta(ge=60, le=31 * 86_400)] = 3_600.0
    rows: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0
    seed: Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31)] = 1


def simulated(call: Call) -> Simulated:
    call.view.require(Right.EDIT, call.serving.seen().graph.assets)
    asked = msgspec.structs.asdict(call.asked(SimulateQuery))
    return simulate(call.serving.workspace, call.serving.command_of, **asked)


def environments(call: Call) -> BranchesDocument:
    call.view.require(Right.VIEW, call.serving.seen().graph.assets)
    return branches(call.serving.workspace.project.root)


ROUTES = (
    Route(method="GET", path="/api/v1/automation/simulate", name="simulate", about="What the policies would build, on a virtual clock.",
          right=Right.EDIT, handle=simulated, query=SimulateQuery, answer=Simulated, command="automation simulate"),
    Route(method="GET", path="/api/v1/environments", name="environments", about="The environments of branches.",
          right=Right.VIEW, handle=environments, answer=BranchesDocument, command="env list"),
    Route(method="GET", path="/api/v1/automation", name="automation", about="Schedules, their ticks and the daemons.",
          right=Right.VIEW, handle=status, query=TicksQuery, answer=schema.AutomationDocument, command="automation status"),
    Route(method="GET", path="/api/v1/automation/events", name="events", about="What other systems told, newest first, and what became of it.",
          right=Right.SEE_DATA, handle=events, query=TicksQuery, answer=inbox.EventsDocument, command="automation events"),
    Route(method="POST", path="/api/v1/automation/pause", name="pause", about="Nothing starts until it is resumed.",
          right=Right.EDIT, handle=pause, body=schema.PauseRequest, answer=schema.Told),
    Route(method="POST", path="/api/v1/automation/resume", name="unpause", about="Schedules start runs again.",
          right=Right.EDIT, handle=resume, body=schema.PauseRequest, answer=schema.Told),
)  # fmt: skip
