"""penstock.yml as a JSON Schema, for editors: from the same records that read it. Describes; reads no project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from penstock.project.alerts import AlertSettings
from penstock.project.automation import AutomationSettings, PolicySettings, ScheduleSettings
from penstock.project.document import DEFAULT_STORE
from penstock.project.events import EventSource
from penstock.project.reuse import ReuseSettings
from penstock.project.runs import RunRules
from penstock.system.json_schema import schemas_of

_VARIABLE = {"type": "string", "pattern": r"\$\{"}
_PLAIN = frozenset({"integer", "number", "boolean"})


def document_schema(integrations: Mapping[str, type[msgspec.Struct]]) -> dict[str, object]:
    """JSON Schema 2020-12. `integrations` are the records of one instance, by the integration's key."""
    kinds = [
        RunRules,
        AutomationSettings,
        list[ScheduleSettings],
        list[PolicySettings],
        AlertSettings,
        EventSource,
        ReuseSettings,
        *integrations.values(),
    ]
    schemas, components = schemas_of(kinds, "#/$defs/{name}")
    runs, automation, schedules, policies, alerts, event, reuse, *instances = schemas
    properties: dict[str, object] = {
        "name": {"type": "string", "description": "The project's name; the folder's by default."},
        "warehouses": _named(
            {"type": "object"}, "Warehouses by name: {dbt: INSTANCE}, or a type with its settings."
        ),
        "store": {"type": "string", "default": DEFAULT_STORE, "description": "Where runs are kept."},
        "executor": {"type": "string", "default": "local", "description": "local, or dask://host:8786."},
        "refresh": {"type": "string", "default": "10m", "description": "How old an observation may be."},
        "reuse": {
            "anyOf": [{"enum": ["auto", "off", True, False]}, reuse],
            "default": "auto",
            "description": "Whether runs leave what is up to date as it is.",
        },
        "pools": _named({"type": "integer"}, "Slots per resource."),
        "runs": runs,
        "automation": automation,
        "schedules": schedules,
        "policies": policies,
        "alerts": alerts,
        "events": _named(event, "Who may tell of something, by name."),
    }
    for name, instance in zip(integrations, instances, strict=True):
        properties[name] = _named(instance, f"Instances of {name} by name.")
    inner = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    properties["environments"] = _named(inner, "What differs there, laid over the rest.")
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "penstock.yml",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "$defs": components,
    }
    found: dict[str, object] = _with_variables(whole)
    return found


def _named(values: object, description: str) -> dict[str, object]:
    return {"type": ["object", "null"], "additionalProperties": values, "description": description}


def _with_variables(part: object) -> Any:
    """A number or a truth value may be written as `${VARIABLE}` too."""
    if isinstance(part, list):
        return [_with_variables(one) for one in part]
    if not isinstance(part, dict):
        return part
    if isinstance(part.get("type"), str) and part["type"] in _PLAIN:
        return {"anyOf": [part, _VARIABLE]}
    return {name: _with_variables(one) for name, one in part.items()}
