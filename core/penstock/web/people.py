"""Logging in and out, users, tokens, the audit. Who may say who may what sees and may all of every environment."""

from __future__ import annotations

import msgspec

from penstock.service.accounts import AuditEntry
from penstock.service.documents import dated
from penstock.service.explore import iso
from penstock.service.people import Grant, NotAllowed, Right, Role, Who
from penstock.web import peopleschema, schema
from penstock.web.paging import after, link
from penstock.web.routes import Answer, Call, Route

FORMAT = 1


def login(call: Call) -> Answer:
    """The session is new, whatever the browser had before."""
    if call.gate.login != "local":
        raise NotAllowed("nobody logs in here", hint="open the URL that penstock web printed")
    body = call.told(peopleschema.LoginRequest)
    secret = call.accounts().login(body.user, body.password, call.peer)
    if secret is None:
        raise NotAllowed("the name or the password is wrong")
    if call.session is not None:
        call.accounts().leave(call.session)
    return Answer(body=schema.Told(format=FORMAT, message=f"logged in as {body.user}"), session=secret)


def logout(call: Call) -> Answer:
    if call.session is not None:
        call.gate.leave(call.session)
    return Answer(body=schema.Told(format=FORMAT, message="logged out"), session="")


def _over_all(call: Call) -> None:
    """Rights are given only by who has them over everything: else one could give oneself more."""
    if not _holds(call.view.who, Grant(role=Role.ADMIN)):
        raise NotAllowed("users are for those who are admin of everything")
    if call.view.who.token is not None:
        raise NotAllowed("a token gives no rights to anybody", hint="log in")


def _holds(who: Who, wanted: Grant) -> bool:
    """Whether one grant of the person's own covers the wanted one."""
    order = list(Role)
    return any(
        order.index(one.role) >= order.index(wanted.role)
        and one.environment in ("*", wanted.environment)
        and one.select in ("", wanted.select)
        and (one.see_data or not wanted.see_data)
        for one in who.grants
    )


def _grants(told: tuple[peopleschema.GrantDocument, ...]) -> tuple[Grant, ...]:
    return msgspec.convert(msgspec.to_builtins(told), tuple[Grant, ...])


def users(call: Call) -> dict[str, object]:
    _over_all(call)
    return {"format": FORMAT, "users": dated(call.accounts().people())}


def add_user(call: Call) -> Answer:
    _over_all(call)
    body = call.told(peopleschema.NewUser)
    call.accounts().add(body.name, body.password, _grants(body.grants))
    return Answer(body=schema.Told(format=FORMAT, message=f"{body.name} may log in"), status=201)


def grant(call: Call) -> schema.Told:
    _over_all(call)
    body = call.told(peopleschema.NewGrants)
    call.accounts().change(body.name, grants=_grants(body.grants))
    return schema.Told(format=FORMAT, message=f"{body.name} has new rights")


def remove(call: Call) -> schema.Told:
    _over_all(call)
    name = call.told(peopleschema.NamedUser).name
    call.accounts().remove(name)
    return schema.Told(format=FORMAT, message=f"{name} is removed")


def tokens(call: Call) -> dict[str, object]:
    """One's own; all of them for who is admin of everything."""
    who = call.view.who
    everybody = _holds(who, Grant(role=Role.ADMIN)) and who.token is None
    return {"format": FORMAT, "tokens": dated(call.accounts().tokens(None if everybody else who.user))}


def make_token(call: Call) -> Answer:
    who, body = call.view.who, call.told(peopleschema.NewToken)
    if who.token is not None:
        raise NotAllowed("a token makes no tokens", hint="log in")
    identity, secret = call.accounts().make_token(who.user, body.about, _grants(body.limits), body.days)
    return Answer(body=peopleschema.TokenMade(format=FORMAT, id=identity, token=secret), status=201)


def revoke(call: Call) -> schema.Told:
    who = call.view.who
    everybody = _holds(who, Grant(role=Role.ADMIN)) and who.token is None
    call.accounts().revoke(call.place["token"], None if everybody else who.user)
    return schema.Told(format=FORMAT, message=f"token {call.place['token']} is revoked")


def audit(call: Call) -> Answer:
    """Of everybody for admins of everything; else what one did oneself."""
    asked = call.asked(peopleschema.AuditQuery)
    who = None if _holds(call.view.who, Grant(role=Role.ADMIN)) else call.view.who.user
    found = call.accounts().audit(before=after(asked.cursor) or None, limit=asked.limit + 1, who=who)
    page = found[: asked.limit]
    more = link("/api/v1/audit", asked, page[-1].position) if len(found) > asked.limit else {}
    return Answer(body={"format": FORMAT, "entries": [_row(one) for one in page]}, headers=more)


def _row(entry: AuditEntry) -> dict[str, object]:
    return {**msgspec.structs.asdict(entry), "at": iso(entry.at)}


ROUTES = (
    Route(method="POST", path="/api/v1/login", name="login", about="Begin a session by name and password.",
          right=Right.PUBLIC, handle=login, body=peopleschema.LoginRequest, answer=schema.Told),
    Route(method="POST", path="/api/v1/logout", name="logout", about="End the session.", right=Right.SESSION,
          handle=logout, body=schema.Nothing, answer=schema.Told),
    Route(method="GET", path="/api/v1/users", name="users", about="Who may log in, and what they may do.",
          right=Right.ADMIN, handle=users, answer=peopleschema.UsersDocument, command="users list"),
    Route(method="POST", path="/api/v1/users", name="add_user", about="Add a user.", right=Right.ADMIN,
          handle=add_user, body=peopleschema.NewUser, answer=schema.Told, status=201),
    Route(method="POST", path="/api/v1/users/grant", name="grant", about="Set a user's rights.", right=Right.ADMIN,
          handle=grant, body=peopleschema.NewGrants, answer=schema.Told),
    Route(method="POST", path="/api/v1/users/remove", name="remove_user", about="Remove a user.", right=Right.ADMIN,
          handle=remove, body=peopleschema.NamedUser, answer=schema.Told),
    Route(method="GET", path="/api/v1/tokens", name="tokens", about="Tokens, without their secrets.",
          right=Right.SESSION, handle=tokens, answer=peopleschema.TokensDocument, command="tokens list"),
    Route(method="POST", path="/api/v1/tokens", name="make_token", about="Make a token of one's own.",
          right=Right.SESSION, handle=make_token, body=peopleschema.NewToken, answer=peopleschema.TokenMade, status=201),
    Route(method="POST", path="/api/v1/tokens/{token}/revoke", name="revoke", about="Make a token useless at once.",
          right=Right.SESSION, handle=revoke, body=schema.Nothing, answer=schema.Told),
    Route(method="GET", path="/api/v1/audit", name="audit", about="Who did, or tried to do, what; newest first.",
          right=Right.SESSION, handle=audit, query=peopleschema.AuditQuery, answer=peopleschema.AuditDocument),
)  # fmt: skip
