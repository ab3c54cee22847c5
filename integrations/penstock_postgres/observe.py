"""A PostgreSQL database as penstock sees it: its catalog translated into assets. Asks the server only where that is allowed."""

from __future__ import annotations

import time
from collections.abc import Iterable

from penstock.assets import (
    AssetKind,
    Column,
    Definition,
    DefinitionStatus,
    Finding,
    Observation,
    ObservedAsset,
    Role,
)
from penstock.errors import PenstockError
from penstock.integration import CatalogTable, Diagnosis, ObserveContext, Scope
from penstock_postgres.config import PostgresConfig, connection_of
from penstock_postgres.connect import opened, place_of
from penstock_postgres.warehouse import PostgresWarehouse

_KINDS = {"view": AssetKind.VIEW, "materialized view": AssetKind.VIEW}


def observe(context: ObserveContext[PostgresConfig]) -> Observation:
    """Tables and views with their columns. Raises ToolError when the server cannot be asked."""
    if not context.may_call:
        return _unseen(context)
    return Observation(
        integration="postgres",
        instance=context.instance,
        taken_at=time.time(),
        assets=tuple(_asset(table) for table in _tables(context)),
        ages=True,
        facts={"database": place_of(connection_of(context))},
    )


def definitions(context: ObserveContext[PostgresConfig], ids: frozenset[str] | None) -> Iterable[Definition]:
    """The views' own SQL, as the server writes it: qualified, with every star expanded."""
    if not context.may_call:
        return
    for table in _tables(context):
        if table.sql and (ids is None or str(table.relation) in ids):
            yield Definition(
                id=str(table.relation), status=DefinitionStatus.COMPILED, sql=table.sql, dialect="postgres"
            )


def diagnose(context: ObserveContext[PostgresConfig]) -> Iterable[Diagnosis]:
    """Whether the server lets us in, which version it is, and what this user may do."""
    connection = connection_of(context)
    try:
        with opened(connection, tag="doctor") as session:
            row = session.execute(
                "SELECT current_setting('server_version'), current_user,"
                " has_database_privilege(current_database(), 'CREATE')"
            ).fetchone()
    except PenstockError as error:
        yield Diagnosis(
            subject=context.instance, ok=False, message=error.what, hint=error.hint or "check its settings"
        )
        return
    version, user, creates = row or ("?", "?", False)
    may = (
        ""
        if creates
        else "; it may not create schemas: syncs need CREATE on the database, or their schemas made for them"
    )
    yield Diagnosis(
        subject=place_of(connection), ok=True, message=f"PostgreSQL {version}, connected as {user}{may}"
    )


def _tables(context: ObserveContext[PostgresConfig]) -> Iterable[CatalogTable]:
    warehouse = PostgresWarehouse(connection_of(context))
    for page in warehouse.pages(Scope(schemas=context.config.schemas)):
        yield from page.tables


def _asset(table: CatalogTable) -> ObservedAsset:
    return ObservedAsset(
        id=str(table.relation),
        kind=_KINDS.get(table.kind, AssetKind.TABLE),
        name=table.relation.identifier,
        resource_type=table.kind,
        role=Role.CATALOGS,
        relation=table.relation,
        description=table.comment or "",
        columns=tuple(
            Column(name, data_type, table.column_comments.get(name, ""), cataloged=True)
            for name, data_type in table.columns
        ),
        owner=table.owner,
        materialized="materialized_view" if table.kind == "materialized view" else None,
        rows=table.rows.rows if table.rows else None,
        size_bytes=table.size_bytes,
    )


def _unseen(context: ObserveContext[PostgresConfig]) -> Observation:
    name = f"warehouse/{context.instance}"
    finding = Finding(
        code="not-observed",
        message=f"the catalog of '{context.instance}' has not been read yet",
        source=name,
        hint="penstock refresh",
    )
    return Observation(
        integration="postgres",
        instance=context.instance,
        taken_at=time.time(),
        findings=(finding,),
        ages=True,
        stale="not asked yet",
    )
