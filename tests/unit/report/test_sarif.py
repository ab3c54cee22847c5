"""The SARIF of a comparison by the rules of version 2.1.0 for the objects that it has, and by what code scanning asks beside."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from msgspec.structs import replace

from penstock.change.revision import Break, Level, Place
from penstock.report.document import DiffDocument
from penstock.report.sarif import sarif
from tests.property.diff_projects import MODELS, compared, project

# The standard's objects: what must be there, and what else may be of that which is used here.
_OBJECTS: dict[str, tuple[set[str], set[str]]] = {
    "log": ({"version", "runs"}, {"$schema"}),
    "run": ({"tool"}, {"results", "columnKind", "automationDetails", "invocations"}),
    "tool": ({"driver"}, set()),
    "driver": ({"name"}, {"version", "rules"}),
    "rule": ({"id"}, {"shortDescription", "fullDescription", "help", "defaultConfiguration"}),
    "defaultConfiguration": (set(), {"level"}),
    "automationDetails": (set(), {"id"}),
    "invocation": ({"executionSuccessful"}, {"toolExecutionNotifications"}),
    "notification": ({"message"}, {"level"}),
    "result": ({"message"}, {"ruleId", "level", "partialFingerprints", "locations"}),
    "message": ({"text"}, set()),
    "location": (set(), {"physicalLocation"}),
    "physicalLocation": ({"artifactLocation"}, {"region"}),
    "artifactLocation": ({"uri"}, {"uriBaseId"}),
    "region": ({"startLine"}, set()),
}
_IN = {
    "runs": "run", "rules": "rule", "results": "result", "locations": "location", "invocations": "invocation",
    "toolExecutionNotifications": "notification", "shortDescription": "message", "fullDescription": "message", "help": "message",
}  # fmt: skip


def check(kind: str, value: dict[str, Any]) -> None:
    """Raises AssertionError where an object has what the standard does not know, or lacks what it asks for."""
    if kind == "partialFingerprints":
        assert all(isinstance(one, str) and one for one in value.values())
        return
    needed, more = _OBJECTS[kind]
    assert needed <= value.keys() <= needed | more, (kind, value)
    if "level" in value:
        assert value["level"] in ("none", "note", "warning", "error")
    for name, part in value.items():
        inner = _IN.get(name, name)
        if isinstance(part, dict):
            check(inner, part)
        elif isinstance(part, list):
            for one in part:
                check(inner, one)
    if kind == "region":
        assert value["startLine"] >= 1
    if kind == "artifactLocation":
        assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", value["uri"]) and not value["uri"].startswith(("/", ".."))


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> DiffDocument:
    changed = {
        **MODELS,
        "stg_orders": MODELS["stg_orders"].replace("upper(status) as status, ", ""),
        "stg_items": MODELS["stg_items"].replace("cents / 100.0", "cents / 10.0"),
    }
    return compared(project(tmp_path_factory.mktemp("shop")), changed)


def run_of(document: DiffDocument) -> dict[str, Any]:
    found = json.loads(sarif(document, "1.0"))
    check("log", found)
    assert found["version"] == "2.1.0" and found["$schema"].endswith("sarif-2.1.0.json")
    (run,) = found["runs"]
    assert isinstance(run, dict)
    return run


def test_each_result_has_its_rule_level_place_and_fingerprint(document: DiffDocument) -> None:
    doubt = Break(
        asset="big", message="big: may be ambiguous", place=Place(path="models/big one.sql"), sure=False
    )
    comparison = replace(document.comparison, breaks=(doubt, *document.comparison.breaks))
    run = run_of(replace(document, comparison=comparison, folder="data/shop"))
    levels = {rule["id"]: rule["defaultConfiguration"]["level"] for rule in run["tool"]["driver"]["rules"]}
    assert levels == {"breaks": "error", "may-break": "warning", "changes-data": "note"}
    order = [result["level"] for result in run["results"]]
    assert order == sorted(order, key=["error", "warning", "note"].index)
    assert set(order) == {"error", "warning", "note"}
    assert all(result["level"] == levels[result["ruleId"]] for result in run["results"])
    places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    assert all(place["artifactLocation"]["uri"].startswith("data/shop/models/") for place in places)
    assert places[order.index("warning")] == {
        "artifactLocation": {"uri": "data/shop/models/big%20one.sql", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 1},
    }


def test_a_result_keeps_its_fingerprint_when_lines_move(document: DiffDocument) -> None:
    first = document.comparison.breaks[0]
    assert first.place is not None and first.place.line
    moved = replace(first, place=replace(first.place, line=first.place.line + 40))
    prints = [
        run_of(replace(document, comparison=replace(document.comparison, breaks=(one,))))["results"][0][
            "partialFingerprints"
        ]
        for one in (first, moved, replace(first, message="another"))
    ]
    assert prints[0] == prints[1] != prints[2]


def test_two_projects_of_a_repository_do_not_close_each_others_results(document: DiffDocument) -> None:
    ids = {run_of(one)["automationDetails"]["id"] for one in (document, replace(document, project="other"))}
    assert ids == {"penstock/shop/dev/", "penstock/other/dev/"}


def test_what_does_not_fit_is_counted(document: DiffDocument) -> None:
    many = tuple(Break(asset="a", message=f"a: {at}", place=Place(path="a.sql")) for at in range(5003))
    found = replace(document.comparison, breaks=many, assets=(), level=Level.BREAKS)
    run = run_of(replace(document, comparison=found))
    assert len(run["results"]) == 5000
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"].startswith("3 results are left out")


def test_every_break_has_a_place(document: DiffDocument) -> None:
    assert document.comparison.breaks
    assert all("locations" in result for result in run_of(document)["results"])
