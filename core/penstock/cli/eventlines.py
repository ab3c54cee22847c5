"""Events of a run as plain lines, for a log and for what is shown of it. Pure."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from penstock.cli.output import count, duration
from penstock.system.terminal import one_line

if TYPE_CHECKING:
    from penstock.run import RunEvent

SHOWN_STATES = frozenset(
    {"success", "warn", "fail", "error", "partial", "skipped", "cancelled", "reused", "no_op"}
)
WHOLE = "this run"


def never_came_to_its_turn(event: RunEvent) -> bool:
    """Cancelled with the run: the summary tells of all of them at once."""
    return event.state == "cancelled" and event.attempt is None


def plain_line(event: RunEvent) -> str | None:
    """One line for an event that a reader of a log wants to see; None for the rest."""
    clock = time.strftime("%H:%M:%S", time.localtime(event.at))
    kind = event.kind.value
    if kind == "item" and event.items:
        item = event.items[0]
        if event.state == "running":
            return f"{clock}  start      {one_line(item.name)}"
        if event.state not in SHOWN_STATES or never_came_to_its_turn(event):
            return None
        return f"{clock}  {event.state:<9}  {one_line(item.name)}{details(event)}"
    if kind == "phase" and event.message:
        return f"{clock}  {'phase':<9}  {event.step}: {event.message}"
    if kind == "wait" and event.waiting:
        return f"{clock}  {'wait':<9}  {subject(event)}: {', '.join(map(str, event.waiting[:2]))}"
    if told := note(event):
        return f"{clock}  {told[0]:<9}  {told[1]}"
    if kind == "log" and event.level in ("error", "fatal"):
        return f"{clock}  {event.level:<9}  {event.message}"
    return None


def subject(event: RunEvent) -> str:
    return event.step or ", ".join(one_line(item.name) for item in event.items[:2]) or WHOLE


def note(event: RunEvent) -> tuple[str, str] | None:
    """What happened to a step or to the run that is neither a beginning nor an end: a word, and the sentence."""
    kind = event.kind.value
    if not event.message or kind not in ("step", "run"):
        return None
    if kind == "step" and event.state == "retrying":
        return "retry", f"{event.step}: {event.message.strip().splitlines()[0]}"
    if kind == "run" and event.state == "stopping":
        return "stopping", event.message
    if event.level == "warn":
        return "note", f"{event.step}: {event.message}" if kind == "step" else event.message
    return None


def details(event: RunEvent) -> str:
    parts = []
    if event.rows is not None and event.items[0].kind.value == "asset":
        parts.append(count(event.rows, "row"))
    if event.seconds is not None and event.state != "skipped":
        parts.append(duration(event.seconds))
    message = f": {event.message.strip().splitlines()[0]}" if event.message else ""
    return (f"  {', '.join(parts)}" if parts else "") + message
