"""selectors.yml: definitions in YAML to the same criteria and set operations as the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from penstock.errors import SelectionError
from penstock.graph.select.spec import (
    Combination,
    Criterion,
    Indirect,
    Operation,
    Reference,
    Spec,
    criterion,
    indirect_mode,
    parse_term,
)


def read_selectors(document: Any) -> dict[str, object]:
    """The selectors of a parsed selectors.yml by name: what `select` takes. {} for an empty document."""
    if not document:
        return {}
    entries = document.get("selectors") if isinstance(document, Mapping) else None
    if not isinstance(entries, list):
        raise SelectionError("selectors.yml has no list 'selectors'")
    found: dict[str, Mapping[str, object]] = {}
    for at, entry in enumerate(entries):
        if (
            not isinstance(entry, Mapping)
            or not isinstance(entry.get("name"), str)
            or "definition" not in entry
        ):
            raise SelectionError(f"selector {at + 1} of selectors.yml needs a 'name' and a 'definition'")
        found[entry["name"]] = entry
    if sum(entry.get("default") is True for entry in found.values()) > 1:
        raise SelectionError("selectors.yml has more than one selector with 'default: true'")
    return dict(found)


def definition_of(entry: object) -> object:
    """The definition itself, of an entry with `name`, `definition`, `default`, or as it stands."""
    return entry["definition"] if isinstance(entry, Mapping) and "definition" in entry else entry


def default_selector(selectors: Mapping[str, object]) -> str | None:
    """The name of the selector that holds when nothing is selected, if any."""
    for name, entry in selectors.items():
        if isinstance(entry, Mapping) and entry.get("default") is True:
            return name
    return None


def parse_definition(definition: object, indirect: Indirect) -> Spec:
    """A definition: a term of the command line, a union or intersection, or a mapping with method and value."""
    if isinstance(definition, str):
        return parse_term(definition, indirect)
    if not isinstance(definition, Mapping):
        raise SelectionError(f"a selector is a text or a mapping, not {definition!r}")
    if "union" in definition:
        return _combined("union", definition["union"], indirect)
    if "intersection" in definition:
        return _combined("intersection", definition["intersection"], indirect)
    return _single(definition, indirect)


def _combined(operation: Operation, parts: object, indirect: Indirect) -> Spec:
    if not isinstance(parts, list):
        raise SelectionError(f"'{operation}' of a selector takes a list, not {parts!r}")
    included: list[Spec] = []
    excluded: Spec | None = None
    for part in parts:
        # dbt takes any part with `exclude` for the exclusion, also one that names a method beside it.
        if isinstance(part, Mapping) and "exclude" in part:
            if excluded is not None:
                raise SelectionError(f"more than one 'exclude' in one '{operation}' of a selector")
            excluded = _union(part["exclude"], indirect)
        else:
            included.append(parse_definition(part, indirect))
    combined = Combination(operation=operation, parts=tuple(included))
    return combined if excluded is None else Combination(operation="difference", parts=(combined, excluded))


def _union(parts: object, indirect: Indirect) -> Spec:
    if not isinstance(parts, list):
        raise SelectionError(f"'exclude' of a selector takes a list, not {parts!r}")
    return Combination(operation="union", parts=tuple(parse_definition(part, indirect) for part in parts))


def _single(definition: Mapping[str, object], indirect: Indirect) -> Spec:
    if len(definition) == 1 and "method" not in definition:
        [(method, value)] = definition.items()
        definition = {"method": method, "value": value}
    if "method" not in definition or "value" not in definition:
        raise SelectionError(
            f"a selector needs 'method' and 'value', has {', '.join(map(str, definition))}",
            hint="or one pair, such as 'tag: nightly'",
        )
    if definition["method"] == "selector":
        return Reference(str(definition["value"]))
    single = _criterion(definition, indirect)
    if "exclude" not in definition:
        return single
    return Combination(operation="difference", parts=(single, _union(definition["exclude"], indirect)))


def _criterion(definition: Mapping[str, object], indirect: Indirect) -> Criterion:
    method, *arguments = str(definition["method"]).split(".")
    if not isinstance(definition["value"], str | int | float):
        raise SelectionError(f"'value' of a selector is one text or number, not {definition['value']!r}")
    own = definition.get("indirect_selection")
    return criterion(
        raw=f"{definition['method']}:{definition['value']}",
        method=method,
        arguments=tuple(arguments),
        value=definition["value"],
        closure=bool(definition.get("childrens_parents")),
        parents=bool(definition.get("parents")),
        parents_depth=_depth(definition, "parents_depth"),
        children=bool(definition.get("children")),
        children_depth=_depth(definition, "children_depth"),
        indirect=indirect_mode(str(own)) if own is not None else indirect,
    )


def _depth(definition: Mapping[str, object], name: str) -> int | None:
    value = definition.get(name)
    if not value:
        return None
    try:
        return int(str(value))
    except ValueError:
        raise SelectionError(f"'{name}' of a selector is a number, not {value!r}")
