"""A comparison as SARIF 2.1.0: what breaks as errors, what may as warnings, changed data as notes, at file and line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import msgspec

from penstock.change.revision import Level, Place
from penstock.report import words
from penstock.report.document import DiffDocument

_RULES = (
    ("breaks", "error", "Something will not build, or loses what it reads."),
    ("may-break", "warning", "Something may not build: nothing here can tell for certain."),
    ("changes-data", "note", "A model holds other data than before."),
)
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_MOST = 5000


def sarif(document: DiffDocument, version: str) -> str:
    rules = [
        {"id": id, "shortDescription": {"text": text}, "defaultConfiguration": {"level": level}}
        for id, level, text in _RULES
    ]
    driver = {"name": "penstock", "version": version, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": list(_results(document))[:_MOST],
    }
    text = msgspec.json.encode({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})
    return msgspec.json.format(text, indent=2).decode()


def _results(document: DiffDocument) -> Iterator[dict[str, object]]:
    for one in document.comparison.breaks:
        yield _result("breaks" if one.sure else "may-break", one.message, one.place)
    for asset in document.comparison.assets:
        if asset.own and asset.level is Level.DATA:
            yield _result("changes-data", f"{asset.name}: {words.change(asset)}", asset.place)


def _result(rule: str, message: str, place: Place | None) -> dict[str, object]:
    level = next(level for id, level, _ in _RULES if id == rule)
    found: dict[str, object] = {
        "ruleId": rule,
        "level": level,
        "message": {"text": message},
        "partialFingerprints": {
            "penstock/v1": hashlib.sha256(f"{rule}\0{message}".encode()).hexdigest()[:16]
        },
    }
    if place is not None:
        where: dict[str, object] = {"artifactLocation": {"uri": place.path}}
        if place.line:
            where["region"] = {"startLine": place.line}
        found["locations"] = [{"physicalLocation": where}]
    return found
