"""A workspace's catalog translated into assets. Asks the server only where that is allowed; keeps the views' SQL in a file."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from penstock.assets import (
    AssetKind,
    Definition,
    DefinitionStatus,
    Finding,
    Observation,
    ObservedAsset,
)
from penstock.errors import PenstockError
from penstock.integration import (
    CatalogTable,
    Diagnosis,
    ObserveContext,
    cataloged,
    kept_tags,
    not_asked,
    scopes_of,
    tags_told,
)
from penstock.system.files import write_private
from penstock_databricks.address import host_of
from penstock_databricks.catalog import Reading
from penstock_databricks.client import Client
from penstock_databricks.config import DatabricksConfig, connection_of
from penstock_databricks.tags import file_of, read_tags
from penstock_databricks.warehouse import DatabricksWarehouse

_VIEWS = frozenset({"view", "materialized view", "metric view"})
_MATERIALIZED = {"materialized view": "materialized_view", "streaming table": "streaming_table"}


def observe(context: ObserveContext[DatabricksConfig]) -> Observation:
    """Tables and views with their columns. Raises ToolError when the workspace cannot be asked."""
    name = f"warehouse/{context.instance}"
    if not context.may_call:
        message = f"the catalog of '{context.instance}' has not been read yet"
        return not_asked("databricks", context.instance, name, message)
    connection = connection_of(context)
    warehouse = DatabricksWarehouse(connection)
    reading = Reading(Client(connection), warehouse.address, warehouse.catalogs)
    assets: list[ObservedAsset] = []
    views: dict[str, str] = {}
    scopes = scopes_of(context.config.schemas, context.config.catalogs, context.used)
    tags = read_tags(context, connection, scopes, warehouse.catalogs)
    for scope in scopes:
        for page in reading.pages(scope):
            for table in page:
                assets.append(tags.on(_asset(table)))
                if table.sql and table.kind in _VIEWS:
                    views[str(table.relation)] = table.sql
            context.progress(f"{context.instance}: {len(assets):,} tables and views")
    _keep(context, views)
    return Observation(
        integration="databricks",
        instance=context.instance,
        taken_at=time.time(),
        assets=tuple(assets),
        findings=tuple(
            Finding(
                code="catalog-unread",
                message=f"not read: {told}",
                source=name,
                hint="the grants that penstock needs: docs/how-to/databricks.md",
            )
            for told in reading.denied
        ),
        ages=True,
        facts={"workspace": host_of(connection.settings)},
    )


def definitions(
    context: ObserveContext[DatabricksConfig], ids: frozenset[str] | None
) -> Iterable[Definition]:
    """The views' own SQL, as it was when the catalog was read last."""
    for name, sql in _kept(context).items():
        if ids is None or name in ids:
            yield Definition(id=name, status=DefinitionStatus.COMPILED, sql=sql, dialect="databricks")


def definitions_mark(context: ObserveContext[DatabricksConfig]) -> str:
    """The time and size of the file that keeps the SQL; it is written only when something in it is new."""
    try:
        found = _file(context).stat()
    except OSError:
        return ""
    return f"{found.st_mtime_ns}-{found.st_size}"


def diagnose(context: ObserveContext[DatabricksConfig]) -> Iterable[Diagnosis]:
    """Whether the workspace lets us in, and what of the catalog this identity sees."""
    connection = connection_of(context)
    place = host_of(connection.settings)
    if not context.may_call:
        yield Diagnosis(subject=place, ok=True, message="Databricks", unchecked="whether it answers")
        return
    try:
        page = Client(connection).get("/api/2.1/unity-catalog/catalogs", {"max_results": 0})
    except PenstockError as error:
        yield Diagnosis(subject=place, ok=False, message=error.what, hint=error.hint or "check its settings")
        return
    count = len(page.get("catalogs") or ())
    more = " or more" if page.get("next_page_token") else ""
    yield from tags_told(kept_tags(file_of(context)))
    yield Diagnosis(
        subject=place,
        ok=True,
        message=f"Databricks, {count}{more} catalogs to be seen",
        unchecked="grants: what is not granted is absent from the lists, without an error",
    )


def _asset(table: CatalogTable) -> ObservedAsset:
    kind = AssetKind.VIEW if table.kind in _VIEWS else AssetKind.TABLE
    return cataloged(table, kind=kind, materialized=_MATERIALIZED.get(table.kind))


def _file(context: ObserveContext[DatabricksConfig]) -> Path:
    return context.state_dir / "databricks" / context.instance / "views.msgpack"


def _keep(context: ObserveContext[DatabricksConfig], views: dict[str, str]) -> None:
    if views == _kept(context):
        return
    path = _file(context)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(path, msgspec.msgpack.encode(views))


def _kept(context: ObserveContext[DatabricksConfig]) -> dict[str, str]:
    try:
        return msgspec.msgpack.decode(_file(context).read_bytes(), type=dict[str, str])
    except (FileNotFoundError, msgspec.MsgspecError):
        return {}  # read again with the next catalog
