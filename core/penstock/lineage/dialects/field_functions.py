"""Functions that take one field out of a document, by name. Facts in tables."""

from __future__ import annotations

import msgspec


class Getter(msgspec.Struct, frozen=True):
    """How a function names the field: by one path or by `many` keys; `typed`: the last argument is a type. `turned`: the
    value comes out as text or a number, not as it is stored."""

    many: bool = False
    typed: bool = False
    turned: bool = False


_FIELD, _PATH, _KEYS = Getter(), Getter(turned=True), Getter(many=True, turned=True)
_GETTERS: dict[str, Getter] = {
    "tupleelement": _FIELD,
    "struct_extract": _FIELD,
    "getfield": _FIELD,
    "getsubcolumn": _FIELD,
    "map_extract": _FIELD,
    "json_query": _FIELD,
    "jsonb_path_query": _FIELD,
    "jsonb_path_query_first": _FIELD,
    "jsonb_path_query_array": _FIELD,
    "jsonb_extract_path": Getter(many=True),
    "json_extract_path": Getter(many=True),
    "jsonextractraw": Getter(many=True),
    "jsonb_extract_path_text": _KEYS,
    "json_extract_path_text": _KEYS,
    "json_value": _PATH,
    "variant_get": _PATH,
    "try_variant_get": _PATH,
    "jsonextract": Getter(many=True, typed=True, turned=True),
}
# ClickHouse: simpleJSONExtractString(json, 'key'), JSONExtractInt(json, 'a', 'b')
_PREFIXES = (("simplejson", _PATH), ("visitparam", _PATH), ("jsonextract", _KEYS))


def getter(name: str) -> Getter | None:
    """How the function of that name (in small letters) takes a field out; None when it is no such function."""
    found = _GETTERS.get(name)
    if found is None:
        return next((way for prefix, way in _PREFIXES if name.startswith(prefix)), None)
    return found
