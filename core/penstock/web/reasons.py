"""Why something was decided in a run, and what was spent. Both speak of the whole project: they are for those who see all of it."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from penstock.service.cost import By, CostDocument, begin_of
from penstock.service.cost import cost as read_cost
from penstock.service.launching import Wanted
from penstock.service.people import Right
from penstock.service.standing import AutomationView, Standings, standing, standings
from penstock.service.why import Explanation, Planned, planned
from penstock.service.why import why as explain
from penstock.web.answers import Stands
from penstock.web.routes import Call, Route
from penstock.web.schema import AssetQuery, Selected, Text


class WhyQuery(AssetQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`run`: as it was decided in that run (a number, or latest); empty: as it would be decided now."""

    run: Text = ""


class CostQuery(Selected, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of the last `days`."""

    by: Literal["asset", "run", "owner", "tag"] = "asset"
    days: Annotated[float, msgspec.Meta(gt=0, le=3_660)] = 7


class WhyDocument(Explanation, frozen=True, kw_only=True):
    """`automation`: how it stands by itself now; None for a run of the past."""

    automation: AutomationView | None


def why(call: Call) -> WhyDocument:
    call.view.require(Right.VIEW, call.serving.seen().graph.assets)
    serving, asked = call.serving, call.asked(WhyQuery)
    name, run = asked.name, asked.run or None
    workspace, command_of = serving.workspace, serving.command_of

    def made() -> Planned:
        seen, plan = serving.seen(), serving.planned(Wanted())
        return (seen, plan) if plan.graph_hash == seen.graph.hash else planned(workspace)

    def by_plan() -> Planned:
        return serving.lately("plan", made)

    def by_policy() -> Standings | None:
        return serving.lately("standings", lambda: standings(workspace, command_of))

    found = explain(workspace, name, run, by_plan)
    by_itself = standing(workspace, command_of, name, by_policy) if run is None else None
    return WhyDocument(**msgspec.structs.asdict(found), automation=by_itself)


def cost(call: Call) -> CostDocument:
    seen = call.serving.seen()
    call.view.require(Right.VIEW, seen.graph.assets)
    asked = call.asked(CostQuery)
    chosen = call.view.chosen(asked.select, asked.exclude)
    return read_cost(call.serving.workspace, seen, chosen, By(asked.by), begin_of(asked.days * 86_400))


ROUTES = (
    Route(method="GET", path="/api/v1/why", name="why", about="Why an asset is built or not, now or in a run.", right=Right.VIEW,
          handle=why, query=WhyQuery, answer=WhyDocument, stands=Stands.HAPPENED, command="why ASSET"),
    Route(method="GET", path="/api/v1/cost", name="cost", about="What was spent, by asset, run, owner or tag.",
          right=Right.VIEW, handle=cost, query=CostQuery, answer=CostDocument, stands=Stands.HAPPENED, command="cost"),
)  # fmt: skip
