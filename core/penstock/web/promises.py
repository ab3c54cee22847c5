"""Promises, policies, incidents and the outbox: what should be, what is not, and a person's word on it."""

from __future__ import annotations

import time

import msgspec

from penstock.assets import AssetKey
from penstock.service import alerting, automation
from penstock.service.automationpage import incidents_document, upcoming_document
from penstock.service.doctorpage import policy_document
from penstock.service.freshness import Kept, fields_of, policies
from penstock.service.freshness import freshness as read_freshness
from penstock.service.freshnesspage import freshness_document
from penstock.service.inspect import NoRuns
from penstock.service.people import Right
from penstock.web import promiseschema, schema
from penstock.web.routes import Call, Route
from penstock.web.visible import visible_key

FORMAT = 1


def freshness(call: Call) -> dict[str, object]:
    asked = call.asked(schema.Selected)
    found, visible = _kept(call), call.view.visible
    chosen = call.view.chosen(asked.select, asked.exclude)
    told = [
        one if visible is None else _narrowed(one, visible)
        for one in found
        if chosen is None or one.asset in chosen
    ]
    return freshness_document(call.view.environment, told)


def _kept(call: Call) -> list[Kept]:
    """Read once for all who ask within a few seconds, as long as nothing has happened."""
    serving = call.serving
    return serving.lately(
        ("freshness",), lambda: read_freshness(serving.workspace, serving.seen(), serving.command_of)
    )


def _narrowed(one: Kept, visible: frozenset[AssetKey]) -> Kept:
    """What is hidden is not named: the chain without it, the words only where all of them may be read, and the line without the
    selection that stands there."""
    fresh = msgspec.structs.replace(one.fresh, line=_place(one.fresh.line))
    if visible.issuperset(one.chain):
        return msgspec.structs.replace(one, fresh=fresh)
    names = tuple(name for key, name in zip(one.chain, one.names, strict=True) if key in visible)
    why = "because of what you may not see"
    return msgspec.structs.replace(one, fresh=fresh, names=names, why=why)


def _place(line: str) -> str:
    """`penstock.yml:12` of `penstock.yml:12 (orders customers)`."""
    return line.partition(" (")[0]


def policy(call: Call) -> dict[str, object]:
    key = visible_key(call, call.asked(schema.AssetQuery).name)
    seen = call.serving.seen()
    held = call.serving.kept(("policies",), lambda: policies(call.serving.workspace, seen)).get(key)
    fields = fields_of(call.serving.workspace, held)
    if call.view.visible is not None:  # `fresh.of` names other assets
        fields = tuple(
            msgspec.structs.replace(one, line=_place(one.line)) for one in fields if one.name != "fresh.of"
        )
    return policy_document(seen.graph.names.shown(key), fields)


def incidents(call: Call) -> dict[str, object]:
    """Of assets that may be seen. Messages name channels of everybody: they are for those who see all."""
    asked = call.asked(promiseschema.IncidentsQuery)
    names = call.view.names(call.serving.seen().graph, call.view.visible)
    try:
        with call.serving.store() as store:
            found, unsent = alerting.shown_of(
                store, call.view.environment, names, limit=asked.limit, open_only=asked.open
            )
    except NoRuns:
        found, unsent = [], []
    return incidents_document(found, unsent)


def mute(call: Call) -> schema.Told:
    """Of an incident whose cause may be operated."""
    identity, seconds = call.place["incident"], call.told(promiseschema.MuteRequest).seconds
    graph = call.serving.seen().graph
    reach = call.view.reach(Right.OPERATE)
    if reach is not None:
        names = call.view.names(graph, reach) or frozenset()
        with call.serving.store() as store:
            known, _ = alerting.shown_of(store, call.view.environment, names, limit=1_000_000, open_only=True)
        if not any(one.id == identity for one in known):
            call.view.require(Right.OPERATE, graph.assets)
    alerting.mute(call.serving.workspace, identity, call.view.who.user, seconds)
    words = "is told of again" if not seconds else f"is muted for {seconds / 3600:.3g} h"
    return schema.Told(format=FORMAT, message=f"{identity} {words}")


def test(call: Call) -> promiseschema.ChannelsTried:
    call.view.require(Right.EDIT, call.serving.seen().graph.assets)
    found = alerting.test(call.serving.workspace, call.told(promiseschema.ChannelsRequest).channels)
    return promiseschema.ChannelsTried(format=FORMAT, channels=found)


def upcoming(call: Call) -> dict[str, object]:
    call.view.require(Right.VIEW, call.serving.seen().graph.assets)
    found = automation.upcoming(
        call.serving.workspace, time.time(), call.asked(promiseschema.UpcomingQuery).limit
    )
    return upcoming_document(found)


ROUTES = (
    Route(method="GET", path="/api/v1/freshness", name="freshness", about="Promises: how old the data is, whose fault that is, when it is newer.",
          right=Right.VIEW, handle=freshness, query=schema.Selected, answer=promiseschema.FreshnessDocument, command="freshness"),
    Route(method="GET", path="/api/v1/policy", name="policy", about="What holds for an asset, and which line says so.",
          right=Right.VIEW, handle=policy, query=schema.AssetQuery, answer=promiseschema.PolicyDocument, command="policy ASSET"),
    Route(method="GET", path="/api/v1/incidents", name="incidents", about="Root causes, the open ones first; and messages not sent.",
          right=Right.VIEW, handle=incidents, query=promiseschema.IncidentsQuery, answer=promiseschema.IncidentsDocument, command="incidents"),
    Route(method="POST", path="/api/v1/incidents/{incident}/mute", name="mute", about="Acknowledge: tell nothing more of it for a while, but its end.",
          right=Right.OPERATE, handle=mute, body=promiseschema.MuteRequest, answer=schema.Told),
    Route(method="POST", path="/api/v1/alerts/test", name="test_alerts", about="Send a test message to channels of penstock.yml.",
          right=Right.EDIT, handle=test, body=promiseschema.ChannelsRequest, answer=promiseschema.ChannelsTried),
    Route(method="GET", path="/api/v1/automation/next", name="upcoming", about="What starts next, jitter included.",
          right=Right.VIEW, handle=upcoming, query=promiseschema.UpcomingQuery, answer=promiseschema.UpcomingDocument, command="automation next"),
)  # fmt: skip
