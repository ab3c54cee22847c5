"""run_results.json (v4 to v6) and sources.json (v3) of dbt: what an invocation did, what a freshness check saw."""

from __future__ import annotations

from datetime import datetime

import msgspec

from penstock_manifests.dbt.records import NULL
from penstock_manifests.decode import decode
from penstock_manifests.document import RUN_RESULTS, SOURCES, Document, expect
from penstock_manifests.errors import ManifestError


class ResultMetadata(msgspec.Struct, frozen=True, gc=False):
    dbt_version: str = ""
    generated_at: str = ""
    invocation_id: str | None = None


class Timing(msgspec.Struct, frozen=True, gc=False):
    """`name` is compile or execute; the times are ISO 8601 in UTC."""

    name: str
    started_at: str | None = None
    completed_at: str | None = None


class RunResult(msgspec.Struct, frozen=True, gc=False):
    """One node's outcome. `failures` counts failing rows of a test; `adapter_response` is the adapter's own."""

    unique_id: str
    status: str
    timing: tuple[Timing, ...] = ()
    execution_time: float | None = None
    message: str | int | float | None = None
    failures: int | None = None
    adapter_response: dict[str, object] | None = None
    relation_name: str | None = None


class RunResults(msgspec.Struct, frozen=True):
    """`args` are the flags of the invocation, in dbt's names."""

    metadata: ResultMetadata
    results: tuple[RunResult, ...]
    elapsed_time: float | None = None
    args: dict[str, object] | None = None


class SourceResult(msgspec.Struct, frozen=True, gc=False):
    """One source's freshness. When the query failed, `error` says why and there is no `max_loaded_at`."""

    unique_id: str
    status: str
    max_loaded_at: str | None = None
    snapshotted_at: str | None = None
    max_loaded_at_time_ago_in_s: float | None = None
    criteria: msgspec.Raw = NULL
    execution_time: float | None = None
    error: str | int | float | None = None


class SourceResults(msgspec.Struct, frozen=True):
    metadata: ResultMetadata
    results: tuple[SourceResult, ...]
    elapsed_time: float | None = None


def read_run_results(data: bytes, file: str = "run_results.json") -> Document[RunResults]:
    """Read run results. `file` is named in errors. Raises ManifestError."""
    schema, notices = expect(data, file, RUN_RESULTS)
    content = decode(msgspec.json.Decoder(RunResults), data, file)
    _check_time(content.metadata.generated_at or None, file, "$.metadata.generated_at")
    for number, result in enumerate(content.results):
        for timing in result.timing:
            _check_time(timing.completed_at, file, f"$.results[{number}].timing.completed_at")
    return Document(content, schema, notices)


def read_sources(data: bytes, file: str = "sources.json") -> Document[SourceResults]:
    """Read freshness results. `file` is named in errors. Raises ManifestError."""
    schema, notices = expect(data, file, SOURCES)
    content = decode(msgspec.json.Decoder(SourceResults), data, file)
    for number, result in enumerate(content.results):
        _check_time(result.max_loaded_at, file, f"$.results[{number}].max_loaded_at")
    return Document(content, schema, notices)


def _check_time(text: str | None, file: str, path: str) -> None:
    if text is None:
        return
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise ManifestError(file, path, "a time in ISO 8601", repr(text)) from None
