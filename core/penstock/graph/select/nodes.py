"""The graph as selectors see it: assets and checks alike as members, with dbt's words for them, and indexes over both."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cached_property
from typing import Any

import msgspec

from penstock.assets import Asset, AssetKey, Check
from penstock.graph.graph import AssetGraph
from penstock.graph.select.match import Segments, is_wild, segments, wildcard, with_parents

Member = Asset | Check

# Kinds of checks in dbt's words for a resource.
_CHECK_TYPES = {"data_test": "test"}
# What dbt keeps among its nodes; some methods look nowhere else.
_NODES = frozenset({"model", "seed", "snapshot", "test", "analysis", "operation", "sql_operation", "rpc"})


class Members:
    """All that can be selected in one graph. `projects` are the root packages of its dbt projects, where known."""

    def __init__(self, graph: AssetGraph, projects: Collection[str] = ()) -> None:
        self.graph = graph
        self.projects = frozenset(projects)
        self._configs: dict[bytes, Any] = {}

    def __iter__(self) -> Iterator[Member]:
        return iter(self._enabled)

    @cached_property
    def _enabled(self) -> tuple[Member, ...]:
        everything: tuple[Member, ...] = (*self.graph.assets.values(), *self.graph.checks.values())
        return tuple(member for member in everything if member.key not in self.disabled)

    @cached_property
    def disabled(self) -> frozenset[AssetKey]:
        """Tests of disabled models stay in the manifest, disabled themselves: they exist for no selection."""
        return frozenset(
            key
            for key, check in self.graph.checks.items()
            if b"false" in check.config and self.config(check).get("enabled") is False
        )

    @cached_property
    def types(self) -> dict[AssetKey, frozenset[str]]:
        """The resource types of each member. A seed that is also declared as a source has both."""
        return {member.key: frozenset(_types(member)) for member in self}

    def of_type(self, *types: str) -> Iterator[Member]:
        wanted = frozenset(types)
        return (member for member in self if not wanted.isdisjoint(self.types[member.key]))

    @cached_property
    def nodes(self) -> tuple[Member, ...]:
        """Members that dbt keeps among its nodes: models, seeds, snapshots, data tests, analyses, operations."""
        return tuple(member for member in self if not _NODES.isdisjoint(self.types[member.key]))

    @cached_property
    def sources(self) -> frozenset[AssetKey]:
        return frozenset(member.key for member in self.of_type("source"))

    def config(self, member: Member) -> Any:
        """The tool's own configuration, decoded; {} when there is none."""
        text = member.config
        if text not in self._configs:
            self._configs[text] = msgspec.json.decode(text) if text else {}
        return self._configs[text]

    def parents(self, key: AssetKey) -> tuple[AssetKey, ...]:
        check = self.graph.checks.get(key)
        return check.assets if check else self.graph.upstream.get(key, ())

    def children(self, key: AssetKey) -> Iterable[AssetKey]:
        yield from self.graph.downstream.get(key, ())
        for check in self.checks_of(key):
            yield check.key

    def checks_of(self, key: AssetKey) -> Iterable[Check]:
        return (check for check in self.graph.checks_of.get(key, ()) if check.key not in self.disabled)

    def walk(self, start: Iterable[AssetKey], *, upstream: bool, depth: int | None = None) -> set[AssetKey]:
        """All within `depth` steps of `start`, itself included."""
        step = self.parents if upstream else self.children
        reached = set(start)
        edge = set(reached)
        while edge and (depth is None or depth > 0):
            edge = {following for key in edge for following in step(key)} - reached
            reached |= edge
            depth = None if depth is None else depth - 1
        return reached

    # ------------------------------------------------------------ names

    @cached_property
    def _by_fqn(self) -> dict[str, list[AssetKey]]:
        """By every dotted name that dbt's fqn method takes without wildcards."""
        found: dict[str, list[AssetKey]] = {}
        for member in self.named:
            for name in _fqn_names(member):
                found.setdefault(name, []).append(member.key)
        return found

    @cached_property
    def named(self) -> tuple[Member, ...]:
        """Members that an fqn names: those of dbt except sources."""
        return tuple(
            member
            for member in self
            if member.fqn and (isinstance(member, Check) or not member.declared_only)
        )

    def by_fqn(self, name: str) -> Iterable[AssetKey]:
        """Members whose name, or the beginning of whose dotted fqn (with or without package), is `name`."""
        if is_wild(name):
            return (member.key for member in filter(_fqn_pattern(name), self.named))
        found = list(self._by_fqn.get(name, ()))
        if "." in name:
            found.extend(self._by_version.get("_".join(name.split(".")[-2:]), ()))
        return found

    @cached_property
    def _by_version(self) -> dict[str, list[AssetKey]]:
        found: dict[str, list[AssetKey]] = {}
        for member in self.named:
            if is_versioned(member):
                found.setdefault("_".join(member.fqn[-2:]), []).append(member.key)
        return found

    def by_name(self, name: str) -> Iterable[AssetKey]:
        """Members by the names that penstock shows: tables, streams, unique ids. The road for what dbt does not know."""
        found = [asset.key for asset in self.graph.names.lookup(name)]
        found.extend(
            check.key for check in self.graph.checks.values() if name in (check.seen_by.id, str(check.key))
        )
        if found or not is_wild(name):
            return found
        matches = wildcard(name)
        return [
            asset.key
            for asset in self.graph.assets.values()
            if not asset.fqn and any(map(matches, _tool_names(asset)))
        ]

    # ------------------------------------------------------------ paths

    @cached_property
    def paths(self) -> dict[AssetKey, tuple[Segments, ...]]:
        """The files a member is written in: its own, and the YAML that describes it."""
        return {member.key: files for member in self if (files := tuple(_files(member)))}

    @cached_property
    def existing(self) -> frozenset[Segments] | None:
        """Files and folders that exist in the root projects, as far as the graph tells; None when no root is known."""
        if not self.projects:
            return None
        packages = {member.key: member.package for member in self}
        return frozenset(
            folder
            for key, files in self.paths.items()
            if packages[key] in self.projects
            for file in files
            for folder in with_parents(file)
        )


def is_versioned(member: Member) -> bool:
    return "version" in member.attributes and isinstance(member, Asset) and member.resource_type == "model"


def _types(member: Member) -> Iterator[str]:
    if isinstance(member, Check):
        yield _CHECK_TYPES.get(member.kind, member.kind)
        return
    yield member.resource_type
    yield from (declared.resource_type for declared in member.declared_as)


def _fqn_names(member: Member) -> set[str]:
    """Every text without wildcards that the fqn method takes for this member, but for the version's loose form."""
    fqn = member.fqn
    names = {fqn[-2] if is_versioned(member) and len(fqn) > 1 else fqn[-1]}
    if is_versioned(member):
        names.add("_".join(fqn[-2:]))
    for scoped in (fqn, fqn[1:]):
        flat = [part for segment in scoped for part in segment.split(".")]
        names.update(".".join(flat[:end]) for end in range(1, len(flat) + 1))
    return names


def _fqn_pattern(pattern: str) -> Callable[[Member], bool]:
    """Parts before the first wildcard stand for themselves; from there on the pattern runs over all that is left.

    A pattern without a dot may also match the bare name, however deep the member lies.
    """
    parts = pattern.split(".")
    wild = next(at for at, part in enumerate(parts) if is_wild(part) or "]" in part)
    fixed, rest = parts[:wild], wildcard(".".join(parts[wild:]))

    def matches(member: Member) -> bool:
        leaf = member.fqn[-2] if is_versioned(member) and len(member.fqn) > 1 else member.fqn[-1]
        if len(parts) == 1 and rest(leaf):
            return True
        flat = [part for segment in member.fqn for part in segment.split(".")]
        package = len(member.fqn[0].split("."))
        return any(
            len(scoped) >= len(parts) and scoped[:wild] == fixed and rest(".".join(scoped[wild:]))
            for scoped in (flat, flat[package:])
        )

    return matches


def _tool_names(asset: Asset) -> Iterator[str]:
    if asset.relation is None:
        yield from (ref.id for ref in asset.seen_by)
        return
    yield asset.name
    yield str(asset.relation)
    if asset.relation.schema:
        yield f"{asset.relation.schema}.{asset.relation.identifier}"


def _files(member: Member) -> Iterator[Segments]:
    if member.path:
        yield segments(member.path)
    patch = member.attributes.get("patch_path")
    if patch:
        yield segments(patch.rpartition("://")[2])
