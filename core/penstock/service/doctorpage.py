"""The documents that `penstock doctor`, `lineage --check` and `policy` print with --json: documented, stable shapes. Translation only."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import asdict

from penstock.automation.policy import Field
from penstock.service.columnrecords import AssetCoverage, AssetFinding, Columns
from penstock.service.follow import name_of
from penstock.service.health import Report
from penstock.service.observe import GraphView

DOCTOR_FORMAT = 1
COVERAGE_FORMAT = 2
POLICY_FORMAT = 1


def doctor_document(report: Report) -> dict[str, object]:
    return {
        "format": DOCTOR_FORMAT,
        "ok": report.ok,
        "checks": report.lines,
        "findings": report.findings,
    }


def coverage_document(seen: GraphView, columns: Columns) -> dict[str, object]:
    def named(record: AssetCoverage | AssetFinding) -> dict[str, object]:
        return {**asdict(record), "asset": name_of(seen.graph, record.asset)}

    return {
        "format": COVERAGE_FORMAT,
        "coverage": columns.coverage,
        "models": [named(one) for one in columns.models],
        "findings": [named(one) for one in columns.findings],
        "external": [
            {
                "relation": name_of(seen.graph, one.key),
                "read_by": [name_of(seen.graph, key) for key in one.readers],
            }
            for one in columns.external
        ],
    }


def policy_document(name: str, fields: Iterable[Field]) -> dict[str, object]:
    told = [{"name": one.name, "value": one.value, "line": one.line} for one in fields]
    return {"format": POLICY_FORMAT, "asset": name, "fields": told}
