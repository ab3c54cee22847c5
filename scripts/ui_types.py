"""Writes core/ui/src/api/types.ts from the OpenAPI document of penstock web: the records of the API, in TypeScript's words."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec

FILE = Path(__file__).resolve().parents[1] / "core" / "ui" / "src" / "api" / "types.ts"
_PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def types() -> str:
    """The text of the file."""
    from penstock.web.openapi import document
    from penstock.web.table import routes

    table = routes()
    components = document(table, "")["components"]["schemas"]
    asked = {kind.__name__ for route in table for kind in (route.body, route.query) if kind is not None}
    partial = {kind.__name__ for kind in _structs(msgspec.Struct) if kind.__struct_config__.omit_defaults}
    lines = [
        "/** Records of the API. Written by scripts/ui_types.py from the OpenAPI document: do not edit. */"
    ]
    for name in sorted(components):
        lines += _component(name, components[name], loose=name in asked | partial)
    return "\n".join(lines) + "\n"


def _structs(kind: type[msgspec.Struct]) -> list[type[msgspec.Struct]]:
    return [one for child in kind.__subclasses__() for one in (child, *_structs(child))]


def _component(name: str, shape: dict[str, Any], *, loose: bool) -> list[str]:
    """`loose`: what has a default may be left out; elsewhere it is always written."""
    if "properties" not in shape and shape.get("type") == "object":
        return ["", f"export type {name} = Record<string, never>;"]
    if "properties" not in shape:
        return ["", f"export type {name} = {_type(shape)};"]
    needed = set(shape.get("required", []))
    fields = [
        f"  {field}{'?' if loose and field not in needed else ''}: {_type(one)};"
        for field, one in shape["properties"].items()
    ]
    return ["", f"export interface {name} {{", *fields, "}"]


def _type(shape: dict[str, Any]) -> str:
    if "$ref" in shape:
        return str(shape["$ref"]).rpartition("/")[2]
    if "enum" in shape:
        return " | ".join(f'"{one}"' if isinstance(one, str) else str(one) for one in shape["enum"])
    if "anyOf" in shape:
        return " | ".join(dict.fromkeys(_type(one) for one in shape["anyOf"]))
    if "prefixItems" in shape:
        return f"[{', '.join(_type(one) for one in shape['prefixItems'])}]"
    kind = shape.get("type")
    if kind == "array":
        inner = _type(shape.get("items") or {})
        return f"({inner})[]" if " | " in inner else f"{inner}[]"
    if kind == "object":
        values = shape.get("additionalProperties")
        return f"Record<string, {_type(values) if isinstance(values, dict) else 'unknown'}>"
    return _PLAIN.get(kind, "unknown") if isinstance(kind, str) else "unknown"


if __name__ == "__main__":
    sys.path.insert(0, str(FILE.parents[3]))
    if "--print" in sys.argv:
        sys.stdout.write(types())
    else:
        FILE.write_text(types(), "utf-8")
