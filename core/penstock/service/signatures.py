"""Whether a request comes from who it says, and which event it is: headers and bytes in, one record out. Stores nothing.

The body is data: what it says decides nothing but the event's id and kind.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence

import msgspec

from penstock.commandline import EventForm

STAMP_SECONDS = 300.0  # how far the sender's clock may be off
FORMS: Mapping[str, EventForm] = {
    "signed": EventForm(
        signature="x-penstock-signature", stamped=True, id_fields=("id",), kind_fields=("kind",)
    ),
    "token": EventForm(id_header="idempotency-key"),
    "github": EventForm(
        signature="x-hub-signature-256",
        prefix="sha256=",
        id_header="x-github-delivery",
        kind_header="x-github-event",
    ),
}
_STAMPED = re.compile(r"^t=(\d{1,12}),v1=([0-9a-f]{64})$")
_PRINTABLE = re.compile(r"^[\x21-\x7e]{1,200}$")


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A request: its headers by their names in lower case, without those that came twice; `token`: the last part of its path."""

    headers: Mapping[str, str]
    body: bytes
    token: str | None = None


class SignedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event that is who it says."""

    id: str
    kind: str


def told(form: EventForm, secret: str, sent: Sent, now: float) -> SignedEvent | None:
    """None: it is not signed with that secret, or does not show that token."""
    if form.signature:
        mark = _signature(form, secret, sent, now)
    else:
        mark = secrets.token_hex(16) if _shows(secret, sent) else None
    if mark is None:
        return None
    body = _fields(sent.body) if form.id_fields or form.kind_fields else {}
    identity = sent.headers.get(form.id_header, "") or _words(body, form.id_fields, ":", whole=True) or mark
    if not _PRINTABLE.match(identity):
        identity = hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()
    kind = sent.headers.get(form.kind_header, "") or _words(body, form.kind_fields, " ")
    return SignedEvent(id=identity, kind="".join(one for one in kind if one.isprintable())[:100])


def signature(secret: str, body: bytes, at: int) -> str:
    """What a sender of type `signed` puts into X-Penstock-Signature."""
    return f"t={at},v1={_mac(secret, _stamped(body, at))}"


def _signature(form: EventForm, secret: str, sent: Sent, now: float) -> str | None:
    """What no other event has: the same request sent again is the same event. None: it is not signed so."""
    given, body = sent.headers.get(form.signature, ""), sent.body
    if form.stamped:
        found = _STAMPED.match(given)
        if found is None or abs(now - int(found[1])) > STAMP_SECONDS:
            return None
        given, body = found[2], _stamped(body, int(found[1]))
    elif not given.startswith(form.prefix):
        return None
    else:
        given = given.removeprefix(form.prefix)
    right = _mac(secret, body)
    if not _same(given, right):
        return None
    return hashlib.sha256(right.encode()).hexdigest()


def _shows(secret: str, sent: Sent) -> bool:
    kind, _, given = sent.headers.get("authorization", "").partition(" ")
    if kind:
        return kind.lower() == "bearer" and _same(given.strip(), secret)
    return sent.token is not None and _same(sent.token, secret)


def _same(given: str, right: str) -> bool:
    """In the same time wherever they differ."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), right.encode())


def _mac(secret: str, body: bytes) -> str:
    return hmac.digest(secret.encode(), body, hashlib.sha256).hex()


def _stamped(body: bytes, at: int) -> bytes:
    return b"%d." % at + body


def _fields(body: bytes) -> dict[str, object]:
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def _words(body: Mapping[str, object], names: Sequence[str], between: str, *, whole: bool = False) -> str:
    """The plain values of those fields; with `whole` nothing unless all are there."""
    found = [value for name in names if (value := _value(body, name))]
    return "" if whole and len(found) < len(names) else between.join(found)


def _value(body: Mapping[str, object], name: str) -> str:
    found: object = body
    *_, last = name.split(".")
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    if isinstance(found, bool):
        return last if found else f"no-{last}"
    return str(found) if isinstance(found, str | int) else ""
