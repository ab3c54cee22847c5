"""Rows of people: accounts, sessions, tokens, and the audit, to which rows are only added. What a row allows is not known here."""

from __future__ import annotations

import time

import msgspec
from sqlalchemy import delete, func, insert, select, update

from penstock.store import schema_people
from penstock.store.database import Database

_ACCOUNTS, _SESSIONS = schema_people.accounts, schema_people.account_sessions
_TOKENS, _AUDIT = schema_people.account_tokens, schema_people.audit


class Account(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    password: str
    grants: str
    created_at: float


class SessionRow(msgspec.Struct, frozen=True, kw_only=True):
    digest: str
    account: str
    began_at: float
    used_at: float


class TokenRow(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    digest: str
    account: str
    about: str
    limits: str
    created_at: float
    expires_at: float | None = None
    used_at: float | None = None
    revoked_at: float | None = None


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Who did, or tried to do, what. `plan` is the hash of the plan that was started."""

    position: int = 0
    at: float = 0.0
    environment: str
    who: str
    action: str
    target: str
    peer: str
    outcome: str
    token: str | None = None
    plan: str | None = None


class AccountStore:
    """Blocking; safe to use from several threads and processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def account(self, name: str) -> Account | None:
        with self._database.read() as connection:
            row = connection.execute(select(_ACCOUNTS).where(_ACCOUNTS.c.name == name)).one_or_none()
        return Account(**row._mapping) if row is not None else None

    def accounts(self) -> list[Account]:
        with self._database.read() as connection:
            rows = connection.execute(select(_ACCOUNTS).order_by(_ACCOUNTS.c.name)).all()
        return [Account(**row._mapping) for row in rows]

    def put(self, name: str, *, password: str | None = None, grants: str | None = None) -> bool:
        """Make or change a person; what is None stays. A new password ends every session. False: nobody of that name to
        change."""
        values = {k: v for k, v in {"password": password, "grants": grants}.items() if v is not None}
        with self._database.write() as connection:
            changed = connection.execute(update(_ACCOUNTS).where(_ACCOUNTS.c.name == name).values(**values))
            if changed.rowcount == 0:
                if password is None or grants is None:
                    return False
                connection.execute(insert(_ACCOUNTS).values(name=name, created_at=time.time(), **values))
            if password is not None:
                connection.execute(delete(_SESSIONS).where(_SESSIONS.c.account == name))
        return True

    def remove(self, name: str) -> bool:
        """A person with all sessions and tokens; the audit keeps the name. Whether there was one."""
        with self._database.write() as connection:
            gone = connection.execute(delete(_ACCOUNTS).where(_ACCOUNTS.c.name == name)).rowcount
            connection.execute(delete(_SESSIONS).where(_SESSIONS.c.account == name))
            connection.execute(delete(_TOKENS).where(_TOKENS.c.account == name))
        return gone > 0

    def open_session(self, digest: str, account: str) -> None:
        now = time.time()
        with self._database.write() as connection:
            connection.execute(
                insert(_SESSIONS).values(digest=digest, account=account, began_at=now, used_at=now)
            )

    def session(self, digest: str) -> SessionRow | None:
        with self._database.read() as connection:
            row = connection.execute(select(_SESSIONS).where(_SESSIONS.c.digest == digest)).one_or_none()
        return SessionRow(**row._mapping) if row is not None else None

    def use_session(self, digest: str) -> None:
        with self._database.write() as connection:
            found = update(_SESSIONS).where(_SESSIONS.c.digest == digest)
            connection.execute(found.values(used_at=time.time()))

    def close_session(self, digest: str) -> None:
        with self._database.write() as connection:
            connection.execute(delete(_SESSIONS).where(_SESSIONS.c.digest == digest))

    def forget_sessions(self, *, idle: float, longest: float) -> None:
        """Those that nobody can use any more."""
        now = time.time()
        with self._database.write() as connection:
            old = (_SESSIONS.c.used_at < now - idle) | (_SESSIONS.c.began_at < now - longest)
            connection.execute(delete(_SESSIONS).where(old))

    def add_token(self, token: TokenRow) -> None:
        with self._database.write() as connection:
            connection.execute(insert(_TOKENS).values(**msgspec.structs.asdict(token)))

    def token(self, digest: str) -> TokenRow | None:
        with self._database.read() as connection:
            row = connection.execute(select(_TOKENS).where(_TOKENS.c.digest == digest)).one_or_none()
        return TokenRow(**row._mapping) if row is not None else None

    def tokens(self, account: str | None = None) -> list[TokenRow]:
        """Newest first; of one person, or of all."""
        query = select(_TOKENS).order_by(_TOKENS.c.created_at.desc())
        if account is not None:
            query = query.where(_TOKENS.c.account == account)
        with self._database.read() as connection:
            return [TokenRow(**row._mapping) for row in connection.execute(query)]

    def use_token(self, digest: str) -> None:
        with self._database.write() as connection:
            found = update(_TOKENS).where(_TOKENS.c.digest == digest)
            connection.execute(found.values(used_at=time.time()))

    def revoke(self, token: str, account: str | None = None) -> bool:
        """Whether there was such a token (of that person) that was not revoked."""
        found = update(_TOKENS).where(_TOKENS.c.id == token, _TOKENS.c.revoked_at.is_(None))
        if account is not None:
            found = found.where(_TOKENS.c.account == account)
        with self._database.write() as connection:
            return connection.execute(found.values(revoked_at=time.time())).rowcount > 0

    def note(self, entry: AuditEntry) -> None:
        values: dict[str, object] = msgspec.structs.asdict(entry)
        del values["position"]
        with self._database.write() as connection:
            connection.execute(insert(_AUDIT).values(**{**values, "at": time.time()}))

    def audit(self, *, before: int | None, limit: int, who: str | None = None) -> list[AuditEntry]:
        """Newest first; of one person, or of all."""
        query = select(_AUDIT).order_by(_AUDIT.c.position.desc()).limit(limit)
        if before is not None:
            query = query.where(_AUDIT.c.position < before)
        if who is not None:
            query = query.where(_AUDIT.c.who == who)
        with self._database.read() as connection:
            return [AuditEntry(**row._mapping) for row in connection.execute(query)]

    def count(self) -> int:
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(_ACCOUNTS)).scalar_one()
