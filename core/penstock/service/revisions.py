"""One version of the project gathered for a comparison: what its tools describe, its SQL, its columns. Compares nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from penstock import registry
from penstock.assets import Asset, AssetKey, AssetKind, Check, Definition, DefinitionStatus, ToolRef
from penstock.change.revision import Judging, Member, Revision, Value
from penstock.graph import AssetGraph
from penstock.integration import AnyObserveContext, Defining, Described, Describing, Setting
from penstock.service.columnrecords import AssetCoverage, Columns
from penstock.service.defining import catalog_definitions, one_each
from penstock.service.deriving import derive_defined
from penstock.service.workspace import Workspace

Contexts = Mapping[tuple[str, str], AnyObserveContext]
_TICKED = frozenset(
    {"bigquery", "databricks", "spark", "spark2", "hive", "mysql", "clickhouse", "doris", "starrocks"}
)
_SHOWS = frozenset({AssetKind.EXPOSURE, AssetKind.METRIC, AssetKind.SEMANTIC_MODEL, AssetKind.SAVED_QUERY})
_OF_TESTS = ("checksum", "macros", "arguments", "test_name", "test_namespace")


def comparable_instances(workspace: Workspace) -> list[tuple[str, str]]:
    """The instances of which two versions can be compared."""
    return [
        one for one in workspace.project.instances if isinstance(registry.integration(one[0]), Describing)
    ]


def contexts_of(workspace: Workspace) -> dict[tuple[str, str], AnyObserveContext]:
    """Of the project as it lies here."""
    return {
        one: msgspec.structs.replace(workspace.context(*one, may_call=True), afresh=True)
        for one in comparable_instances(workspace)
    }


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """`projects` are the tools' own names by instance."""

    revision: Revision
    projects: dict[str, str]


def definitions_of(contexts: Contexts) -> Iterator[tuple[str, str, Definition]]:
    for (integration, instance), context in contexts.items():
        tool = registry.integration(integration)
        if isinstance(tool, Defining):
            for definition in tool.definitions(context):
                yield integration, instance, definition


def described_of(graph: AssetGraph, contexts: Contexts) -> tuple[dict[AssetKey, Described], dict[str, str]]:
    found: dict[AssetKey, Described] = {}
    projects: dict[str, str] = {}
    for (integration, instance), context in contexts.items():
        tool = registry.integration(integration)
        assert isinstance(tool, Describing)
        told = tool.describe(context)
        projects[f"{integration}/{instance}"] = told.project
        for one in told.assets:
            key = graph.by_ref.get(ToolRef(integration, instance, one.id))
            if key is not None:
                found[key] = one
    return found, projects


def gather(
    workspace: Workspace,
    graph: AssetGraph,
    contexts: Contexts,
    cache: Path,
    *,
    keys: Mapping[AssetKey, AssetKey] | None = None,
    same_target: bool = True,
) -> Gathered:
    """The version that `graph` and `contexts` are of; `keys` are other names for its assets."""
    described, projects = described_of(graph, contexts)
    definitions = one_each(graph, [*definitions_of(contexts), *catalog_definitions(workspace, graph)])
    revision = assembled(workspace, graph, described, definitions, cache, keys=keys, same_target=same_target)
    return Gathered(revision=revision, projects=projects)


def assembled(
    workspace: Workspace,
    graph: AssetGraph,
    described: Mapping[AssetKey, Described],
    definitions: dict[AssetKey, Definition],
    cache: Path,
    *,
    keys: Mapping[AssetKey, AssetKey] | None = None,
    same_target: bool = True,
) -> Revision:
    """The version of what tools describe and define, with its columns derived."""
    made = remade(graph, described)
    columns, _ = derive_defined(workspace, graph, definitions, cache, remade=made)
    return _Members(graph, described, definitions, columns, keys or {}).revision(same_target)


def remade(graph: AssetGraph, keys: Iterable[AssetKey]) -> frozenset[AssetKey]:
    """Those that a version makes anew. A snapshot keeps the columns that it has had."""
    return frozenset(key for key in keys if graph.assets[key].kind is not AssetKind.SNAPSHOT)


class _Members:
    """A graph's assets as a comparison reads them."""

    def __init__(
        self,
        graph: AssetGraph,
        described: Mapping[AssetKey, Described],
        definitions: Mapping[AssetKey, Definition],
        columns: Columns,
        keys: Mapping[AssetKey, AssetKey],
    ) -> None:
        self._graph, self._described, self._definitions = graph, described, definitions
        self._columns, self._keys = columns, keys
        self._coverage = {one.asset: one for one in columns.models}
        self._problems: dict[AssetKey, list[tuple[str, str]]] = {}
        for finding in columns.findings:
            self._problems.setdefault(finding.asset, []).append((finding.code, finding.message))

    def revision(self, same_target: bool) -> Revision:
        graph = self._graph
        members = {}
        for key in graph.order:
            member = self._member(graph.assets[key])
            members[member.key] = member
        tests = {str(check.seen_by): self._test(check) for check in graph.checks.values()}
        edges = self._columns.edges.renamed(self._keys) if self._keys else self._columns.edges
        return Revision(members=members, tests=tests, edges=edges.encode(), same_target=same_target)

    def _key(self, key: AssetKey) -> AssetKey:
        return self._keys.get(key, key)

    def _member(self, asset: Asset) -> Member:
        key = asset.key
        described, definition = self._described.get(key), self._definitions.get(key)
        covered = self._coverage.get(key)
        told = self._graph.columns(key)
        base = Member(
            key=self._key(key),
            name=self._graph.names.shown(key),
            kind=asset.kind,
            id=asset.seen_by[0].id if asset.seen_by else "",
            made=described is not None or asset.kind in _SHOWS,
            owner=asset.owner,
            columns=_outputs(covered, definition, tuple(column.name for column in told)),
            types={column.name: column.type for column in told if column.type and column.documented},
            open=covered.open if covered else False,
            followed=covered.followed if covered else True,
            problems=tuple(self._problems.get(key, ())),
            upstream=tuple(self._key(one) for one in self._graph.upstream.get(key, ())),
            reads=tuple(self._key(one) for one in covered.reads) if covered else (),
        )
        return base if described is None else _defined(base, described, definition)

    def _test(self, check: Check) -> Judging:
        facts = [check.attributes.get(name, "") for name in _OF_TESTS]
        return Judging(
            id=str(check.seen_by),
            key=check.key,
            name=check.name,
            assets=tuple(self._key(key) for key in check.assets),
            column=check.column,
            severity=check.severity.value,
            text="\0".join((*facts, check.config.decode())),
        )


def _outputs(
    covered: AssetCoverage | None, definition: Definition | None, told: tuple[str, ...]
) -> tuple[str, ...] | None:
    """The columns that the SQL gives; without SQL those that somebody tells of."""
    if covered is not None and covered.followed:
        return (*covered.outputs, *(definition.added if definition else ()))
    return told or None


def _defined(member: Member, told: Described, definition: Definition | None) -> Member:
    compiled = definition is not None and definition.status is DefinitionStatus.COMPILED
    sql = definition.sql if definition is not None and compiled else None
    dialect = definition.dialect if definition is not None else ""
    return msgspec.structs.replace(
        member,
        id=told.id,
        form=told.form,
        settings=_values(told.settings),
        upkeep=_values(told.upkeep),
        uses=told.uses,
        text=told.text,
        path=told.path,
        contract=told.contract,
        asks=told.asks,
        asks_rows=told.asks_rows,
        on_columns=told.on_columns,
        sql=portable(sql, told.names, dialect) if sql is not None else None,
        without=definition.reason or "" if definition is not None else "",
        dialect=dialect,
    )


def _values(settings: Mapping[str, Setting]) -> dict[str, Value]:
    return {name: Value(one.written, one.value) for name, one in settings.items()}


def portable(sql: str, names: Iterable[tuple[str, str]], dialect: str) -> str:
    """The SQL with each relation named by its asset's id: the same in every environment, and still SQL."""
    quote = "`" if dialect in _TICKED else '"'
    for text, id in sorted(names, key=lambda pair: -len(pair[0])):
        sql = _renamed(sql, text, f"{quote}{id}{quote}")
    return sql


def _renamed(sql: str, text: str, named: str) -> str:
    """A name without quotes ends where the word does: `orders` is no part of `orders_2`."""
    if text[-1].isalnum() or text[-1] == "_":
        return re.sub(rf"(?<![\w.]){re.escape(text)}(?!\w)", lambda _: named, sql)
    return sql.replace(text, named)
