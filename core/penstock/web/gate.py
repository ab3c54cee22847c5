"""Who a request comes from: on loopback whoever opened the printed URL, else a user who logged in, or a token."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from typing import Literal, Protocol

from starlette.requests import Request
from starlette.responses import Response

from penstock.service.accounts import IDLE_SECONDS, LONGEST_SECONDS, Accounts, digest
from penstock.service.people import LOCAL, Who


class Cookie:
    """The session's cookie: HttpOnly, SameSite, for this server's base path only. `secure`: it is reached by https."""

    def __init__(self, *, secure: bool, path: str, port: int) -> None:
        self._secure = secure
        self._path = path or "/"
        # Cookies do not know ports: two servers on one machine must not overwrite each other's.
        self.name = "__Host-penstock" if secure and self._path == "/" else f"penstock-{port}"

    def read(self, request: Request) -> str | None:
        found = request.cookies.get(self.name)
        return found if found and len(found) < 200 else None

    def give(self, response: Response, secret: str) -> None:
        response.set_cookie(
            self.name, secret, path=self._path, secure=self._secure, httponly=True, samesite="lax",
            max_age=int(LONGEST_SECONDS),
        )  # fmt: skip

    def take(self, response: Response) -> None:
        response.delete_cookie(self.name, path=self._path, secure=self._secure, httponly=True, samesite="lax")


class Gate(Protocol):
    """Tells people from strangers. All of it may block."""

    cookie: Cookie
    login: Literal["none", "local"]

    def who(self, request: Request) -> Who | None: ...

    def by_url(self, token: str) -> str | None:
        """The secret of a new session for the token of the printed URL; None: it is not known, or was used."""
        ...

    def leave(self, session: str) -> None:
        """End the session of that secret."""
        ...


class Closed:
    """Nobody comes in: what holds until another gate is set."""

    login: Literal["none", "local"] = "local"
    cookie = Cookie(secure=True, path="/", port=0)

    def who(self, request: Request) -> Who | None:
        return None

    def by_url(self, token: str) -> str | None:
        return None

    def leave(self, session: str) -> None:
        """There are no sessions."""


class LoopbackGate:
    """Nobody logs in; whoever holds the printed URL is the person in front of this machine. `tell` gets each new URL's token."""

    login: Literal["none", "local"] = "none"

    def __init__(self, cookie: Cookie, tell: Callable[[str], None]) -> None:
        self.cookie = cookie
        self._tell = tell
        self._lock = threading.Lock()
        self._token = secrets.token_urlsafe(32)
        self._sessions: dict[str, tuple[float, float]] = {}  # digest: (began, last used)

    @property
    def token(self) -> str:
        return self._token

    def by_url(self, token: str) -> str | None:
        with self._lock:
            if not secrets.compare_digest(token.encode(), self._token.encode()):
                return None
            self._token = secrets.token_urlsafe(32)
            secret = secrets.token_urlsafe(32)
            now = time.monotonic()
            self._sessions[digest(secret)] = (now, now)
        self._tell(self._token)
        return secret

    def who(self, request: Request) -> Who | None:
        secret = self.cookie.read(request)
        if secret is None or "authorization" in request.headers:
            return None
        with self._lock:
            now, at = time.monotonic(), digest(secret)
            began, used = self._sessions.get(at, (0.0, -IDLE_SECONDS))
            if now - used >= IDLE_SECONDS or now - began >= LONGEST_SECONDS:
                self._sessions.pop(at, None)
                return None
            self._sessions[at] = (began, now)
        return LOCAL

    def leave(self, session: str) -> None:
        with self._lock:
            self._sessions.pop(digest(session), None)


class LocalGate:
    """People log in by name and password; programs send a token. What is sent as a token is never tried as a session."""

    login: Literal["none", "local"] = "local"

    def __init__(self, cookie: Cookie, accounts: Callable[[], Accounts]) -> None:
        self.cookie = cookie
        self._accounts = accounts

    def by_url(self, token: str) -> str | None:
        return None

    def who(self, request: Request) -> Who | None:
        given = request.headers.getlist("authorization")
        if given:
            kind, _, secret = given[0].partition(" ")
            wrong = len(given) > 1 or kind.lower() != "bearer"
            return None if wrong else self._accounts().by_token(secret.strip())
        secret = self.cookie.read(request) or ""
        return self._accounts().by_session(secret) if secret else None

    def leave(self, session: str) -> None:
        self._accounts().leave(session)
