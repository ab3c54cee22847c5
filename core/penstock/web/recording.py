"""The audit of everything that is not a mere look: written before it is done, and once more when it failed or was refused."""

from __future__ import annotations

from collections.abc import Callable

from penstock.errors import PenstockError
from penstock.service.accounts import Accounts, AuditEntry
from penstock.service.people import View
from penstock.web.routes import Call, Route

_LONGEST = 500


def recorded(route: Route, call: Call) -> object:
    """Do it. A store that cannot keep the audit stops what was asked for before it has begun."""
    note(route, call, "asked")
    try:
        return route.handle(call)
    except PenstockError as error:
        note(route, call, f"failed: {error.what}")
        raise


def refused(accounts: Callable[[], Accounts], route: Route, view: View, peer: str, why: str) -> None:
    """Somebody without the right: the body was not read, so what it was about is not known."""
    entry = AuditEntry(
        environment=view.environment, who=view.who.user, token=view.who.token, action=route.name, target="",
        peer=peer, outcome=f"refused: {why}",
    )  # fmt: skip
    accounts().note(entry)


def note(route: Route, call: Call, outcome: str) -> None:
    who = call.view.who
    call.accounts().note(
        AuditEntry(
            environment=call.view.environment,
            who=who.user or str(getattr(call.body, "user", ""))[:_LONGEST],
            token=who.token,
            action=route.name,
            target=_target(call)[:_LONGEST],
            plan=getattr(call.body, "hash", None),
            peer=call.peer,
            outcome=call.serving.redact(outcome)[:_LONGEST],
        )
    )


def _target(call: Call) -> str:
    """What it was done to, from the parts of the path and those fields of the body that name something."""
    parts = list(call.place.values())
    for name in ("name", "schedule", "retry_of", "step", "selector"):
        if value := getattr(call.body, name, None):
            parts.append(str(value))
    parts += [
        *getattr(call.body, "select", ()),
        *(f"--exclude {one}" for one in getattr(call.body, "exclude", ())),
    ]
    return " ".join(parts)
