"""`/metrics` for Prometheus. Needs the right to view everything: a token of a viewer, as bearer."""

from __future__ import annotations

from starlette.responses import Response

from penstock.service.inspect import NoRuns
from penstock.service.metrics import CONTENT_TYPE, exposition
from penstock.service.people import Right, View


def metrics(view: View) -> Response:
    serving = view.serving
    seen = serving.seen()
    view.require(Right.VIEW, seen.graph.assets)
    try:
        with serving.store() as store:
            text = exposition(serving.workspace, seen, store, serving.command_of)
    except NoRuns:
        text = exposition(serving.workspace, seen, None, serving.command_of)
    return Response(text, headers={"cache-control": "no-store"}, media_type=CONTENT_TYPE)
