"""Who a request comes from. Loopback: a one-time token in the printed URL becomes a session of this process."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from penstock.service.people import LOCAL, Who

IDLE_SECONDS = 12 * 3600.0
LONGEST_SECONDS = 7 * 24 * 3600.0


def digest(secret: str) -> str:
    """What is kept in place of a secret that is random and long: no salt and no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


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
    login: str

    def who(self, request: Request) -> Who | None: ...

    def by_url(self, token: str) -> str | None:
        """The secret of a new session for the token of the printed URL; None: it is not known, or was used."""
        ...

    def leave(self, request: Request) -> None:
        """End the session of the request."""
        ...


class LoopbackGate:
    """Nobody logs in; whoever holds the printed URL is the person in front of this machine. `tell` gets each new URL's token."""

    login = "none"

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
        if secret is None:
            return None
        with self._lock:
            now, at = time.monotonic(), digest(secret)
            began, used = self._sessions.get(at, (0.0, -IDLE_SECONDS))
            if now - used >= IDLE_SECONDS or now - began >= LONGEST_SECONDS:
                self._sessions.pop(at, None)
                return None
            self._sessions[at] = (began, now)
        return LOCAL

    def leave(self, request: Request) -> None:
        secret = self.cookie.read(request)
        if secret is not None:
            with self._lock:
                self._sessions.pop(digest(secret), None)
