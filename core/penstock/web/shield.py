"""What every request passes before anything else: the Host it names, where it was sent from, how large it is and how slow.

Decides nothing on a path: rights are on the routes.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from penstock.web.schema import Problem

LARGEST_BODY = 262_144
SLOWEST_BODY = 10.0  # seconds in which a body must have come
_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_HOST = re.compile(rb"^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?$")
HEADERS = [
    (b"content-security-policy",
     b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
     b"connect-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]  # fmt: skip


class Shield:
    """`hosts` are the names by which the server may be called, without ports. `marked`: what changes something needs our header,
    or a token."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Iterable[str],
        slowest: float = SLOWEST_BODY,
        largest: int = LARGEST_BODY,
        marked: bool = True,
    ) -> None:
        self._app = app
        self._largest = largest
        self._marked = marked
        self._slowest = slowest
        self._hosts = frozenset(host.casefold().encode() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})  # there are none
            return
        refusal = self._refused(scope)
        if refusal is not None:
            await _refuse(_guarded(send), refusal)
            return
        try:
            body = (
                await asyncio.wait_for(_body(receive, self._largest), self._slowest)
                if scope["method"] in _UNSAFE
                else b""
            )
        except TimeoutError:
            await _refuse(_guarded(send), Problem(title="the body came too slowly", status=408))
            return
        if body is None:
            await _refuse(_guarded(send), Problem(title="the body is too large", status=413))
            return
        await self._app(scope, _replayed(body, receive), _guarded(send))

    def _refused(self, scope: Scope) -> Problem | None:
        headers: dict[bytes, list[bytes]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.lower(), []).append(value)
        hosts = headers.get(b"host", [])
        if len(hosts) != 1 or not self._known(hosts[0]):
            return Problem(
                title="this server is not known by that name",
                status=421,
                hint="penstock web --host-name NAME makes the name known",
            )
        origins = headers.get(b"origin", [])
        if any(_host_of(origin) != hosts[0].lower() for origin in origins):
            return Problem(title="sent from another site", status=403)
        if scope["method"] not in _UNSAFE:
            return None
        site = headers.get(b"sec-fetch-site", [b"same-origin"])
        if any(one not in (b"same-origin", b"none") for one in site):
            return Problem(title="sent from another site", status=403)
        if self._marked and b"authorization" not in headers and headers.get(b"x-penstock") != [b"1"]:
            return Problem(title="the header X-Penstock: 1 is missing", status=403)
        length = headers.get(b"content-length", [b"0"])
        if any(not one.isdigit() or len(one) > 12 or int(one) > self._largest for one in length):
            return Problem(title="the body is too large", status=413)
        kind = headers.get(b"content-type", [])
        if length != [b"0"] and [one.partition(b";")[0].strip().lower() for one in kind] != [
            b"application/json"
        ]:
            return Problem(title="a body must be application/json", status=415)
        return None

    def _known(self, host: bytes) -> bool:
        found = _HOST.match(host)
        return found is not None and found[1].lower() in self._hosts


def _host_of(origin: bytes) -> bytes:
    return origin.partition(b"://")[2].lower()


async def _body(receive: Receive, largest: int) -> bytes | None:
    """All of it; None when it is too large."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > largest:
            return None
        if not message.get("more_body"):
            return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _guarded(send: Send) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), *HEADERS]}
        await send(message)

    return guarded


async def _refuse(send: Send, problem: Problem) -> None:
    body = msgspec.json.encode(problem)
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode()),
               (b"cache-control", b"no-store")]  # fmt: skip
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
