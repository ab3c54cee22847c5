"""Where a stream of a connection lands: mappers, then namespace and prefix, then the destination's own names. Pure."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from penstock_airbyte.api.names import DestinationKind, Rules, column_names, rules_of
from penstock_manifests.airbyte.api import ApiConfiguredStream, ApiConnection, ApiMapper

SOURCE_NAMESPACE = "${SOURCE_NAMESPACE}"


class Confidence(StrEnum):
    """How sure a table's name is. EXACT: the warehouse has it so. FOLDED: it has it in another case. LEGACY: an older version's
    rules made it. EXPECTED: the rules say so, nobody looked. UNRESOLVED: the warehouse was read and has none of the names."""

    EXACT = "exact"
    FOLDED = "folded"
    LEGACY = "legacy"
    EXPECTED = "expected"
    UNRESOLVED = "unresolved"


class Mapped(msgspec.Struct, frozen=True, kw_only=True):
    """A field after the mappers. `how` is None for an untouched value, else what was done ("hashed (SHA-256)")."""

    source: str
    name: str
    how: str | None = None
    masked: bool = False


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One place where a table may be, by one version of the rules. `columns`: field as it leaves the mappers -> column."""

    schema: str
    table: str
    columns: dict[str, str]
    meta: tuple[str, ...]
    legacy: bool


def places(
    kind: DestinationKind,
    connection: ApiConnection,
    stream: ApiConfiguredStream,
    schema: str,
    fields: list[str],
) -> tuple[Place, ...]:
    """Candidates, today's rules first. `schema`: the destination's default one; `fields`: as they leave the mappers.

    Empty for destinations that make no table, or whose names are not known.
    """
    found: list[Place] = []
    for rules in rules_of(kind):
        place = _place(rules, connection, stream, schema, fields)
        if all((place.schema, place.table, place.columns) != (p.schema, p.table, p.columns) for p in found):
            found.append(place)
    return tuple(found)


def _place(
    rules: Rules, connection: ApiConnection, stream: ApiConfiguredStream, schema: str, fields: list[str]
) -> Place:
    wanted = schema if rules.one_schema else namespace_of(connection, stream) or schema
    return Place(
        schema=rules.schema(wanted) if wanted else "",
        table=rules.table(name_of(connection, stream)),
        columns=column_names(rules, fields),
        meta=rules.meta,
        legacy=rules.legacy,
    )


def namespace_of(connection: ApiConnection, stream: ApiConfiguredStream) -> str | None:
    """The namespace that the destination is given; None stands for its default schema."""
    match connection.namespace_definition:
        case "destination":
            return None
        case "custom_format":
            told = (connection.namespace_format or "").replace(SOURCE_NAMESPACE, stream.namespace or "")
            return told if told.strip() else None
        case _:
            return stream.namespace or None


def name_of(connection: ApiConnection, stream: ApiConfiguredStream) -> str:
    """The stream's name as the destination is given it: prefix in front, or the name that was set for this stream."""
    if stream.destination_object_name:
        return stream.destination_object_name
    prefix = connection.prefix or ""
    return prefix + stream.name if prefix.strip() else stream.name


def mapped_fields(stream: ApiConfiguredStream, fields: list[str]) -> tuple[Mapped, ...]:
    """The selected top-level fields after the mappers, in order. An unknown mapper marks its target as changed."""
    selected = [field.field_path[0] for field in stream.selected_fields if field.field_path]
    kept = {path[0] for path in stream.primary_key if path} | set(stream.cursor_field[:1])
    chosen = [name for name in fields if not selected or name in selected or name in kept]
    chosen += [name for name in dict.fromkeys(selected) if name not in chosen]
    found = [Mapped(source=name, name=name) for name in chosen]
    for mapper in stream.mappers:
        found = _apply(mapper, found)
    return tuple(found)


def _apply(mapper: ApiMapper, fields: list[Mapped]) -> list[Mapped]:
    told = mapper.configuration
    match mapper.type:
        case "hashing":
            return _suffixed(fields, told, f"hashed ({told.get('method') or 'SHA-256'})", "_hashed")
        case "encryption":
            return _suffixed(fields, told, f"encrypted ({told.get('algorithm') or 'AES'})", "_encrypted")
        case "field-renaming":
            return [
                msgspec.structs.replace(field, name=told.get("newFieldName") or field.name)
                if field.name == told.get("originalFieldName")
                else field
                for field in fields
            ]
        case "field-filtering":
            return [field for field in fields if field.name != told.get("targetField")]
        case "row-filtering":
            return fields
        case other:
            return [
                msgspec.structs.replace(field, how=f"changed by the mapper '{other}'")
                if field.name == told.get("targetField")
                else field
                for field in fields
            ]


def _suffixed(fields: list[Mapped], told: dict[str, str], how: str, suffix: str) -> list[Mapped]:
    added = told.get("fieldNameSuffix", suffix)
    return [
        msgspec.structs.replace(field, name=field.name + added, how=how, masked=True)
        if field.name == told.get("targetField")
        else field
        for field in fields
    ]


def unknown_mappers(stream: ApiConfiguredStream) -> tuple[str, ...]:
    """Mapper types that are not known here, each once: their effect is not."""
    known = {"hashing", "encryption", "field-renaming", "field-filtering", "row-filtering"}
    return tuple(dict.fromkeys(mapper.type for mapper in stream.mappers if mapper.type not in known))


def located(
    candidates: tuple[Place, ...], tables: dict[tuple[str, str], tuple[str, str]] | None
) -> tuple[Place | None, Confidence]:
    """The candidate that the warehouse has. `tables` maps folded (schema, table) to the stored names; None: nobody looked."""
    if not candidates:
        return None, Confidence.UNRESOLVED
    if tables is None:
        return candidates[0], Confidence.EXPECTED
    for place in candidates:
        stored = tables.get((place.schema.lower(), place.table.lower()))
        if stored == (place.schema, place.table):
            return place, Confidence.LEGACY if place.legacy else Confidence.EXACT
    for place in candidates:
        stored = tables.get((place.schema.lower(), place.table.lower()))
        if stored is not None:
            found = msgspec.structs.replace(place, schema=stored[0], table=stored[1])
            return found, Confidence.LEGACY if place.legacy else Confidence.FOLDED
    return candidates[0], Confidence.UNRESOLVED
