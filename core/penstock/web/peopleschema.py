"""Records of the API about people: logging in, rights, tokens, the audit. Shapes only; no I/O."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from penstock.web.schema import Limit, Name, Text


class LoginRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    user: Name
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)]


class GrantDocument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A role in one environment (`*`: all) over a selection (empty: everything). `see_data`: SQL and logs too."""

    role: Literal["viewer", "operator", "editor", "admin"]
    environment: Name = "*"
    select: Text = ""
    see_data: bool = False


class UserDocument(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    grants: tuple[GrantDocument, ...]
    created_at: str


class UsersDocument(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    users: tuple[UserDocument, ...]


class NewUser(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Name
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)]
    grants: Annotated[tuple[GrantDocument, ...], msgspec.Meta(min_length=1, max_length=100)]


class NewGrants(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """In place of all rights of before."""

    name: Name
    grants: Annotated[tuple[GrantDocument, ...], msgspec.Meta(max_length=100)]


class NamedUser(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Name


class NewToken(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of the person who asks; never more than they may."""

    about: Text = ""
    days: Annotated[float, msgspec.Meta(gt=0, le=366)] = 90
    limits: Annotated[tuple[GrantDocument, ...], msgspec.Meta(min_length=1, max_length=100)]


class TokenMade(msgspec.Struct, frozen=True, kw_only=True):
    """`token` is shown once and kept nowhere."""

    format: int
    id: str
    token: str


class TokenDocument(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    user: str
    about: str
    limits: tuple[GrantDocument, ...]
    created_at: str
    expires_at: str | None
    used_at: str | None
    revoked_at: str | None


class TokensDocument(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    tokens: tuple[TokenDocument, ...]


class AuditQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`cursor` comes from the `Link` header of the page before."""

    cursor: Text = ""
    limit: Limit = 100


class AuditRow(msgspec.Struct, frozen=True, kw_only=True):
    position: int
    at: str
    environment: str
    who: str
    action: str
    target: str
    peer: str
    outcome: str
    token: str | None
    plan: str | None


class AuditDocument(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    entries: tuple[AuditRow, ...]
