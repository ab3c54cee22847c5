"""Every route of the API but the stream of events and the files."""

from __future__ import annotations

from penstock.web import activity, inside, launching, people, promises, reads, reasons, runs, steering
from penstock.web.routes import Route


def routes() -> tuple[Route, ...]:
    return (
        *reads.ROUTES,
        *runs.ROUTES,
        *activity.ROUTES,
        *launching.ROUTES,
        *promises.ROUTES,
        *inside.ROUTES,
        *steering.ROUTES,
        *people.ROUTES,
        *reasons.ROUTES,
    )
