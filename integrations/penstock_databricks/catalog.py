"""What is in Unity Catalog, asked by REST: no SQL warehouse is started. Relations with columns, view SQL, comments, owners."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import msgspec

from penstock.assets import Relation
from penstock.integration import Address, Cancellation, CatalogTable, Scope
from penstock.integration.jobs import ProblemKind, RemoteProblem
from penstock_databricks.client import Client

_ROOT = "/api/2.1/unity-catalog"
_NOT_OURS = frozenset({"system", "samples", "__databricks_internal"})
_INFORMATION = "information_schema"
KINDS = {
    "MANAGED": "table",
    "EXTERNAL": "external table",
    "VIEW": "view",
    "MATERIALIZED_VIEW": "materialized view",
    "STREAMING_TABLE": "streaming table",
    "FOREIGN": "foreign table",
    "METRIC_VIEW": "metric view",
    "MANAGED_SHALLOW_CLONE": "table",
    "EXTERNAL_SHALLOW_CLONE": "external table",
}
_DENIED = frozenset({ProblemKind.FORBIDDEN, ProblemKind.NOT_FOUND})


class _Column(msgspec.Struct, frozen=True):
    name: str
    type_text: str | None = None
    position: int = 0
    comment: str | None = None


class _Table(msgspec.Struct, frozen=True):
    """A table as the API lists it. Fields that are not read here are left out."""

    name: str
    catalog_name: str
    schema_name: str
    table_type: str = ""
    columns: list[_Column] | None = None
    view_definition: str | None = None
    comment: str | None = None
    owner: str | None = None
    updated_at: int | None = None


class _Tables(msgspec.Struct, frozen=True):
    tables: list[_Table] | None = None
    next_page_token: str | None = None


class Reading:
    """One reading of the catalog. `denied` says afterwards, in words, what could not be read: the rest is there all the same."""

    def __init__(self, client: Client, address: Address, catalogs: tuple[str, ...] | None) -> None:
        self._client = client
        self._address = address
        self._catalogs = catalogs
        self.denied: list[str] = []

    def pages(self, scope: Scope, cancel: Cancellation | None = None) -> Iterator[tuple[CatalogTable, ...]]:
        """As the server pages them. A schema that is dropped meanwhile, or not permitted, is left out and said."""
        for catalog in self._wanted_catalogs(scope, cancel):
            for schema in self._schemas(catalog, scope, cancel):
                query = {"catalog_name": catalog, "schema_name": schema, "max_results": 0}
                yield from self._tables(query, scope, cancel)

    def _wanted_catalogs(self, scope: Scope, cancel: Cancellation | None) -> list[str]:
        if scope.database is not None:
            return [scope.database]
        wanted = self._catalogs
        if wanted is None:
            listed = self._names("catalogs", {}, "the list of catalogs", cancel)
            wanted = tuple(name for name in listed if name not in _NOT_OURS)
        return list(wanted)

    def _schemas(self, catalog: str, scope: Scope, cancel: Cancellation | None) -> list[str]:
        if scope.relations is not None:
            inside = {one.schema for one in scope.relations if one.database == catalog and one.schema}
            return sorted(inside if scope.schemas is None else inside & set(scope.schemas))
        named = self._names("schemas", {"catalog_name": catalog}, f"the catalog {catalog}", cancel)
        return [
            name
            for name in named
            if name != _INFORMATION and (scope.schemas is None or name in scope.schemas)
        ]

    def _names(
        self, what: str, query: dict[str, object], told: str, cancel: Cancellation | None
    ) -> list[str]:
        names: list[str] = []
        try:
            for page in self._client.paged(f"{_ROOT}/{what}", query, cancel):
                names.extend(str(one["name"]) for one in page.get(what) or () if one.get("name"))
        except RemoteProblem as problem:
            self._deny(told, problem)
        return sorted(set(names))

    def _tables(
        self, query: dict[str, object], scope: Scope, cancel: Cancellation | None
    ) -> Iterator[tuple[CatalogTable, ...]]:
        try:
            asked = {**query, "omit_properties": "true"}
            for page in self._client.paged_as(f"{_ROOT}/tables", asked, _Tables, cancel):
                found = tuple(self._table(one) for one in page.tables or ())
                if kept := tuple(one for one in found if scope.has(one.relation)):
                    yield kept
        except RemoteProblem as problem:
            self._deny(f"the schema {query['catalog_name']}.{query['schema_name']}", problem)
        except msgspec.ValidationError as wrong:
            self.denied.append(
                f"the schema {query['catalog_name']}.{query['schema_name']}: an answer that is not understood: {wrong}"
            )

    def _deny(self, told: str, problem: RemoteProblem) -> None:
        if problem.kind not in _DENIED:
            raise problem
        self.denied.append(f"{told}: {problem.what}")

    def _table(self, one: _Table) -> CatalogTable:
        columns = sorted(one.columns or (), key=lambda column: column.position)
        address, same = (
            self._address,
            sys.intern,
        )  # of a hundred thousand tables few are of another schema or owner
        return CatalogTable(
            relation=Relation(
                address.namespace, address.dialect, same(one.catalog_name), same(one.schema_name), one.name
            ),
            kind=KINDS.get(one.table_type, one.table_type.replace("_", " ").lower() or "table"),
            columns=tuple((column.name, column.type_text or "") for column in columns),
            comment=one.comment,
            column_comments={column.name: column.comment for column in columns if column.comment},
            sql=one.view_definition,
            owner=one.owner and same(one.owner),
            changed_at=None if one.updated_at is None else one.updated_at / 1000,
        )
