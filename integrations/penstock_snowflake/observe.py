"""A Snowflake account as penstock sees it: its catalog translated into assets. Asks the account only where that is allowed."""

from __future__ import annotations

import time
from collections.abc import Iterable

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
    Scope,
    catalog_pause,
    cataloged,
    kept_tags,
    not_asked,
    scopes_of,
    tags_told,
)
from penstock_snowflake.address import account_of, address_of
from penstock_snowflake.catalog import CatalogReader
from penstock_snowflake.config import SnowflakeConfig, connection_of
from penstock_snowflake.connect import opened, place_of
from penstock_snowflake.kept import file_of, load, save
from penstock_snowflake.naming import stored_name
from penstock_snowflake.tags import file_of as tags_file
from penstock_snowflake.tags import read_tags

_KINDS = {"view": AssetKind.VIEW, "materialized view": AssetKind.VIEW}
_MATERIALIZED = {"materialized view": "materialized_view", "dynamic table": "dynamic_table"}


def observe(context: ObserveContext[SnowflakeConfig]) -> Observation:
    """Tables and views with their columns. Raises ToolError when the account cannot be asked."""
    if not context.may_call:
        message = f"the catalog of '{context.instance}' has not been read yet"
        return not_asked("snowflake", context.instance, f"warehouse/{context.instance}", message)
    connection = connection_of(context)
    kept = load(context.state_dir, context.instance, account_of(connection))
    kept.definitions.clear()
    assets: list[ObservedAsset] = []
    with opened(connection, "catalog") as session:
        reader = CatalogReader(
            session, connection, address_of(connection), kept, _every(context), packed=True
        )
        scopes = _scopes(context)
        tags = read_tags(context, session, connection, scopes, reader.databases, _seldom(context))
        for scope in scopes:
            for page in reader.pages(scope):
                for table in page:
                    assets.append(tags.on(_asset(table)))
                    if table.sql:
                        kept.definitions[str(table.relation)] = table.sql
        kept.forget_others({asset.id for asset in assets})
    save(context.state_dir, context.instance, kept)
    return Observation(
        integration="snowflake",
        instance=context.instance,
        taken_at=time.time(),
        assets=tuple(assets),
        findings=tuple(_gap(context.instance, told) for told in reader.gaps),
        ages=True,
        facts={"account": account_of(connection)},
    )


def definitions(context: ObserveContext[SnowflakeConfig], ids: frozenset[str] | None) -> Iterable[Definition]:
    """The SQL of views and dynamic tables, as it was when the catalog was read last: the account is not asked."""
    kept = load(context.state_dir, context.instance, account_of(connection_of(context)))
    for relation, sql in kept.definitions.items():
        if ids is None or relation in ids:
            yield Definition(id=relation, status=DefinitionStatus.COMPILED, sql=sql, dialect="snowflake")


def definitions_mark(context: ObserveContext[SnowflakeConfig]) -> str:
    """Another text after each reading of the catalog."""
    try:
        found = file_of(context.state_dir, context.instance).stat()
    except OSError:
        return ""
    return f"{found.st_mtime_ns}-{found.st_size}"


def diagnose(context: ObserveContext[SnowflakeConfig]) -> Iterable[Diagnosis]:
    """Whether the account lets us in, as whom, and whether the warehouse may be used. Nothing is resumed for it."""
    connection = connection_of(context)
    name = context.config.warehouse
    if not context.may_call:
        yield Diagnosis(
            subject=place_of(connection), ok=True, message="Snowflake", unchecked="whether it answers"
        )
        return
    try:
        with opened(connection, "doctor") as session:
            (who,) = session.rows("SELECT CURRENT_VERSION() AS v, CURRENT_USER() AS u, CURRENT_ROLE() AS r")
            shown = session.rows("SHOW WAREHOUSES") if name else []
    except PenstockError as error:
        yield Diagnosis(
            subject=context.instance, ok=False, message=error.what, hint=error.hint or "check its settings"
        )
        return
    yield Diagnosis(
        subject=place_of(connection),
        ok=True,
        message=f"Snowflake {who['v']}, connected as {who['u']} with the role {who['r']}",
    )
    yield from tags_told(kept_tags(tags_file(context)))
    if name is None:
        return
    state = next((row["state"] for row in shown if row["name"] == stored_name(name)), None)
    yield Diagnosis(
        subject=f"warehouse {name}",
        ok=state is not None,
        message=f"is {str(state).lower()}" if state else "does not exist, or this role may not use it",
        hint=None if state else "GRANT USAGE ON WAREHOUSE",
    )


def _every(context: ObserveContext[SnowflakeConfig]) -> float:
    """Where a run has worked, it is due at once."""
    return 0.0 if context.worked else _seldom(context)


def _seldom(context: ObserveContext[SnowflakeConfig]) -> float:
    """Also after a run: what is hours late has no news of it."""
    return catalog_pause(context.instance, context.config.catalog_every)


def _scopes(context: ObserveContext[SnowflakeConfig]) -> tuple[Scope, ...]:
    schemas = context.config.schemas
    stored = None if schemas is None else tuple(stored_name(name) for name in schemas)
    return scopes_of(stored, context.config.databases, context.used)


def _asset(table: CatalogTable) -> ObservedAsset:
    kind = _KINDS.get(table.kind, AssetKind.TABLE)
    return cataloged(table, kind=kind, materialized=_MATERIALIZED.get(table.kind))


def _gap(instance: str, told: str) -> Finding:
    return Finding(
        code="not-observed",
        message=f"the catalog of '{instance}' is not whole: {told}",
        source=f"warehouse/{instance}",
        hint="the grants that penstock needs: docs/how-to/snowflake.md",
    )
