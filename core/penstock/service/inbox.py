"""Events from other systems: taken at the door into the run store's inbox, and listed with what became of them. An event
lets the daemon look again; it decides nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import msgspec

from penstock import registry
from penstock.commandline import EventForm
from penstock.errors import ConfigError, nearest_names
from penstock.project.events import SENSORS, EventSource
from penstock.service.automationpage import TickDocument, iso, tick_document
from penstock.service.history import reading_store
from penstock.service.signatures import FORMS, Sent, told
from penstock.service.workspace import Workspace
from penstock.store import Arrival, RunStore

FORMAT = 1
LONGEST_BODY = 4_000  # characters that are kept
_SHORTEST = 16


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Who may tell of something: how it signs, and with what."""

    name: str
    form: EventForm
    secret: str


class Unknown(Exception):
    """No source has that name."""


class NotTheirs(Exception):
    """The signature or the token is wrong."""


class EventDocument(msgspec.Struct, frozen=True, kw_only=True):
    """`outcome`: empty before a daemon looked at it. `ticks`: of the schedules that it starts."""

    name: str
    id: str
    kind: str
    received_at: str
    handled_at: str | None
    outcome: str
    ticks: tuple[TickDocument, ...]
    body: str


class EventsDocument(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    environment: str
    events: tuple[EventDocument, ...]


def sources(workspace: Workspace) -> dict[str, Source]:
    """Those that tell by themselves; sensors are looked at instead. Raises ConfigError with file:line, MissingVariable."""
    events = workspace.project.events()
    return {name: _source(workspace, name, one) for name, one in events.items() if one.type not in SENSORS}


def trouble(workspace: Workspace) -> str | None:
    """Why no event can be taken, though penstock.yml has some."""
    try:
        sources(workspace)
    except ConfigError as wrong:  # a variable that is missing, too
        return workspace.project.redact(str(wrong).splitlines()[0])
    return None


def receive(workspace: Workspace, store: Callable[[], RunStore], name: str, sent: Sent) -> bool:
    """Keep an event; False: it was known. `store` is opened for nobody else. Raises Unknown, NotTheirs; ConfigError, MissingVariable, StoreError."""
    source = sources(workspace).get(name)  # first: a secret that is missing is told of any name alike
    if source is None:
        raise Unknown
    event = told(source.form, source.secret, sent, time.time())
    if event is None:
        raise NotTheirs
    project = workspace.project
    body = project.redact(sent.body.decode("utf-8", "replace")).replace("\0", "")[:LONGEST_BODY]
    identity = project.redact(event.id)
    return store().inbox(project.environment).receive(name, identity, project.redact(event.kind), body)


def events(workspace: Workspace, limit: int) -> EventsDocument:
    """The newest first, each with what became of it."""
    environment = workspace.project.environment
    with reading_store(workspace) as store:
        if store is None:
            return EventsDocument(format=FORMAT, environment=environment, events=())
        found = store.inbox(environment).latest(limit)
        ticks = store.automation(environment).ticks_at(one.received_at for one in found)
        numbers = store.run_numbers(tick.run for tick in ticks if tick.run is not None)
    made: dict[float, list[TickDocument]] = {}
    for tick in ticks:
        made.setdefault(tick.at, []).append(tick_document(tick, numbers))
    told_ = tuple(_document(one, tuple(made.get(one.received_at, ()))) for one in found)
    return EventsDocument(format=FORMAT, environment=environment, events=told_)


def _document(one: Arrival, ticks: tuple[TickDocument, ...]) -> EventDocument:
    return EventDocument(
        name=one.name,
        id=one.id,
        kind=one.kind,
        received_at=iso(one.received_at) or "",
        handled_at=iso(one.handled_at),
        outcome=one.outcome,
        ticks=ticks,
        body=one.body,
    )


def _forms() -> Mapping[str, EventForm]:
    """By type: our own, and those that integrations declare of their tools."""
    declared = {name: line.events for name, line in registry.declarations().items() if line.events}
    return {**declared, **FORMS}


def _source(workspace: Workspace, name: str, one: EventSource) -> Source:
    path, forms = ("events", name), _forms()
    form = forms.get(one.type)
    if form is None:
        near = nearest_names(one.type, [*forms, *SENSORS])
        what = f"events: {name}: no type '{one.type}'" + (f"; did you mean '{near[0]}'?" if near else "")
        raise workspace.project.error(
            what, (*path, "type"), "types: " + ", ".join(sorted({*forms, *SENSORS}))
        )
    for field in ("path", "query", "warehouse", "every"):
        if getattr(one, field) is not None:
            what = f"events: {name}: type {one.type} tells by itself, and has no {field}"
            raise workspace.project.error(what, (*path, field), "looked at are: " + ", ".join(SENSORS))
    needed, other = ("secret", "token") if form.signature else ("token", "secret")
    if getattr(one, other) is not None or (value := getattr(one, needed)) is None:
        what = f"events: {name}: type {one.type} needs a {needed}" + (
            f", and no {other}" if getattr(one, other) is not None else ""
        )
        raise workspace.project.error(what, path, f'{needed}: "${{NAME_OF_A_VARIABLE}}"')
    if len(value) < _SHORTEST:
        what = f"events: {name}: the {needed} is shorter than {_SHORTEST} characters"
        raise workspace.project.error(what, (*path, needed), "openssl rand -hex 32")
    return Source(name=name, form=form, secret=value)
