"""A comparison as SARIF 2.1.0: what breaks as errors, what may as warnings, changed data as notes, at file and line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from urllib.parse import quote

import msgspec

from penstock.change.revision import Level, Place
from penstock.report import sentences
from penstock.report.document import DiffDocument

_RULES = (
    (
        "breaks",
        "error",
        "Something will not build, or loses what it reads.",
        "A column or relation that is read is not there any more, or a contract does not hold. Change the reader too, or keep what it reads.",
    ),
    (
        "may-break",
        "warning",
        "Something may not build: nothing here can tell for certain.",
        "A name has become ambiguous, or what is shown elsewhere loses a column. Look at who reads it before this is merged.",
    ),
    (
        "changes-data",
        "note",
        "A model holds other data than before.",
        "Its own code gives other rows or columns. `penstock diff` lists what reads them.",
    ),
)
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_MOST = 5000


def sarif(document: DiffDocument, version: str) -> str:
    rules = [
        {
            "id": id,
            "shortDescription": {"text": text},
            "fullDescription": {"text": f"{text} {help}"},
            "help": {"text": help},
            "defaultConfiguration": {"level": level},
        }
        for id, level, text, help in _RULES
    ]
    driver = {"name": "penstock", "version": version, "rules": rules}
    results = list(_results(document))
    run: dict[str, object] = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"penstock/{document.project}/{document.environment}/"},
        "columnKind": "unicodeCodePoints",
        "results": results[:_MOST],
    }
    if len(results) > _MOST:
        said = f"{len(results) - _MOST} results are left out; penstock diff --json has all"
        note = {"level": "warning", "message": {"text": said}}
        run["invocations"] = [{"executionSuccessful": True, "toolExecutionNotifications": [note]}]
    text = msgspec.json.encode({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})
    return msgspec.json.format(text, indent=2).decode()


def _results(document: DiffDocument) -> Iterator[dict[str, object]]:
    folder = document.folder
    for one in sorted(document.comparison.breaks, key=lambda one: not one.sure):
        yield _result("breaks" if one.sure else "may-break", one.message, one.place, folder)
    for asset in document.comparison.assets:
        if asset.own and asset.level is Level.DATA:
            yield _result("changes-data", f"{asset.name}: {sentences.change(asset)}", asset.place, folder)


def _result(rule: str, message: str, place: Place | None, folder: str) -> dict[str, object]:
    level = next(level for id, level, *_ in _RULES if id == rule)
    found: dict[str, object] = {
        "ruleId": rule,
        "level": level,
        "message": {"text": message},
        "partialFingerprints": {
            "penstock/v1": hashlib.sha256(f"{rule}\0{message}".encode()).hexdigest()[:16]
        },
    }
    if place is not None:
        path = f"{folder}/{place.path}" if folder else place.path
        where = {
            "artifactLocation": {"uri": quote(path), "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": place.line or 1},
        }
        found["locations"] = [{"physicalLocation": where}]
    return found
