"""A PostgreSQL database as penstock sees it: its catalog translated into assets. Asks the server only where that is allowed."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from penstock.assets import (
    AssetKind,
    Definition,
    DefinitionStatus,
    Observation,
    ObservedAsset,
)
from penstock.errors import PenstockError
from penstock.integration import (
    CatalogTable,
    Diagnosis,
    ObserveContext,
    Scope,
    cataloged,
    not_asked,
)
from penstock.system.files import private_folder, write_private
from penstock_postgres.address import address_of
from penstock_postgres.catalog import pages
from penstock_postgres.config import PostgresConfig, connection_of
from penstock_postgres.connect import opened, place_of

_KINDS = {"view": AssetKind.VIEW, "materialized view": AssetKind.VIEW}


def observe(context: ObserveContext[PostgresConfig]) -> Observation:
    """Tables and views with their columns. Raises ToolError when the server cannot be asked."""
    if not context.may_call:
        message = f"the catalog of '{context.instance}' has not been read yet"
        return not_asked("postgres", context.instance, f"warehouse/{context.instance}", message)
    assets: list[ObservedAsset] = []
    views: dict[str, str] = {}
    for table in _tables(context):
        assets.append(_asset(table))
        if table.sql:
            views[str(table.relation)] = table.sql
    _keep(context, views)
    return Observation(
        integration="postgres",
        instance=context.instance,
        taken_at=time.time(),
        assets=tuple(_within(assets)),
        ages=True,
        facts={"database": place_of(connection_of(context))},
    )


def definitions(context: ObserveContext[PostgresConfig], ids: frozenset[str] | None) -> Iterable[Definition]:
    """The views' own SQL as it was last read, as the server writes it: qualified, with every star expanded."""
    try:
        views = msgspec.msgpack.decode(_kept(context).read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError):
        return  # not read yet: the observation says so
    for name, sql in views.items():
        if ids is None or name in ids:
            yield Definition(id=name, status=DefinitionStatus.COMPILED, sql=sql, dialect="postgres")


def _kept(context: ObserveContext[PostgresConfig]) -> Path:
    """Views that are described again and again would make every snapshot large: their SQL is kept beside it."""
    return context.state_dir / "postgres" / f"{context.environment}-{context.instance}.views.msgpack"


def _keep(context: ObserveContext[PostgresConfig], views: dict[str, str]) -> None:
    file = _kept(context)
    private_folder(file.parent)
    write_private(file, msgspec.msgpack.encode(views))


def _within(assets: list[ObservedAsset]) -> Iterable[ObservedAsset]:
    """What is read from outside of what was read (another schema than `schemas`) is left out of `upstream`."""
    known = {asset.id for asset in assets}
    for asset in assets:
        inside = tuple(one for one in asset.upstream if one in known)
        yield asset if inside == asset.upstream else msgspec.structs.replace(asset, upstream=inside)


def diagnose(context: ObserveContext[PostgresConfig]) -> Iterable[Diagnosis]:
    """Whether the server lets us in, which version it is, and what this user may do."""
    connection = connection_of(context)
    if not context.may_call:
        yield Diagnosis(
            subject=place_of(connection), ok=True, message="PostgreSQL", unchecked="whether it answers"
        )
        return
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
    yield Diagnosis(
        subject=place_of(connection),
        ok=True,
        message=f"PostgreSQL {version}, connected as {user}",
        hint=None if creates else "syncs need CREATE on the database, or their schemas made for them",
        unchecked=None if creates else "what it may write: it may not create schemas",
    )


def _tables(context: ObserveContext[PostgresConfig]) -> Iterable[CatalogTable]:
    connection = connection_of(context)
    with opened(connection, tag="catalog") as session:
        scope = Scope(schemas=context.config.schemas)
        for page in pages(session, scope, address_of(connection), None, packed=True):
            yield from page


def _asset(table: CatalogTable) -> ObservedAsset:
    found = cataloged(
        table,
        kind=_KINDS.get(table.kind, AssetKind.TABLE),
        materialized="materialized_view" if table.kind == "materialized view" else None,
    )
    if not table.sql and not table.reads:
        return found
    # Another SQL makes another graph, so that columns are followed anew.
    definition = {"definition": hashlib.sha256(table.sql.encode()).hexdigest()[:8]} if table.sql else {}
    upstream = tuple(str(relation) for relation in table.reads)
    return msgspec.structs.replace(found, upstream=upstream, attributes=definition)
