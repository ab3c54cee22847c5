"""The table of routes: each with its right, its query, body and answer. What is not in the table does not exist."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import msgspec

from penstock.service.accounts import Accounts
from penstock.service.people import Right, View
from penstock.service.serving import Serving
from penstock.web.answers import Stands
from penstock.web.gate import Gate
from penstock.web.schema import Nothing

T = TypeVar("T", bound=msgspec.Struct)


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One request, read and allowed. `session` is the secret of its cookie; `accounts` opens them; `place` holds the parts of the path, `key` the Idempotency-Key, `peer` from where."""

    view: View
    gate: Gate
    accounts: Callable[[], Accounts]
    session: str | None = None
    query: msgspec.Struct | None = None
    body: msgspec.Struct | None = None
    place: Mapping[str, str] = {}
    key: str | None = None
    peer: str = ""

    @property
    def serving(self) -> Serving:
        return self.view.serving

    def asked(self, kind: type[T]) -> T:
        """The query, of the type that its route names."""
        return _of(kind, self.query)

    def told(self, kind: type[T]) -> T:
        """The body, of the type that its route names."""
        return _of(kind, self.body)


def _of(kind: type[T], found: msgspec.Struct | None) -> T:
    if not isinstance(found, kind):
        raise TypeError(f"the route reads {type(found).__name__}, and its handler {kind.__name__}")
    return found


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A body (a record, or builtins) with what HTTP says beside it. `session`: the cookie to give; empty: to take away."""

    body: object
    status: int = 200
    session: str | None = None
    headers: Mapping[str, str] = {}


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """`answer` is the record that the body has; `dated`: its times are ISO 8601. `handle` may block: it has a thread.

    `stands`: how long an answer holds for those of the same rights; it may depend on nothing else, and not on who they are."""

    method: str
    path: str
    name: str
    about: str
    right: Right
    handle: Callable[[Call], object]
    answer: object
    query: type[msgspec.Struct] = Nothing
    body: type[msgspec.Struct] | None = None
    status: int = 200
    dated: bool = False
    stands: Stands = Stands.ONCE
    command: str = ""  # the command line that prints the same document
