"""The API is what it says: a valid description, answers of the described shape, and the documents of the command line."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest
from click.testing import CliRunner

from penstock.cli.main import cli
from penstock.web.openapi import document
from penstock.web.table import routes
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
    "asset": "?name=fast_things", "why": "?name=fast_things&run=1", "sql": "?name=loud", "columns": "?name=loud", "checks": "?name=loud", "policy": "?name=fast_count", "lineage": "?of=loud.name", "search": "?text=thing", "completions": "?text=tag:", "history": "?name=fast_things",
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


# What the command line is given, and what is asked of the route, where the two are not called without words.
WORDS = {
    "lineage": (("loud",), "?of=loud"),
    "runs RUN": (("1",), ""),
    "why ASSET": (("fast_things", "--run", "1"), "?name=fast_things&run=1"),
    "policy ASSET": (("fast_count",), "?name=fast_count"),
}
# Told of the moment of asking: their place is compared, not their value.
MOMENTS = {"next_at", "ready_at", "age_seconds", "since", "seen_at"}
# Nothing of the project is read: they act by hand, or tell of what they have just done.
NOT_ROUTES = {"airbyte", "run", "build", "retry", "diff", "ingest"}


def steady(found: Any) -> Any:
    if isinstance(found, dict):
        return {name: None if name in MOMENTS else steady(one) for name, one in found.items()}
    return [steady(one) for one in found] if isinstance(found, list) else found


def in_process(folder: Path, *words: str) -> Any:
    """What the command prints: without a process of its own, which is most of the time that it takes."""
    done = CliRunner().invoke(cli, ["-C", str(folder), *words, "--json"])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.xdist_group("served")
def test_every_document_of_the_command_line_is_that_of_its_route(site: Served, built: Path) -> None:
    root = site.login("root")
    filled = {
        "assets",
        "status",
        "runs",
        "freshness",
        "incidents",
        "automation next",
        "doctor --offline",
        "cost",
    }
    for route in routes():
        if not route.command or route.method != "GET":
            continue
        words, query = WORDS.get(route.command, ((), ""))
        name = route.command.replace(" RUN", "").replace(" ASSET", "")
        printed = in_process(built, *name.split(), *words)
        deadline = time.monotonic() + 120  # a server looks at the project again after some seconds only
        while True:
            answered = root.get(route.path.replace("{run}", "1") + query).json()
            if steady(answered) == steady(printed) or time.monotonic() > deadline:
                break
            time.sleep(0.5)
        assert steady(answered) == steady(printed), route.command
        if route.command in filled:
            assert any(isinstance(one, list) and one for one in answered.values()), (
                f"{route.command} is empty"
            )
            filled.discard(route.command)
    assert filled == set()
    shown = in_process(built, "plan", "-s", "free")
    planned = root.post("/api/v1/plans", {"select": ["free"]}).json()
    beside = {name: planned[name] for name in ("hash", "takes", "work")}
    assert {**shown, **beside, "standing": 0, "asks": []} == planned


def documents(command: click.Command, name: str) -> Iterator[str]:
    """The commands that print a JSON document."""
    if isinstance(command, click.Group):
        with click.Context(command) as context:
            for inner in command.list_commands(context):
                found = command.get_command(context, inner)
                assert found is not None
                yield from documents(found, f"{name} {inner}".strip())
    elif any("--json" in one.opts for one in command.params):
        yield name


def test_every_command_with_a_document_has_its_route() -> None:
    known = {route.command.replace(" RUN", "").replace(" ASSET", "").split(" --")[0] for route in routes()}
    told = {name for name in documents(cli, "") if name.split()[0] not in NOT_ROUTES}
    assert told - known == set()


@pytest.mark.slow
@pytest.mark.xdist_group("served")
def test_each_word_that_is_offered_finds_as_many_assets_as_it_says(site: Served) -> None:
    root = site.login("root")
    methods = [one["word"] for one in root.get("/api/v1/completions", limit=100).json()["words"]]
    assert "tag:" in methods and "connection:" in methods
    offered = [
        one for method in methods for one in root.get("/api/v1/completions", text=method).json()["words"]
    ]
    assert len(offered) > 10
    for one in offered:
        found = root.get("/api/v1/assets", select=one["word"]).json()["assets"]
        assert len(found) == one["count"], one
    (name, *_) = root.get("/api/v1/completions", text="loud").json()["words"]
    assert (name["word"], name["count"]) == ("loud", None)
