"""Answers of Airbyte's public API, read with tolerance: unknown words are kept, a field of another shape is left out and noted.

Bytes in, records out. Configurations of sources and destinations hold secrets: only harmless keys are read from them.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from penstock_manifests.errors import ManifestError

R = TypeVar("R", bound=msgspec.Struct)

_AT = re.compile(r"`\$\.(?P<field>[^`.\[]+)")
# What may be read of a destination's configuration: where it is, never who may enter. Read field by field.
_PLACE_KEYS = frozenset(
    {
        "host", "port", "database", "schema", "account", "warehouse", "project_id", "dataset_id", "dataset_location",
        "databricks_server_hostname", "hostname", "http_path", "destination_path", "motherduck_db_name",
        "catalog", "s3_bucket_name", "s3_bucket_path", "s3_bucket_region", "s3_path_format", "bucket_name",
        "default_schema", "raw_data_schema", "raw_schema", "use_legacy_raw_tables", "disable_type_dedupe",
    }
)  # fmt: skip


class ApiWorkspace(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    workspace_id: str
    name: str = ""


class ApiActor(msgspec.Struct, frozen=True, kw_only=True):
    """A source or destination. `type` is the connector's short name, empty for a custom one; `place` holds harmless keys only."""

    id: str
    name: str
    workspace_id: str
    type: str
    place: dict[str, Any]


class ApiMapper(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One mapper of a stream, in the connection's order. `configuration` keeps field names, never keys or values."""

    type: str = ""
    configuration: dict[str, Any] = {}


class ApiField(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    field_path: tuple[str, ...] = ()


class ApiConfiguredStream(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A stream as its connection syncs it. `selected_fields` empty means all; paths are from the record's top."""

    name: str
    namespace: str | None = None
    sync_mode: str | None = None
    cursor_field: tuple[str, ...] = ()
    primary_key: tuple[tuple[str, ...], ...] = ()
    selected_fields: tuple[ApiField, ...] = ()
    mappers: tuple[ApiMapper, ...] = ()
    destination_object_name: str | None = None


class ApiSchedule(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    schedule_type: str = "manual"
    cron_expression: str | None = None
    basic_timing: str | None = None


class ApiTag(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    name: str = ""
    tag_id: str = ""


class ApiConnection(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A connection. `status`, `namespace_definition` and modes are the server's own words, also ones not known here."""

    connection_id: str
    name: str = ""
    source_id: str = ""
    destination_id: str = ""
    workspace_id: str = ""
    status: str = "active"
    status_reason: str | None = None
    schedule: ApiSchedule = ApiSchedule()
    namespace_definition: str | None = None
    namespace_format: str | None = None
    prefix: str | None = None
    created_at: float | None = None
    tags: tuple[ApiTag, ...] = ()
    streams: tuple[ApiConfiguredStream, ...] = ()


class ApiStream(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A stream that a source offers. `property_fields` are paths; the API gives no types."""

    stream_name: str
    stream_namespace: str | None = None
    sync_modes: tuple[str, ...] = ()
    default_cursor_field: tuple[str, ...] = ()
    source_defined_cursor_field: bool = False
    source_defined_primary_key: tuple[tuple[str, ...], ...] = ()
    property_fields: tuple[tuple[str, ...], ...] = ()


class ApiJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job. Times are epoch seconds by the server's clock; `created` is when it was accepted. `rows` only of a finished one."""

    id: int
    connection_id: str
    status: str
    kind: str
    created: float | None = None
    updated: float | None = None
    rows: int | None = None
    size_bytes: int | None = None


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of one answer: what could be read, and what was noted ("connection c1: tags: expected array, got str")."""

    rows: tuple[Any, ...]
    notes: tuple[str, ...] = ()
    count: int = 0  # rows in the answer, readable or not


def rows_of(body: bytes, where: str) -> list[dict[str, object]]:
    """The rows of a list answer: `{"data": [...]}` or a bare list. Raises ManifestError for anything else."""
    try:
        document = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ManifestError(where, "$", "JSON", str(error)) from None
    data = document.get("data") if isinstance(document, dict) else document
    if not isinstance(data, list):
        raise ManifestError(where, "$.data", "a list", type(data).__name__)
    return [row if isinstance(row, dict) else {} for row in data]


def read_workspaces(body: bytes) -> Read:
    return _read(body, "workspaces", lambda row: _record(ApiWorkspace, row, "workspaceId"))


def read_actors(body: bytes, kind: str) -> Read:
    """Sources (`kind` "source") or destinations ("destination")."""
    return _read(body, f"{kind}s", lambda row: (_actor(row, kind), ()))


def read_connections(body: bytes) -> Read:
    return _read(body, "connections", _connection)


def read_streams(body: bytes) -> Read:
    return _read(body, "streams", _stream)


def read_jobs(body: bytes) -> Read:
    return _read(body, "jobs", lambda row: (_job(row), ()))


def read_connection(body: bytes) -> tuple[ApiConnection | None, tuple[str, ...]]:
    row = _object(body, "connection")
    return _connection(row)


def read_job(body: bytes) -> ApiJob | None:
    """One job; None when the answer names no id."""
    return _job(_object(body, "job"))


# ---------------------------------------------------------------- reading with tolerance


def _read(body: bytes, where: str, reader: Any) -> Read:
    rows, notes, found = rows_of(body, where), [], []
    for index, row in enumerate(rows):
        record, said = reader(row)
        notes += said
        if record is None:
            notes.append(f"{where}[{index}] has no id and is left out")
        else:
            found.append(record)
    return Read(rows=tuple(found), notes=tuple(notes), count=len(rows))


def _object(body: bytes, where: str) -> dict[str, object]:
    try:
        document = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ManifestError(where, "$", "JSON", str(error)) from None
    if not isinstance(document, dict):
        raise ManifestError(where, "$", "an object", type(document).__name__)
    return document


def _record(kind: type[R], row: dict[str, object], identity: str) -> tuple[R | None, tuple[str, ...]]:
    """The row as a record. A field of another shape is left out and noted, as often as it takes; nulls count as missing."""
    left = {key: value for key, value in row.items() if value is not None}
    notes: list[str] = []
    for _ in range(len(left) + 1):
        try:
            return msgspec.convert(left, kind, strict=False), tuple(notes)
        except msgspec.ValidationError as error:
            match = _AT.search(str(error))
            field = match["field"] if match else None
            if field is None or field not in left or field == identity:
                return None, tuple(notes)
            del left[field]
            notes.append(f"{row.get('name') or row.get(identity)}: {field}: {error}")
    return None, tuple(notes)


def _connection(row: dict[str, object]) -> tuple[ApiConnection | None, tuple[str, ...]]:
    configurations = row.get("configurations")
    told = configurations.get("streams") if isinstance(configurations, dict) else None
    plain = {key: value for key, value in row.items() if key not in ("configurations", "streams")}
    record, notes = _record(ApiConnection, plain, "connectionId")
    if record is None:
        return None, notes
    streams, more = [], []
    for stream in told if isinstance(told, list) else ():
        found, said = _configured(stream)
        more += [f"{record.name}: {note}" for note in said]
        if found is None:
            more.append(f"{record.name}: a stream without a name is left out")
        else:
            streams.append(found)
    return msgspec.structs.replace(record, streams=tuple(streams)), (*notes, *more)


def _configured(row: object) -> tuple[ApiConfiguredStream | None, tuple[str, ...]]:
    if not isinstance(row, dict):
        return None, ()
    plain = dict(row)
    plain["mappers"] = [_mapper(one) for one in row.get("mappers") or () if isinstance(one, dict)]
    plain["primaryKey"] = _paths(row.get("primaryKey"))
    plain["cursorField"] = _path(row.get("cursorField"))
    return _record(ApiConfiguredStream, plain, "name")


def _mapper(row: dict[str, object]) -> dict[str, object]:
    """A mapper without what it hides: keys of encryption and values of row filters stay out."""
    kind = row.get("type") or row.get("mapperType") or ""
    told = row.get("mapperConfiguration") or row.get("configuration") or {}
    kept = ("targetField", "fieldNameSuffix", "originalFieldName", "newFieldName", "method", "algorithm")
    names = {key: told[key] for key in kept if isinstance(told, dict) and isinstance(told.get(key), str)}
    return {"type": str(kind), "configuration": names}


def _stream(row: dict[str, object]) -> tuple[ApiStream | None, tuple[str, ...]]:
    plain = dict(row)
    # The real server writes `streamnamespace`.
    plain["streamNamespace"] = row.get("streamNamespace", row.get("streamnamespace"))
    plain["propertyFields"] = _paths(row.get("propertyFields"))
    plain["sourceDefinedPrimaryKey"] = _paths(row.get("sourceDefinedPrimaryKey"))
    plain["defaultCursorField"] = _path(row.get("defaultCursorField"))
    return _record(ApiStream, plain, "streamName")


def _actor(row: dict[str, object], kind: str) -> ApiActor | None:
    identity = row.get(f"{kind}Id")
    if not isinstance(identity, str):
        return None
    configuration = row.get("configuration")
    told = configuration if isinstance(configuration, dict) else {}
    return ApiActor(
        id=identity,
        name=str(row.get("name") or identity),
        workspace_id=str(row.get("workspaceId") or ""),
        type=str(row.get(f"{kind}Type") or ""),
        place={key: value for key, value in told.items() if key in _PLACE_KEYS and _plain(value)},
    )


def _plain(value: object) -> bool:
    """A short text or number; an address with a password in it is none."""
    if isinstance(value, str):
        return len(value) <= 500 and "@" not in value
    return isinstance(value, bool | int | float)


def _job(row: dict[str, object]) -> ApiJob | None:
    identity = row.get("jobId")
    if isinstance(identity, str) and identity.isdigit():
        identity = int(identity)
    if not isinstance(identity, int) or isinstance(identity, bool):
        return None
    return ApiJob(
        id=identity,
        connection_id=str(row.get("connectionId") or ""),
        status=str(row.get("status") or ""),
        kind=str(row.get("jobType") or "sync"),
        created=moment(row.get("startTime")),
        updated=moment(row.get("lastUpdatedAt")),
        rows=_whole(row.get("rowsSynced")),
        size_bytes=_whole(row.get("bytesSynced")),
    )


def moment(told: object) -> float | None:
    """Epoch seconds of a time as the API writes it: with or without seconds and fractions, or a number; None for anything else."""
    if isinstance(told, int | float) and not isinstance(told, bool):
        return float(told) / 1000 if told > 1e11 else float(told)
    if not isinstance(told, str) or not told:
        return None
    try:
        at = datetime.fromisoformat(told.strip().replace("Z", "+00:00"))
    except ValueError:
        return None
    # A time without a zone is meant in UTC: this machine's own zone says nothing about the server.
    return at.timestamp() if at.tzinfo else datetime.fromisoformat(at.isoformat() + "+00:00").timestamp()


def _whole(told: object) -> int | None:
    if isinstance(told, str) and told.isdigit():
        return int(told)
    return int(told) if isinstance(told, int | float) and not isinstance(told, bool) else None


def _path(told: object) -> list[str]:
    if isinstance(told, str):
        return [told]
    return [str(part) for part in told if part is not None] if isinstance(told, list) else []


def _paths(told: object) -> list[list[str]]:
    """Lists of paths, also where a server writes a path of one as a plain text."""
    return [path for one in told if (path := _path(one))] if isinstance(told, list) else []
