"""What penstock.yml says about Airbyte: connections, their sources, streams and modes. Nothing is looked up here."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from penstock_airbyte.namespaces import NamespaceDefinition


class SyncMode(StrEnum):
    """Airbyte's pairs of how a source is read and how a table is written."""

    FULL_REFRESH_OVERWRITE = "full_refresh_overwrite"
    FULL_REFRESH_APPEND = "full_refresh_append"
    INCREMENTAL_APPEND = "incremental_append"
    INCREMENTAL_APPEND_DEDUP = "incremental_append_dedup"

    @property
    def incremental(self) -> bool:
        return self in (SyncMode.INCREMENTAL_APPEND, SyncMode.INCREMENTAL_APPEND_DEDUP)


class OnDrift(StrEnum):
    """What a run does when a stream has changed since it was loaded last."""

    WARN = "warn"
    BLOCK_AFFECTED = "block_affected"
    BLOCK = "block"


class StreamConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One stream. `primary_key` and `cursor` default to what the source defines; `fields` to all."""

    sync_mode: SyncMode = SyncMode.FULL_REFRESH_OVERWRITE
    cursor: str | None = None
    primary_key: tuple[str, ...] = ()
    fields: tuple[str, ...] | None = None


class SourceConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source connector: a package that penstock installs (`connector`, `version`, `python`), or the `command` of one that
    is installed already; and its own configuration."""

    connector: str | None = None
    version: str | None = None
    python: str | None = None
    command: tuple[str, ...] | None = None
    config: dict[str, object] = {}

    def __post_init__(self) -> None:
        if (self.connector is None) == (self.command is None):
            raise ValueError("give either `connector` (a package) or `command` (an executable)")
        if self.command is not None and not self.command:
            raise ValueError("`command` is empty")

    @property
    def title(self) -> str:
        """The connector in a few words."""
        if self.connector is not None:
            return f"{self.connector} {self.version}" if self.version else self.connector
        return (self.command or ("",))[-1].rsplit("/", 1)[-1]


class ConnectionConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From a source into a warehouse. Without `streams` every stream of the source is synced, each time whole.
    `namespace_definition` and `namespace_format`: in which schema each stream's table lies (`schema` by default).
    `renamed_from`: the name that it had, whose state it goes on from while it has none of its own. `on_drift`: what a run does
    about changes at the source that are not loaded yet."""

    source: SourceConfig
    destination: str
    schema: str | None = None
    prefix: str = ""
    namespace_definition: NamespaceDefinition = NamespaceDefinition.DESTINATION
    namespace_format: str | None = None
    renamed_from: str | None = None
    on_drift: OnDrift = OnDrift.WARN
    streams: dict[str, StreamConfig | None] | None = None

    def __post_init__(self) -> None:
        wanted = self.namespace_definition is NamespaceDefinition.CUSTOM_FORMAT
        if wanted and not (self.namespace_format or "").strip():
            raise ValueError("`namespace_definition: custom_format` needs a `namespace_format`")
        if self.namespace_format is not None and not wanted:
            raise ValueError("`namespace_format` goes with `namespace_definition: custom_format`")


class AirbyteConfig(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="local"
):
    """`airbyte: {ingest: {type: local, connections: {...}}}`. `busy_timeout`: how many seconds a sync waits for a
    warehouse that another process holds; `stop_timeout`: how long a connector may take to stop; `max_record_mb`: the longest
    line that a connector may write; `checkpoint_every`: at most so often (seconds) a long sync commits what a state confirms;
    `memory_mb`: the memory that a load may use in the warehouse's engine; `max_log_mb`: so much of a connector's log is kept."""

    connections: dict[str, ConnectionConfig]
    busy_timeout: float = 300.0
    stop_timeout: float = 10.0
    memory_mb: Annotated[int, msgspec.Meta(ge=64)] = 1024
    max_log_mb: Annotated[int, msgspec.Meta(ge=1)] = 16
    checkpoint_every: float = 30.0
    max_record_mb: Annotated[int, msgspec.Meta(ge=1, le=1024)] = 256


class SyncPayload(msgspec.Struct, frozen=True, kw_only=True):
    """What a sync's step carries for its runner."""

    connection: str


class SyncOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a command may say. `from_scratch`: the items whose streams are read from their beginning; `discover`: a server asks its
    sources for their fields anew."""

    from_scratch: tuple[str, ...] = ()
    discover: bool = False
