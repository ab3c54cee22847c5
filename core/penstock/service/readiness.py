"""What `doctor` says of the parts of penstock.yml that act when nobody looks: schedules, policies, events and alerts. Sends nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.automation import Schedule, read_schedules
from penstock.errors import PenstockError, SelectionError, UnknownAsset, UsageError, WarehouseBusy
from penstock.integration import Diagnosis
from penstock.project.alerts import AlertSettings, Apprise, Channel, File, Slack, Smtp, Teams, Webhook
from penstock.service.choose import choose
from penstock.service.observe import GraphView
from penstock.service.scheduled import CommandOf
from penstock.service.workspace import Workspace

if TYPE_CHECKING:
    from penstock.service.sensing import Sensor


def readiness(
    workspace: Workspace, seen: GraphView | None, command_of: CommandOf | None, may_call: bool
) -> Iterator[Diagnosis]:
    """A line for each part, or one for what is wrong in it. Without a graph no selection can be judged, and the lines say so."""
    document = workspace.project.document
    if document.schedules or document.policies:
        yield from _guarded(workspace, "schedules", lambda: _schedules(workspace, seen, command_of))
    if document.policies:
        yield from _guarded(workspace, "policies", lambda: _policies(workspace, seen))
    if document.events:
        yield from _guarded(workspace, "events", lambda: _events(workspace, may_call))
    if document.alerts:
        yield from _guarded(workspace, "alerts", lambda: _alerts(workspace, seen))


def failed(subject: str, error: PenstockError, redact: Callable[[str], str] = str) -> Diagnosis:
    where = f"{error.where}: " if error.where else ""
    return Diagnosis(subject=subject, ok=False, message=redact(f"{where}{error.what}"), hint=error.hint)


def _guarded(
    workspace: Workspace, subject: str, lines: Callable[[], Iterator[Diagnosis]]
) -> Iterator[Diagnosis]:
    try:
        yield from lines()
    except PenstockError as error:
        yield failed(subject, error, workspace.project.redact)


def _schedules(
    workspace: Workspace, seen: GraphView | None, command_of: CommandOf | None
) -> Iterator[Diagnosis]:
    found = read_schedules(workspace.project)
    unread = "what they run" if command_of is None or seen is None else None
    wrong = 0
    for schedule in found if command_of is not None and seen is not None else ():
        assert command_of is not None and seen is not None
        try:
            _would_run(workspace, seen, command_of, schedule)
        except (SelectionError, UnknownAsset, UsageError) as error:
            wrong += 1
            yield failed(f"schedules/{schedule.name}", error)
    if len(found) > wrong:
        yield Diagnosis(
            subject="schedules",
            ok=True,
            message=f"{len(found) - wrong} can be run, while penstock up is at work",
            unchecked=unread,
        )


def _would_run(workspace: Workspace, seen: GraphView, command_of: CommandOf, schedule: Schedule) -> None:
    asked = command_of(schedule).asked
    choose(workspace, seen, asked.include, asked.exclude, asked.selector)


def _policies(workspace: Workspace, seen: GraphView | None) -> Iterator[Diagnosis]:
    from penstock.service import deciding, freshness

    deciding.check(workspace)
    if seen is not None:
        freshness.policies(workspace, seen)
    number = len(workspace.project.document.policies)
    yield Diagnosis(
        subject="policies",
        ok=True,
        message=f"{number} can be read",
        unchecked="what they select" if seen is None else None,
    )


def _events(workspace: Workspace, may_call: bool) -> Iterator[Diagnosis]:
    from penstock.service import inbox, sensing

    for name, source in inbox.sources(workspace).items():
        told = "its secret is set" if source.form.signature else "its token is set"
        yield Diagnosis(
            subject=f"events/{name}", ok=True, message=told, unchecked="whether anybody tells of it"
        )
    for sensor in sensing.sensors(workspace, workspace.project.events()):
        yield _sensor(workspace, sensor, may_call)


def _sensor(workspace: Workspace, sensor: Sensor, may_call: bool) -> Diagnosis:
    from penstock.service import sensing

    subject = f"events/{sensor.name}"

    def unasked(why: str) -> Diagnosis:
        return Diagnosis(subject=subject, ok=True, message=why, unchecked="whether its query is answered")

    if sensor.type != "files" and not may_call:
        return unasked(sensor.type)
    try:
        if (why := sensing.asleep(workspace, sensor)) is not None:
            return unasked(f"{sensor.type}: {why}")
        number = len(sensing.seen_now(workspace, sensor))
    except WarehouseBusy as busy:
        return unasked(busy.what)
    except PenstockError as error:
        return failed(subject, error, workspace.project.redact)
    return Diagnosis(subject=subject, ok=True, message=f"{sensor.type}: {number} seen now")


def _alerts(workspace: Workspace, seen: GraphView | None) -> Iterator[Diagnosis]:
    from penstock.service import alerting

    found = alerting.settings(workspace)
    if seen is not None:
        alerting.routing(workspace, seen, found)
    used = {name for route in found.routes for name in route.to}
    used |= {name for names in found.owners.values() for name in names}
    for name, channel in found.channels.items():
        yield _channel(f"alerts/{name}", name, channel, used)
    if found.ping is not None:
        ok = _is_web(found.ping.url)
        yield Diagnosis(
            subject="alerts/ping",
            ok=ok,
            message=f"every {found.ping.every}" if ok else _NO_URL,
            unchecked="whether anybody listens" if ok else None,
        )
    yield from _unheard(found, seen)


_NO_URL = "its url must begin with https:// or http://"


def _channel(subject: str, name: str, channel: Channel, used: set[str]) -> Diagnosis:
    wrong = _wrong(channel)
    kind = type(channel).__name__.lower()
    unused = None if name in used else "no route leads to it: it is told nothing"
    if wrong is not None:
        return Diagnosis(subject=subject, ok=False, message=f"{kind}: {wrong}")
    unchecked = (
        None if isinstance(channel, File) else f"whether a message arrives: penstock alerts test {name}"
    )
    return Diagnosis(subject=subject, ok=True, message=kind, hint=unused, unchecked=unchecked)


def _wrong(channel: Channel) -> str | None:
    """Why nothing can be sent, as far as that shows without sending."""
    match channel:
        case Slack(url=None):
            return None if channel.token and channel.channel else "needs a url, or a token and a channel"
        case Slack(url=str(url)) | Teams(url=url) | Webhook(url=url):
            return None if _is_web(url) else _NO_URL
        case Smtp():
            return None if channel.to else "to: names nobody"
        case Apprise():
            return None if "://" in channel.url else "its url is none that apprise knows"
        case File():
            path = Path(channel.path)
            there = path if path.exists() else path.parent
            if path.is_dir() or not there.exists():
                return f"{path} is a folder" if path.is_dir() else f"there is no folder {path.parent}"
            return None if os.access(there, os.W_OK) else f"{there} cannot be written"
    return None


def _is_web(url: str) -> bool:
    return url.startswith(("https://", "http://"))


def _unheard(found: AlertSettings, seen: GraphView | None) -> Iterator[Diagnosis]:
    if found.channels and not found.routes:
        yield Diagnosis(
            subject="alerts",
            ok=False,
            message="no routes: nobody is told of anything",
            hint="routes: [{to: [NAME]}]",
        )
    elif seen is None and any(route.select for route in found.routes):
        yield Diagnosis(subject="alerts", ok=True, message="routes", unchecked="what they select")
