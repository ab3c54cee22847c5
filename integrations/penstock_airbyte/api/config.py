"""`airbyte: {cloud: {type: api, ...}}`: a remote Airbyte in penstock.yml, its words checked and resolved. No I/O."""

from __future__ import annotations

from enum import StrEnum
from fnmatch import fnmatchcase

import msgspec

from penstock.system.durations import EXAMPLES, seconds_of
from penstock_airbyte.api.tokens import Credentials
from penstock_airbyte.config import OnDrift
from penstock_manifests.airbyte.api import ApiConnection

CLOUD = "https://api.airbyte.com/v1"
_DEFAULT_PATIENCE = "2h"
_OLDER_THAN = "when_older_than"


class SyncPolicy(StrEnum):
    """Whether a run may start this connection's sync, which may cost money. ASK: on a terminal only; elsewhere as NEVER."""

    ASK = "ask"
    NEVER = "never"
    ALWAYS = "always"


class Chosen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which connections are seen: by name, id or pattern (`*`, `?`), and by tag. Nothing given: all."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def has(self, connection: ApiConnection) -> bool:
        """Whether this connection is one of them."""
        if self.tags and not {tag.name for tag in connection.tags} & set(self.tags):
            return False
        if self.include and not _named(connection, self.include):
            return False
        return not _named(connection, self.exclude)


class Override(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What holds for one connection (by name or id) instead of the instance's words."""

    sync: str | dict[str, str] | None = None
    max_age: str | None = None
    adopt: bool | None = None
    on_drift: OnDrift | None = None
    patience: str | None = None


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for one connection, every word resolved. Times are seconds; `max_age` None: its own interval, or no reuse."""

    policy: SyncPolicy
    max_age: float | None
    adopt: bool
    on_drift: OnDrift
    patience: float


class ApiConfig(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="api"
):
    """A server and what may be done there. `sync`: ask, never, always, or `when_older_than: 1h` (always, with that `max_age`).

    `destinations` maps a destination's name in Airbyte to a warehouse of this file, where its address does not tell.
    `patience`: how long the server may be silent before a run gives up waiting. `schemas_every`: how often the fields of
    streams are read again.
    """

    server: str = CLOUD
    client_id: str | None = None
    client_secret: str | None = None
    token: str | None = None
    username: str | None = None
    password: str | None = None
    workspaces: tuple[str, ...] = ()
    connections: Chosen = Chosen()
    destinations: dict[str, str] = {}
    sync: str | dict[str, str] = SyncPolicy.ASK.value
    max_age: str | None = None
    adopt: bool = True
    on_drift: OnDrift = OnDrift.WARN
    patience: str = _DEFAULT_PATIENCE
    schemas_every: str = "6h"
    overrides: dict[str, Override] = {}

    def __post_init__(self) -> None:
        if not self.server.startswith(("http://", "https://")):
            raise ValueError(f"`server` is the API's address with http or https, such as {CLOUD}")
        _check_credentials(self)
        words: list[tuple[str | dict[str, str] | None, str | None, str | None]] = [
            (self.sync, self.max_age, self.patience)
        ]
        words += [(one.sync, one.max_age, one.patience) for one in self.overrides.values()]
        for sync, max_age, patience in words:
            age = None if sync is None else _policy(sync)[1]
            for told in (age, max_age, patience):
                if told is not None:
                    _seconds(told)
        _seconds(self.schemas_every)

    @property
    def schemas_seconds(self) -> float:
        """How often the fields of streams are read again, in seconds."""
        return _seconds(self.schemas_every)

    @property
    def credentials(self) -> Credentials:
        return Credentials(
            client_id=self.client_id,
            client_secret=self.client_secret,
            token=self.token,
            username=self.username,
            password=self.password,
        )


def rule_for(config: ApiConfig, connection: ApiConnection) -> Rule:
    """What holds for a connection."""
    own = (
        config.overrides.get(connection.name) or config.overrides.get(connection.connection_id) or Override()
    )
    policy, age = _policy(config.sync if own.sync is None else own.sync)
    max_age = own.max_age or (age if own.sync is not None else None) or config.max_age or age
    return Rule(
        policy=policy,
        max_age=None if max_age is None else _seconds(max_age),
        adopt=config.adopt if own.adopt is None else own.adopt,
        on_drift=own.on_drift or config.on_drift,
        patience=_seconds(own.patience or config.patience),
    )


def _policy(told: str | dict[str, str]) -> tuple[SyncPolicy, str | None]:
    """The policy, and the age that `when_older_than` gives with it."""
    if isinstance(told, dict):
        if set(told) == {_OLDER_THAN}:
            return SyncPolicy.ALWAYS, told[_OLDER_THAN]
    elif told.startswith(f"{_OLDER_THAN}:"):
        return SyncPolicy.ALWAYS, told.partition(":")[2].strip()
    elif told in {policy.value for policy in SyncPolicy}:
        return SyncPolicy(told), None
    raise ValueError(f"`sync` is one of ask, never, always, or {_OLDER_THAN}: 1h; not {told!r}")


def _check_credentials(config: ApiConfig) -> None:
    application = (config.client_id, config.client_secret)
    person = (config.username, config.password)
    ways = [any(application), bool(config.token), any(person)]
    if sum(ways) > 1:
        raise ValueError("give one of: client_id with client_secret, token, username with password")
    if any(application) and not all(application):
        raise ValueError("client_id and client_secret belong together")
    if any(person) and not all(person):
        raise ValueError("username and password belong together")


def _seconds(text: str) -> float:
    found = seconds_of(text)
    if found is None:
        raise ValueError(f"invalid duration '{text}' (examples: {EXAMPLES})")
    return found


def _named(connection: ApiConnection, patterns: tuple[str, ...]) -> bool:
    names = (connection.name, connection.connection_id)
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)
