"""People and tokens: passwords, sessions, limits, and the audit of what they do. Knows no HTTP."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from penstock.errors import UsageError
from penstock.service.people import Grant, NotAllowed, Role, Who
from penstock.service.workspace import Workspace
from penstock.store import AccountStore, AuditEntry, RunStore, StoreMissing, TokenRow, open_store

__all__ = [
    "Accounts",
    "AuditEntry",
    "Person",
    "RunStore",
    "TokenTold",
    "digest",
    "has_people",
    "open_for_people",
    "opened",
]

IDLE_SECONDS = 12 * 3600.0
LONGEST_SECONDS = 7 * 24 * 3600.0
SHORTEST_PASSWORD = 10
_TRIES, _TRIES_SECONDS = 10, 300.0
_NOTED = 60.0  # seconds after which a use is written again
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}$")
_N, _R, _P = 2**14, 8, 1


class Person(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    grants: tuple[Grant, ...]
    created_at: float


class TokenTold(msgspec.Struct, frozen=True, kw_only=True):
    """A token without its secret."""

    id: str
    user: str
    about: str
    limits: tuple[Grant, ...]
    created_at: float
    expires_at: float | None
    used_at: float | None
    revoked_at: float | None


class TooManyTries(NotAllowed):
    """Wrong passwords, too often and too fast."""


class Accounts:
    """Over one open store. Safe to use from several threads."""

    def __init__(self, store: AccountStore, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._now = now
        self._lock = threading.Lock()
        self._tries: dict[str, list[float]] = {}
        self._decoy = hashed(secrets.token_hex(16))

    # ------------------------------------------------------------ people

    def people(self) -> list[Person]:
        return [
            Person(name=one.name, grants=_grants(one.grants), created_at=one.created_at)
            for one in self._store.accounts()
        ]

    def add(self, name: str, password: str, grants: tuple[Grant, ...]) -> None:
        """Raises UsageError for a name or password that will not do, or a person that is there."""
        if not _NAME.match(name):
            raise UsageError("a name has letters, digits and . _ @ + -, 100 at most")
        if self._store.account(name) is not None:
            raise UsageError(
                f"there is a user '{name}' already", hint="change the rights: penstock users grant"
            )
        self._store.put(name, password=_checked(password), grants=_text(grants))

    def change(
        self, name: str, *, password: str | None = None, grants: tuple[Grant, ...] | None = None
    ) -> None:
        hidden = _checked(password) if password is not None else None
        if not self._store.put(name, password=hidden, grants=_text(grants) if grants is not None else None):
            raise UsageError(f"no user '{name}'", hint="list them: penstock users list")

    def remove(self, name: str) -> None:
        if not self._store.remove(name):
            raise UsageError(f"no user '{name}'", hint="list them: penstock users list")

    # ------------------------------------------------------------ sessions

    def login(self, name: str, password: str, peer: str) -> str | None:
        """The secret of a new session; None for a wrong name or password, which take the same time. Raises TooManyTries."""
        for at in (f"user {name}", f"peer {peer}"):
            self._refuse_many(at)
        account = self._store.account(name)
        good = matches(password, account.password if account is not None else self._decoy)
        if account is None or not good:
            for at in (f"user {name}", f"peer {peer}"):
                self._count(at)
            return None
        self._store.forget_sessions(idle=IDLE_SECONDS, longest=LONGEST_SECONDS)
        secret = secrets.token_urlsafe(32)
        self._store.open_session(digest(secret), account.name)
        return secret

    def _refuse_many(self, at: str) -> None:
        with self._lock:
            since = self._now() - _TRIES_SECONDS
            recent = [when for when in self._tries.get(at, ()) if when > since]
            self._tries[at] = recent
            if not recent:
                del self._tries[at]
        if len(recent) >= _TRIES:
            raise TooManyTries("too many wrong passwords", hint="wait some minutes")

    def _count(self, at: str) -> None:
        with self._lock:
            if len(self._tries) > 10_000:
                self._tries.clear()
            self._tries.setdefault(at, []).append(self._now())

    def by_session(self, secret: str) -> Who | None:
        found = self._store.session(digest(secret))
        now = self._now()
        if found is None or now - found.used_at >= IDLE_SECONDS or now - found.began_at >= LONGEST_SECONDS:
            return None
        account = self._store.account(found.account)
        if account is None:
            return None
        if now - found.used_at > _NOTED:
            self._store.use_session(found.digest)
        return Who(user=account.name, grants=_grants(account.grants))

    def leave(self, secret: str) -> None:
        self._store.close_session(digest(secret))

    # ------------------------------------------------------------ tokens

    def make_token(
        self, user: str, about: str, limits: tuple[Grant, ...], days: float | None
    ) -> tuple[str, str]:
        """(id, secret): the secret is shown once and kept nowhere. Raises UsageError for nobody of that name."""
        if self._store.account(user) is None:
            raise UsageError(f"no user '{user}'", hint="list them: penstock users list")
        if not limits:
            raise UsageError("a token needs something that it may do", hint="give it a role")
        secret, identity = f"pk_{secrets.token_urlsafe(32)}", secrets.token_hex(4)
        now = self._now()
        self._store.add_token(
            TokenRow(
                id=identity,
                digest=digest(secret),
                account=user,
                about=about,
                limits=_text(limits),
                created_at=now,
                expires_at=None if days is None else now + days * 86_400,
            )
        )
        return identity, secret

    def by_token(self, secret: str) -> Who | None:
        if not secret.startswith("pk_") or len(secret) > 100:
            return None
        found, now = self._store.token(digest(secret)), self._now()
        if found is None or found.revoked_at is not None or (found.expires_at or now + 1) <= now:
            return None
        account = self._store.account(found.account)
        if account is None:
            return None
        if now - (found.used_at or 0.0) > _NOTED:
            self._store.use_token(found.digest)
        return Who(
            user=account.name, grants=_grants(account.grants), token=found.id, limits=_grants(found.limits)
        )

    def tokens(self, user: str | None = None) -> list[TokenTold]:
        return [
            TokenTold(
                id=one.id, user=one.account, about=one.about, limits=_grants(one.limits),
                created_at=one.created_at, expires_at=one.expires_at, used_at=one.used_at,
                revoked_at=one.revoked_at,
            )
            for one in self._store.tokens(user)
        ]  # fmt: skip

    def revoke(self, token: str, user: str | None = None) -> None:
        if not self._store.revoke(token, user):
            raise UsageError("no such token that is not revoked", hint="list them: penstock tokens list")

    # ------------------------------------------------------------ audit

    def note(self, entry: AuditEntry) -> None:
        self._store.note(entry)

    def audit(self, *, before: int | None, limit: int, who: str | None) -> list[AuditEntry]:
        return self._store.audit(before=before, limit=limit, who=who)


@contextmanager
def opened(workspace: Workspace) -> Iterator[Accounts]:
    """The accounts of a project's store, which is made when there is none."""
    store = open_for_people(workspace)
    try:
        yield Accounts(store.accounts())
    finally:
        store.close()


def open_for_people(workspace: Workspace) -> RunStore:
    workspace.keep()
    return open_store(workspace.project.store_url(), root=workspace.project.root)


def has_people(workspace: Workspace) -> bool:
    """Whether anybody can log in."""
    try:
        store = open_store(workspace.project.store_url(), root=workspace.project.root, create=False)
    except StoreMissing:
        return False
    try:
        return store.accounts().count() > 0
    finally:
        store.close()


def digest(secret: str) -> str:
    """What is kept in place of a secret that is random and long: no salt and no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def hashed(password: str) -> str:
    """scrypt with a salt of its own; the parameters stand before it."""
    salt = secrets.token_bytes(16)
    parts = (salt, _scrypt(password, salt, _N, _R, _P))
    return f"scrypt:{_N}:{_R}:{_P}:" + ":".join(base64.b64encode(part).decode() for part in parts)


def matches(password: str, kept: str) -> bool:
    _, n, r, p, salt, known = kept.split(":")
    found = _scrypt(password, base64.b64decode(salt), int(n), int(r), int(p))
    return secrets.compare_digest(found, base64.b64decode(known))


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(
        password.encode(errors="surrogatepass"), salt=salt, n=n, r=r, p=p, maxmem=256 * n * r, dklen=32
    )


def _checked(password: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        raise UsageError(f"a password has at least {SHORTEST_PASSWORD} characters")
    if len(password) > 1_000:
        raise UsageError("a password has at most 1,000 characters")
    return hashed(password)


def _grants(text: str) -> tuple[Grant, ...]:
    return msgspec.json.decode(text, type=tuple[Grant, ...])


def _text(grants: tuple[Grant, ...]) -> str:
    return msgspec.json.encode(grants).decode()


def grant(role: str, environment: str, select: str, *, see_data: bool) -> Grant:
    """Raises UsageError for no such role."""
    try:
        return Grant(role=Role(role), environment=environment, select=select.strip(), see_data=see_data)
    except ValueError:
        raise UsageError(f"no role '{role}'", hint="roles: " + ", ".join(Role)) from None
