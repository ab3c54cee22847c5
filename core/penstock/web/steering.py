"""Automation: what is scheduled and what became of it, and a person's word on it."""

from __future__ import annotations

import msgspec

from penstock.service import automation
from penstock.service.automationpage import status_document
from penstock.service.people import Right
from penstock.web import schema
from penstock.web.routes import Call, Route

FORMAT = 1


class TicksQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    limit: schema.Limit = 10


def status(call: Call) -> dict[str, object]:
    """Schedules name selections of the whole project: they are for those who see all of it."""
    call.view.require(Right.VIEW, call.serving.seen().graph.assets)
    return status_document(
        automation.status(call.serving.workspace, call.serving.command_of, limit=call.query.limit)
    )


def pause(call: Call) -> schema.Told:
    call.view.require(Right.EDIT, call.serving.seen().graph.assets)
    automation.pause(call.serving.workspace, call.body.schedule, call.view.who.user, call.body.why)
    return schema.Told(format=FORMAT, message=f"{call.body.schedule or 'everything'} is paused")


def resume(call: Call) -> schema.Told:
    call.view.require(Right.EDIT, call.serving.seen().graph.assets)
    was = automation.resume(call.serving.workspace, call.body.schedule)
    return schema.Told(
        format=FORMAT,
        message=f"{call.body.schedule or 'everything'} {'goes on' if was else 'was not paused'}",
    )


ROUTES = (
    Route(method="GET", path="/api/v1/automation", name="automation", about="Schedules, their ticks and the daemons.",
          right=Right.VIEW, handle=status, query=TicksQuery, answer=schema.AutomationDocument, command="automation status"),
    Route(method="POST", path="/api/v1/automation/pause", name="pause", about="Nothing starts until it is resumed.",
          right=Right.EDIT, handle=pause, body=schema.PauseRequest, answer=schema.Told),
    Route(method="POST", path="/api/v1/automation/resume", name="unpause", about="Schedules start runs again.",
          right=Right.EDIT, handle=resume, body=schema.PauseRequest, answer=schema.Told),
)  # fmt: skip
