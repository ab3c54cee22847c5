"""JSON Schema of records. It writes no document: each room has its own around it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

Shape = dict[str, object]


def schemas_of(kinds: Sequence[object], reference: str) -> tuple[list[Shape], dict[str, Shape]]:
    """Of each kind, and of the records they name: `reference` is where such a record stands, with {name}.

    A field of type `object` takes any value.
    """
    shapes, components = msgspec.json.schema_components(kinds, schema_hook=_of_other, ref_template=reference)
    return list(shapes), components


def _of_other(kind: type) -> Shape:
    if kind is object:
        return {"description": "Any value."}
    raise NotImplementedError
