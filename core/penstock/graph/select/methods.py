"""Selection methods: what each word in front of a colon looks for. dbt's words with dbt's meaning, and penstock's own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from penstock.assets import Asset, AssetKey, AssetKind
from penstock.errors import SelectionError, nearest_names
from penstock.graph.select.match import path_glob, wildcard, with_parents
from penstock.graph.select.nodes import Member, Members, is_versioned

Keys = Iterable[AssetKey]
Search = Callable[[Members, tuple[str, ...], Any], Keys]

_RESOURCE_TYPES = (
    "model", "source", "seed", "snapshot", "test", "unit_test", "exposure", "metric", "semantic_model",
    "saved_query", "analysis", "function", "operation",
)  # fmt: skip
_ACCESS = ("private", "protected", "public")
_TEST_TYPES = {
    "generic": ("generic",),
    "schema": ("generic",),
    "singular": ("singular",),
    "data": ("generic", "singular"),
    "unit": ("unit",),
}


def bare(members: Members, arguments: tuple[str, ...], value: object) -> Keys:
    """A value without a method: a path when it has a slash, a file by its ending, else a name; then any name we show."""
    text = str(value)
    if "/" in text:
        found = set(_path(members, arguments, text))
    elif text.lower().endswith((".sql", ".py", ".csv")):
        found = set(_file(members, arguments, text))
    else:
        found = set(members.by_fqn(text))
    return found or members.by_name(text)


def _fqn(members: Members, arguments: tuple[str, ...], value: Any) -> Keys:
    return members.by_fqn(str(value))


def _tag(members: Members, arguments: tuple[str, ...], value: object) -> Keys:
    matches = wildcard(str(value))
    return (member.key for member in members if any(map(matches, _tags_of(members, member))))


def _tags_of(members: Members, member: Member) -> Sequence[str]:
    """dbt gives a unit test its tags in the configuration alone."""
    if member.tags or "unit_test" not in members.types[member.key]:
        return member.tags
    tags = members.config(member).get("tags", ())
    return (tags,) if isinstance(tags, str) else tuple(tags)


def _group(members: Members, arguments: tuple[str, ...], value: Any) -> Keys:
    matches = wildcard(str(value))
    for member in (*members.nodes, *members.of_type("metric")):
        group = members.config(member).get("group") or (isinstance(member, Asset) and member.group)
        if group and matches(group):
            yield member.key


def _access(members: Members, arguments: tuple[str, ...], value: object) -> Keys:
    if str(value) not in _ACCESS:
        raise _unknown("access", str(value), _ACCESS)
    return (
        member.key for member in members.of_type("model") if member.attributes.get("access") == str(value)
    )


def _source(members: Members, arguments: tuple[str, ...], value: object) -> Keys:
    parts = str(value).split(".")
    if len(parts) > 3:
        raise _malformed("source", value, "source, source.table or package.source.table")
    patterns = {1: ("*", *parts, "*"), 2: ("*", *parts)}.get(len(parts), parts)
    package, source, table = map(wildcard, patterns)
    for member in members.of_type("source"):
        if isinstance(member, Asset) and any(
            package(known.package) and source(known.group) and table(known.name)
            for known in member.declared_as
        ):
            yield member.key


def _named(resource_type: str) -> Search:
    """The method of a resource that is found by name or package.name."""

    def search(members: Members, arguments: tuple[str, ...], value: object) -> Keys:
        parts = str(value).split(".")
        if len(parts) > 2:
            raise _malformed(resource_type, value, f"{resource_type} or package.{resource_type}")
        package, name = map(wildcard, parts if len(parts) == 2 else ("*", *parts))
        for member in members.of_type(resource_type):
            if package(member.package or "") and name(member.name):
                yield member.key

    return search


def _path(members: Members, arguments: tuple[str, ...], value: object) -> Keys:
    matches = path_glob(str(value))
    candidates = {
        folder for files in members.paths.values() for file in files for folder in with_parents(file)
    }
    if members.existing is not None:
        candidates &= members.existing
    hits = {path for path in candidates if matches(path)}
    for key, (own, *patches) in members.paths.items():
        if any(path in hits for path in (*with_parents(own), *patches)):
            yield key


def _file(members: Members, arguments: tuple[str, ...], value: object) -> Keys:
    matches = wildcard(str(value))
    for member in members:
        name = (member.path or "").replace("\\", "/").rpartition("/")[2]
        if name and (matches(name) or matches(name.rpartition(".")[0] or name)):
            yield member.key


def _package(members: Members, arguments: tuple[str, ...], value: object) -> Keys:
    if value == "this":
        if not members.projects:
            raise SelectionError("'package:this': no dbt project is known here", hint="name the package")
        return (member.key for member in members if member.package in members.projects)
    matches = wildcard(str(value))
    return (member.key for member in members if member.package and matches(member.package))


def _config(members: Members, arguments: tuple[str, ...], value: object) -> Keys:
    if not arguments:
        raise SelectionError(
            f"'config:{value}' does not say which setting", hint="for example: config.materialized:table"
        )
    folded = str(value).casefold()
    for member in (*members.nodes, *members.of_type("source")):
        with contextlib.suppress(LookupError, TypeError):
            found = members.config(member)
            for argument in arguments:
                found = found[argument]
            if _equals(found, value, folded, any_case=arguments == ("severity",)):
                yield member.key


def _equals(found: object, value: object, folded: str, *, any_case: bool) -> bool:
    if isinstance(found, list):
        return any(_equals(one, value, folded, any_case=any_case) for one in found)
    if isinstance(found, bool):
        return folded == str(found).lower()
    if any_case and isinstance(found, str):
        return found.casefold() == folded
    return bool(found == value)


def _resource_type(members: Members, arguments: tuple[str, ...], value: object) -> Keys:
    known = {*_RESOURCE_TYPES, *(one for types in members.types.values() for one in types)}
    if value not in known:
        raise _unknown("resource type", str(value), known)
    return (member.key for member in members.of_type(str(value)))


def _test_name(members: Members, arguments: tuple[str, ...], value: object) -> Keys:
    matches = wildcard(str(value))
    for member in members.of_type("test"):
        name = member.attributes.get("test_name")
        if name and matches(name):
            yield member.key
    for member in members.of_type("unit_test"):
        if matches(member.name):
            yield member.key


def _test_type(members: Members, arguments: tuple[str, ...], value: object) -> Keys:
    wanted = _TEST_TYPES.get(str(value))
    if wanted is None:
        raise _unknown("test type", str(value), _TEST_TYPES)
    for member in members.of_type("test", "unit_test"):
        if member.attributes.get("test_type") in wanted:
            yield member.key


def _version(members: Members, arguments: tuple[str, ...], value: object) -> Keys:
    tests: dict[str, Callable[[Member], bool]] = {
        "none": lambda model: not is_versioned(model),
        "latest": lambda model: is_versioned(model) and _after_latest(model) == 0,
        "prerelease": lambda model: is_versioned(model) and _after_latest(model) > 0,
        "old": lambda model: is_versioned(model) and _after_latest(model) < 0,
    }
    wanted = tests.get(str(value))
    if wanted is None:
        raise _unknown("version", str(value), tests)
    return (member.key for member in members.of_type("model") if wanted(member))


def _after_latest(model: Member) -> int:
    """-1, 0 or 1: before, at or after the latest version. Numbers compare as numbers, others as text."""
    own = model.attributes["version"]
    latest = model.attributes.get("latest_version", own)
    if own == latest:
        return 0
    try:
        return 1 if float(own) > float(latest) else -1
    except ValueError:
        return 1 if own > latest else -1


# ---------------------------------------------------------------- penstock's own


def _tool(members: Members, arguments: tuple[str, ...], value: object) -> Keys:
    """What a tool makes; what nobody makes belongs to all who see it. `dbt` or `dbt/transform`."""
    matches = wildcard(str(value))
    for member in members:
        refs = member.seen_by if isinstance(member, Asset) else (member.seen_by,)
        if isinstance(member, Asset) and member.producer:
            refs = (member.producer,)
        if any(matches(ref.integration) or matches(f"{ref.integration}/{ref.instance}") for ref in refs):
            yield member.key


def _connection(members: Members, arguments: tuple[str, ...], value: object) -> Keys:
    """Streams and tables of a connection: `shop` or `ingest/shop`."""
    matches = wildcard(str(value))
    for asset in members.graph.assets.values():
        name = asset.attributes.get("connection")
        if name and any(
            matches(text) for text in (name, *(f"{ref.instance}/{name}" for ref in asset.seen_by))
        ):
            yield asset.key


def _kind(members: Members, arguments: tuple[str, ...], value: object) -> Keys:
    matches = wildcard(str(value))
    if not any(matches(kind) for kind in AssetKind):
        raise _unknown("kind of asset", str(value), AssetKind)
    return (asset.key for asset in members.graph.assets.values() if matches(asset.kind))


def _relation(members: Members, arguments: tuple[str, ...], value: object) -> Keys:
    """By the end of the place in the warehouse: `orders`, `marts.orders`, `shop.marts.orders`; in any case."""
    patterns = [wildcard(part) for part in str(value).casefold().split(".")]
    for asset in members.graph.assets.values():
        parts = [part.casefold() for part in asset.relation.parts] if asset.relation else []
        end = parts[-len(patterns) :]
        if len(end) == len(patterns) and all(map(_holds, patterns, end)):
            yield asset.key


def _holds(matches: Callable[[str], bool], text: str) -> bool:
    return matches(text)


METHODS: Mapping[str, Search] = {
    "fqn": _fqn,
    "tag": _tag,
    "group": _group,
    "access": _access,
    "source": _source,
    "path": _path,
    "file": _file,
    "package": _package,
    "config": _config,
    "test_name": _test_name,
    "test_type": _test_type,
    "resource_type": _resource_type,
    "exposure": _named("exposure"),
    "metric": _named("metric"),
    "semantic_model": _named("semantic_model"),
    "saved_query": _named("saved_query"),
    "unit_test": _named("unit_test"),
    "version": _version,
    "tool": _tool,
    "connection": _connection,
    "kind": _kind,
    "relation": _relation,
}
# Methods that need more than the graph; whoever has it passes them to `select`.
NEED_MORE: Mapping[str, str] = {
    "state": "the manifest of another run to compare with",
    "result": "the results of an earlier run",
    "source_status": "two freshness results of the sources",
}


def _malformed(method: str, value: Any, form: str) -> SelectionError:
    return SelectionError(f"'{method}:{value}' has too many parts", hint=f"the form is {form}")


def _unknown(what: str, value: str, known: Iterable[str]) -> SelectionError:
    names = sorted(map(str, known))
    near = nearest_names(value, names)
    guess = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
    return SelectionError(f"unknown {what} '{value}'{guess}", hint="one of: " + ", ".join(names))
