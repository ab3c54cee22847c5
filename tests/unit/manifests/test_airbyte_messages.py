"""One line of a connector -> one message, whatever the line is."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from penstock_manifests.airbyte import (
    AirbyteStream,
    ConfiguredCatalog,
    ConfiguredStream,
    GlobalState,
    State,
    StreamDescriptor,
    StreamState,
    decode_message,
    decode_state,
    encode_configured_catalog,
    encode_state,
)
from penstock_manifests.errors import ManifestError


def line(kind: str, **fields: Any) -> bytes:
    return json.dumps({"type": kind, **fields}).encode()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"Starting the connector ...",
        b"[1, 2]",
        b'"RECORD"',
        b"null",
        b"{}",
        b'{"level": "INFO"}',
        b'{"type": 5}',
        b'{"type": "RECORD", "record":',
        b"\xff\xfe",
    ],
)
def test_what_is_no_message_is_none(text: bytes) -> None:
    assert decode_message(text) is None


def test_a_record_keeps_its_data_as_text() -> None:
    message = decode_message(
        line(
            "RECORD",
            record={
                "stream": "users",
                "namespace": "crm",
                "data": {"id": 1, "name": "Ā"},
                "emitted_at": 1700000000123,
                "meta": {"changes": [{"field": "name", "change": "TRUNCATED", "reason": "X"}]},
                "from_the_future": True,
            },
        )
    )
    assert message is not None and message.record is not None
    record = message.record
    assert json.loads(bytes(record.data)) == {"id": 1, "name": "Ā"}
    assert (record.stream, record.namespace, record.emitted_at) == ("users", "crm", 1700000000123)
    assert record.meta is not None and record.meta.changes[0].change == "TRUNCATED"


def test_an_unknown_type_is_a_message_without_content() -> None:
    message = decode_message(line("DESTINATION_CATALOG", destinationCatalog={"operations": []}))
    assert message is not None and message.type == "DESTINATION_CATALOG"
    assert all(getattr(message, name) is None for name in message.__struct_fields__ if name != "type")


def test_spec_status_catalog_log_control_and_traces() -> None:
    spec = decode_message(line("SPEC", spec={"connectionSpecification": {"type": "object"}}))
    assert spec is not None and spec.spec is not None
    assert spec.spec.connection_specification == {"type": "object"}

    status = decode_message(
        line("CONNECTION_STATUS", connectionStatus={"status": "FAILED", "message": "no route"})
    )
    assert status is not None and status.connection_status is not None
    assert (status.connection_status.status, status.connection_status.message) == ("FAILED", "no route")

    stream = {"name": "users", "json_schema": {}, "supported_sync_modes": ["full_refresh"]}
    catalog = decode_message(line("CATALOG", catalog={"streams": [{**stream, "is_resumable": True}]}))
    assert catalog is not None and catalog.catalog is not None
    assert catalog.catalog.streams[0].is_resumable is True

    log = decode_message(line("LOG", log={"level": "WARN", "message": "slow"}))
    assert log is not None and log.log is not None and log.log.level == "WARN"

    control = decode_message(
        line(
            "CONTROL",
            control={"type": "CONNECTOR_CONFIG", "emitted_at": 1.5, "connectorConfig": {"config": {"a": 1}}},
        )
    )
    assert control is not None and control.control is not None
    assert control.control.connector_config is not None
    assert control.control.connector_config.config == {"a": 1}

    traces: dict[str, dict[str, Any]] = {
        "error": {"message": "no such table", "failure_type": "config_error"},
        "estimate": {"type": "STREAM", "name": "users", "row_estimate": 10},
        "stream_status": {"stream_descriptor": {"name": "users"}, "status": "COMPLETE"},
        "analytics": {"type": "db-sources", "value": "1"},
    }
    for name, content in traces.items():
        trace = decode_message(line("TRACE", trace={"type": name.upper(), "emitted_at": 1.0, name: content}))
        assert trace is not None and trace.trace is not None
        found: dict[str, Any] = msgspec.to_builtins(getattr(trace.trace, name))
        assert {key: found[key] for key in content} == content

    unknown = decode_message(line("TRACE", trace={"type": "NEW", "emitted_at": 1.0, "new": {}}))
    assert unknown is not None and unknown.trace is not None and unknown.trace.error is None


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        (line("RECORD"), "$", "a field record"),
        (line("RECORD", record={"stream": 5, "data": {}, "emitted_at": 1}), "$.record.stream", "str"),
        (line("RECORD", record={"data": {}, "emitted_at": 1}), "$.record", "a field stream"),
        (
            line("STATE", state={"type": "STREAM", "stream": {"stream_state": {}}}),
            "$.state.stream",
            "a field stream_descriptor",
        ),
    ],
)
def test_a_broken_known_message_says_where_and_what(text: bytes, path: str, expected: str) -> None:
    with pytest.raises(ManifestError) as caught:
        decode_message(text, "airbyte-source-x")
    assert (caught.value.file, caught.value.path) == ("airbyte-source-x", path)
    assert caught.value.expected == expected


def raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


STREAM = State(
    type="STREAM", stream=StreamState(StreamDescriptor("users", "crm"), raw({"updated_at": "2024-01-01"}))
)
GLOBAL = State(
    type="GLOBAL", global_=GlobalState((StreamState(StreamDescriptor("a")),), shared_state=raw({"lsn": 7}))
)
LEGACY = State(data=raw({"users": {"cursor": 5}}))


@pytest.mark.parametrize("states", [(STREAM,), (STREAM, STREAM), (GLOBAL,), (LEGACY,), ()])
def test_state_comes_back_as_it_was_written(states: tuple[State, ...]) -> None:
    assert decode_state(encode_state(states)) == states


def test_the_state_file_is_what_a_connector_reads() -> None:
    assert json.loads(encode_state([STREAM])) == [
        {
            "type": "STREAM",
            "stream": {
                "stream_descriptor": {"name": "users", "namespace": "crm"},
                "stream_state": {"updated_at": "2024-01-01"},
            },
        }
    ]
    assert json.loads(encode_state([LEGACY])) == {"users": {"cursor": 5}}


def test_what_is_the_connectors_own_is_kept_to_the_digit() -> None:
    own = b'{"id":123456789012345678901234567890,"at":0.30000000000000001,"far":1e400,"b":1, "a":2}'
    descriptor = b'{"stream_descriptor":{"name":"users"},"stream_state":' + own + b"}"
    message = decode_message(b'{"type":"STATE","state":{"type":"STREAM","stream":' + descriptor + b"}}")
    assert message is not None and message.state is not None
    assert own in encode_state([message.state])


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"stream": {"stream_descriptor": {"name": "users"}}}, "STREAM"),
        ({"global": {"shared_state": 1}}, "GLOBAL"),
        ({"data": {"users": 1}}, "LEGACY"),
        ({}, "LEGACY"),
    ],
)
def test_a_state_without_a_type_is_what_it_holds(content: dict[str, Any], kind: str) -> None:
    message = decode_message(line("STATE", state=content))
    assert message is not None and message.state is not None
    assert message.state.type == kind


@pytest.mark.parametrize(
    "state", [{"type": "STREAM"}, {"type": "GLOBAL", "data": {}}, {"type": "SHARD", "data": {}}]
)
def test_a_state_that_does_not_hold_what_it_is_called_is_refused(state: dict[str, Any]) -> None:
    with pytest.raises(ManifestError):
        decode_message(line("STATE", state=state))


def test_a_state_message_counts_its_records() -> None:
    message = decode_message(
        line(
            "STATE",
            state={
                "type": "STREAM",
                "stream": {"stream_descriptor": {"name": "users"}},
                "sourceStats": {"recordCount": 12.0},
            },
        )
    )
    assert message is not None and message.state is not None and message.state.source_stats is not None
    assert message.state.source_stats.record_count == 12


def test_a_configured_catalog_leaves_out_what_is_not_set() -> None:
    stream = AirbyteStream(name="users", json_schema={"type": "object"})
    configured = ConfiguredStream(
        stream=stream,
        sync_mode="incremental",
        destination_sync_mode="append_dedup",
        cursor_field=("updated_at",),
        primary_key=(("id",),),
    )
    assert json.loads(encode_configured_catalog(ConfiguredCatalog((configured,)))) == {
        "streams": [
            {
                "stream": {"name": "users", "json_schema": {"type": "object"}, "supported_sync_modes": []},
                "sync_mode": "incremental",
                "destination_sync_mode": "append_dedup",
                "cursor_field": ["updated_at"],
                "primary_key": [["id"]],
            }
        ]
    }
