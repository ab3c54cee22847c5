"""The API is what it says: a valid description, answers of the described shape, and the documents of the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from penstock.web.openapi import document
from penstock.web.table import routes
from tests.tools.command import penstock
from tests.tools.served import Served


@pytest.fixture(scope="module")
def openapi() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(document(routes(), "0")))
    return found


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if "$ref" in node else set()
        return own.union(*(references(one) for one in node.values()))
    return set().union(*(references(one) for one in node)) if isinstance(node, list) else set()


def test_the_description_is_sound(openapi: dict[str, Any]) -> None:
    for name, schema in openapi["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert re.fullmatch(r"[A-Za-z0-9._-]+", name)
    known = {f"#/components/schemas/{name}" for name in openapi["components"]["schemas"]}
    assert references(openapi) <= known
    operations = [one for path in openapi["paths"].values() for one in path.values()]
    names = [one["operationId"] for one in operations]
    assert len(set(names)) == len(names) == len(routes())
    assert all(one["x-right"] and one["responses"] for one in operations)
    for path, methods in openapi["paths"].items():
        for operation in methods.values():
            said = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
            assert said == set(re.findall(r"{(\w+)}", path))


ASKED = {
    "asset": "?name=fast_things", "why": "?name=fast_things", "lineage": "?of=loud.name", "search": "?text=thing", "history": "?name=fast_things",
    "graph": "?group=tool", "log": "?step=",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.xdist_group("served")
def test_every_answer_has_the_described_shape(site: Served, openapi: dict[str, Any]) -> None:
    root = site.login("root")
    step = root.get("/api/v1/runs/1").json()["steps"][0]["id"]
    for path, methods in openapi["paths"].items():
        if "get" not in methods:
            continue
        operation = methods["get"]
        query = ASKED.get(operation["operationId"], "") + (step if operation["operationId"] == "log" else "")
        reply = root.get(path.replace("{run}", "1") + query)
        assert reply.status == 200, (path, reply)
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        whole = {**schema, "components": openapi["components"]}
        jsonschema.Draft202012Validator(whole).validate(reply.json())


COMMANDS = {"lineage": ("loud",), "runs RUN": ("1",)}


@pytest.mark.slow
@pytest.mark.xdist_group("served")
def test_every_document_of_the_command_line_is_that_of_its_route(site: Served, built: Path) -> None:
    root = site.login("root")
    checked = set()
    for route in routes():
        if not route.command or route.method != "GET":
            continue
        query = "?of=loud" if route.name == "lineage" else ""
        words = route.command.replace(" RUN", "").split()
        printed = penstock(built, *words, *COMMANDS.get(route.command, ()), "--json").json()
        answered = root.get(route.path.replace("{run}", "1") + query).json()
        assert answered == printed, route.command
        checked.add(route.name)
    assert checked >= {"assets", "status", "lineage", "runs", "run", "automation", "users", "tokens"}
    shown = penstock(built, "plan", "-s", "free", "--json").json()
    planned = root.post("/api/v1/plans", {"select": ["free"]}).json()
    assert {**shown, "hash": planned["hash"]} == planned
