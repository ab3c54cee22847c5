"""The OpenAPI 3.1 document, made from the table of routes: nothing is told twice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from penstock.system.json_schema import schemas_of
from penstock.web.routes import Route
from penstock.web.schema import Problem

_REFERENCE = "#/components/schemas/{name}"

Json = dict[str, Any]  # a part of the document, as JSON Schema and OpenAPI have it


def document(routes: tuple[Route, ...], version: str) -> Json:
    types = [kind for route in routes for kind in (route.answer, route.body, route.query) if kind is not None]
    shapes, components = schemas_of([*types, Problem], _REFERENCE)
    by_type = {id(kind): shape for kind, shape in zip(types, shapes, strict=False)}
    dated = {
        name for route in routes if route.dated for name in _names(by_type[id(route.answer)], components)
    }
    for name in dated:
        _date(components[name])
    paths: Json = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, by_type, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": "penstock", "version": version, "description": _ABOUT},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


_ABOUT = (
    "One project in one environment. Errors are application/problem+json. Lists have cursors in the Link header. "
    "A request that changes something needs the header X-Penstock: 1, or a token."
)


def _operation(route: Route, by_type: Mapping[int, Json], components: Mapping[str, Json]) -> Json:
    said: Json = {
        "operationId": route.name,
        "summary": route.about,
        "x-right": route.right.value,
        "responses": {
            str(route.status): {
                "description": route.about,
                "content": {"application/json": {"schema": by_type[id(route.answer)]}},
            },
            "default": {
                "description": "What went wrong, and what to do next.",
                "content": {
                    "application/problem+json": {"schema": {"$ref": _REFERENCE.format(name="Problem")}}
                },
            },
        },
    }
    if route.command:
        said["x-command"] = f"penstock {route.command} --json"
    if route.right.value == "public":
        said["security"] = []
    if parameters := [*_path(route), *_query(by_type[id(route.query)], components)]:
        said["parameters"] = parameters
    if route.body is not None:
        said["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": by_type[id(route.body)]}},
        }
    return said


def _path(route: Route) -> list[dict[str, object]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", route.path)
    ]


def _query(shape: Json, components: Mapping[str, Json]) -> list[dict[str, object]]:
    found = components[shape["$ref"].rpartition("/")[2]]
    needed = found.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in needed, "schema": one}
        for name, one in found.get("properties", {}).items()
    ]


def _names(
    shape: object, components: Mapping[str, Json], seen: frozenset[str] = frozenset()
) -> frozenset[str]:
    """The components that a shape is made of."""
    if isinstance(shape, list):
        for one in shape:
            seen |= _names(one, components, seen)
    elif isinstance(shape, dict):
        name = str(shape.get("$ref", "")).rpartition("/")[2]
        if name and name not in seen:
            seen |= {name} | _names(components[name], components, seen | {name})
        for key, one in shape.items():
            if key != "$ref":
                seen |= _names(one, components, seen)
    return seen


def _date(component: Json) -> None:
    """What is named `..._at` is written as ISO 8601."""
    stamp = {"type": "string", "format": "date-time"}
    for name, one in component.get("properties", {}).items():
        if name.endswith("_at"):
            nullable = {"anyOf": [stamp, {"type": "null"}]} if "anyOf" in one else stamp
            component["properties"][name] = {**nullable, **({"default": None} if "default" in one else {})}
