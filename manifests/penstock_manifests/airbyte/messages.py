"""One line of a connector's stdout -> one message. Unknown fields and unknown message types are kept readable."""

from __future__ import annotations

import msgspec

from penstock_manifests.airbyte.catalog import AirbyteCatalog
from penstock_manifests.airbyte.state import State, StreamDescriptor, settled
from penstock_manifests.decode import wrong_type
from penstock_manifests.errors import ManifestError


class Spec(msgspec.Struct, frozen=True):
    """What a connector's config must look like: `connection_specification` is a JSON schema."""

    connection_specification: dict[str, object] = msgspec.field(name="connectionSpecification")
    documentation_url: str | None = msgspec.field(default=None, name="documentationUrl")
    supports_incremental: bool | None = msgspec.field(default=None, name="supportsIncremental")
    supported_destination_sync_modes: tuple[str, ...] = ()
    protocol_version: str | None = None
    advanced_auth: dict[str, object] | None = None


class ConnectionStatus(msgspec.Struct, frozen=True, gc=False):
    status: str  # SUCCEEDED, FAILED
    message: str | None = None


class RecordChange(msgspec.Struct, frozen=True, gc=False):
    """A value that the source could not give as it was: `change` NULLED or TRUNCATED."""

    field: str
    change: str
    reason: str | None = None


class RecordMeta(msgspec.Struct, frozen=True):
    changes: tuple[RecordChange, ...] = ()


class Record(msgspec.Struct, frozen=True):
    """One row. `data` is the row's JSON text, not decoded; `emitted_at` epoch milliseconds."""

    stream: str
    data: msgspec.Raw
    emitted_at: int | float
    namespace: str | None = None
    meta: RecordMeta | None = None
    file_reference: dict[str, object] | None = None


class Log(msgspec.Struct, frozen=True, gc=False):
    level: str  # FATAL, ERROR, WARN, INFO, DEBUG, TRACE
    message: str
    stack_trace: str | None = None


class TraceError(msgspec.Struct, frozen=True, gc=False):
    """Why a connector gives up. `failure_type` is system_error, config_error or transient_error."""

    message: str
    internal_message: str | None = None
    stack_trace: str | None = None
    failure_type: str | None = None
    stream_descriptor: StreamDescriptor | None = None


class Estimate(msgspec.Struct, frozen=True, gc=False):
    """How much is to come; `type` is STREAM or SYNC."""

    type: str
    name: str | None = None
    namespace: str | None = None
    row_estimate: float | None = None
    byte_estimate: float | None = None


class StreamStatusReason(msgspec.Struct, frozen=True):
    type: str  # RATE_LIMITED
    rate_limited: dict[str, object] | None = None


class StreamStatus(msgspec.Struct, frozen=True):
    stream_descriptor: StreamDescriptor
    status: str  # STARTED, RUNNING, COMPLETE, INCOMPLETE
    reasons: tuple[StreamStatusReason, ...] | None = None


class Analytics(msgspec.Struct, frozen=True, gc=False):
    type: str
    value: str | None = None


class Trace(msgspec.Struct, frozen=True):
    """`type` is ERROR, ESTIMATE, STREAM_STATUS, ANALYTICS, or one that is not known here (then all four are None)."""

    type: str
    emitted_at: float | None = None
    error: TraceError | None = None
    estimate: Estimate | None = None
    stream_status: StreamStatus | None = None
    analytics: Analytics | None = None


class ConnectorConfig(msgspec.Struct, frozen=True):
    """The config as the connector wants it from now on (rotated tokens). Holds secrets."""

    config: dict[str, object]


class Control(msgspec.Struct, frozen=True):
    type: str  # CONNECTOR_CONFIG
    emitted_at: float | None = None
    connector_config: ConnectorConfig | None = msgspec.field(default=None, name="connectorConfig")


class Message(msgspec.Struct, frozen=True):
    """One protocol message: `type` (RECORD, STATE, LOG, SPEC, CONNECTION_STATUS, CATALOG, TRACE, CONTROL, or unknown), and
    the field that goes with it. Of an unknown type no field is filled."""

    type: str
    record: Record | None = None
    state: State | None = None
    log: Log | None = None
    spec: Spec | None = None
    connection_status: ConnectionStatus | None = msgspec.field(default=None, name="connectionStatus")
    catalog: AirbyteCatalog | None = None
    trace: Trace | None = None
    control: Control | None = None


_PAYLOAD = {
    "RECORD": "record",
    "STATE": "state",
    "LOG": "log",
    "SPEC": "spec",
    "CONNECTION_STATUS": "connection_status",
    "CATALOG": "catalog",
    "TRACE": "trace",
    "CONTROL": "control",
}


class _Envelope(msgspec.Struct):
    type: str


_MESSAGE = msgspec.json.Decoder(Message)
_ENVELOPE = msgspec.json.Decoder(_Envelope)


def decode_message(line: bytes, file: str = "connector output") -> Message | None:
    """The message of one line; None for a line that is no message (connectors print other things too).

    Raises ManifestError for a message of a known type whose content is not what the protocol says.
    """
    try:
        if not line.isascii():
            line.decode()  # what is kept as raw JSON has not been looked into
        message = _MESSAGE.decode(line)
    except msgspec.ValidationError as error:
        if _known_type(line):
            raise wrong_type(error, file) from None
        return None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    except RecursionError:
        raise ManifestError(file, "$", "JSON of a depth that can be read", "deeper nesting") from None
    field = _PAYLOAD.get(message.type)
    if field is not None and getattr(message, field) is None:
        raise wrong_type(msgspec.ValidationError(f"Object missing required field `{field}`"), file)
    if message.state is not None:
        return msgspec.structs.replace(message, state=settled(message.state, line, file))
    return message


def _known_type(line: bytes) -> bool:
    try:
        return _ENVELOPE.decode(line).type in _PAYLOAD
    except (msgspec.MsgspecError, RecursionError):
        return False
