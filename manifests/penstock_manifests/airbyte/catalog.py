"""What a source offers (catalog) and what is asked of it (configured catalog)."""

from __future__ import annotations

import msgspec


class AirbyteStream(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One stream of a source. `source_defined_primary_key` is a list of field paths, `default_cursor_field` one path."""

    name: str
    json_schema: dict[str, object]
    supported_sync_modes: tuple[str, ...] = ()  # full_refresh, incremental
    source_defined_cursor: bool | None = None
    default_cursor_field: tuple[str, ...] | None = None
    source_defined_primary_key: tuple[tuple[str, ...], ...] | None = None
    namespace: str | None = None
    is_resumable: bool | None = None
    is_file_based: bool | None = None


class AirbyteCatalog(msgspec.Struct, frozen=True):
    streams: tuple[AirbyteStream, ...]


class ConfiguredStream(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One stream as it shall be synced. `cursor_field` and each part of `primary_key` are field paths."""

    stream: AirbyteStream
    sync_mode: str  # full_refresh, incremental
    destination_sync_mode: str  # overwrite, append, append_dedup
    cursor_field: tuple[str, ...] | None = None
    primary_key: tuple[tuple[str, ...], ...] | None = None
    generation_id: int | None = None
    minimum_generation_id: int | None = None
    sync_id: int | None = None


class ConfiguredCatalog(msgspec.Struct, frozen=True):
    streams: tuple[ConfiguredStream, ...]


def encode_configured_catalog(catalog: ConfiguredCatalog) -> bytes:
    """The file that `read --catalog` takes. Empty lists are written: connectors read `supported_sync_modes` always."""
    return msgspec.json.encode({"streams": [_configured(stream) for stream in catalog.streams]})


def _configured(configured: ConfiguredStream) -> dict[str, object]:
    fields: dict[str, object] = msgspec.to_builtins(configured)
    fields["stream"] = {
        **msgspec.to_builtins(configured.stream),
        "supported_sync_modes": list(configured.stream.supported_sync_modes),
    }
    return fields
