"""The entry point object: what penstock.yml declares, observed as checks of relations; and how they are run."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable

import msgspec

from penstock.assets import (
    AssetKind,
    Batch,
    Definition,
    DefinitionStatus,
    Hold,
    Observation,
    ObservedAsset,
    ObservedCheck,
    ObservedProducer,
    Recipe,
    Relation,
    Severity,
)
from penstock.integration import BaseIntegration, ObserveContext, RunContext, Runner
from penstock_checks.compiling import Declared, alone, declared
from penstock_checks.config import ChecksConfig


class ChecksIntegration(BaseIntegration[ChecksConfig]):
    """One warehouse's checks per instance, which has the warehouse's name."""

    name = "checks"
    config: type[msgspec.Struct] = ChecksConfig

    def observe(self, context: ObserveContext[ChecksConfig]) -> Observation:
        address = context.address(context.connection(context.instance))
        checks = declared(context.config, address, f"checks.{context.instance}", time.time())
        batch = f"checks/{context.instance}"
        places = dict.fromkeys(place for check in checks for place in (check.relation, *check.others))
        return Observation(
            integration="checks",
            instance=context.instance,
            taken_at=time.time(),
            assets=tuple(_asset(place) for place in places),
            checks=tuple(
                ObservedCheck(
                    id=check.id,
                    kind="sql_check",
                    name=check.id.replace(".", "_"),
                    assets=tuple(str(place) for place in (check.relation, *check.others)),
                    column=check.column,
                    severity=Severity.WARN if check.warn else Severity.ERROR,
                    batch=batch,
                    recipe=_recipe(check, address.dialect),
                )
                for check in checks
            ),
            # Makes nothing: it says what a step of these checks holds.
            producers=(
                ObservedProducer(id="all", kind="check", batch=batch, holds=(Hold(address.resource),)),
            ),
            batches=(Batch(name=batch),),
            ages=True,
        )

    def definitions(
        self, context: ObserveContext[ChecksConfig], ids: frozenset[str] | None = None
    ) -> Iterable[Definition]:
        """The query of each of these checks. It has no assets of its own: of all of them there is none."""
        if ids is None:
            return
        address = context.address(context.connection(context.instance))
        for check in declared(context.config, address, f"checks.{context.instance}", time.time()):
            if check.id in ids:
                sql = alone(check, address.dialect).sql
                yield Definition(
                    id=check.id, status=DefinitionStatus.COMPILED, sql=sql, dialect=address.dialect
                )

    def runner(self, context: RunContext[ChecksConfig]) -> Runner | None:
        from penstock_checks.runner import CheckRunner

        return CheckRunner(context)


def _asset(place: Relation) -> ObservedAsset:
    return ObservedAsset(
        id=str(place), kind=AssetKind.TABLE, name=place.identifier, resource_type="table", relation=place
    )


def _recipe(check: Declared, dialect: str) -> Recipe | None:
    """None: its verdict follows from the clock, too."""
    if check.kind == "freshness":
        return None
    return Recipe(
        form="check",
        settings="warn" if check.warn else "error",
        template=hashlib.blake2b(alone(check, dialect).sql.encode(), digest_size=10).hexdigest(),
    )


INTEGRATION = ChecksIntegration()
