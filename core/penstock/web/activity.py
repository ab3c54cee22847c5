"""How busy the last days were, hour by hour, from the runs that may be seen."""

from __future__ import annotations

import time

from penstock.service.activity import begin, by_hour
from penstock.service.explore import iso
from penstock.service.inspect import NoRuns
from penstock.service.people import Right
from penstock.web import schema
from penstock.web.answers import Stands
from penstock.web.routes import Call, Route

FORMAT = 1
_MOST = 3_000  # runs that are looked at


def activity(call: Call) -> schema.ActivityDocument:
    now, hours = time.time(), 24 * call.asked(schema.ActivityQuery).days
    since, environment, visible = begin(now, hours), call.view.environment, call.view.visible
    try:
        with call.serving.store() as store:
            found = store.runs(limit=_MOST, environment=environment)
            cut = len(found) == _MOST and found[-1].created_at > since
            if visible is not None:
                touched = store.runs_touching(environment, visible)
                found = [run for run in found if run.number in touched]
    except NoRuns:
        found, cut = [], False
    worked = by_hour(found, since, hours, now)
    return schema.ActivityDocument(format=FORMAT, since=iso(since), hours=worked, cut=cut)


ROUTES = (
    Route(method="GET", path="/api/v1/activity", name="activity", about="How long runs worked in each hour of the last days.",
          right=Right.VIEW, handle=activity, query=schema.ActivityQuery, answer=schema.ActivityDocument, stands=Stands.HAPPENED),
)  # fmt: skip
