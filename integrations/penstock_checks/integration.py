"""The entry point object: what penstock.yml declares, observed as checks of relations; and how they are run."""

from __future__ import annotations

import time

import msgspec

from penstock.assets import (
    AssetKind,
    Batch,
    Hold,
    Observation,
    ObservedAsset,
    ObservedCheck,
    ObservedProducer,
    Relation,
    Severity,
)
from penstock.integration import BaseIntegration, ObserveContext, RunContext, Runner
from penstock_checks.compiling import declared
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

    def runner(self, context: RunContext[ChecksConfig]) -> Runner | None:
        from penstock_checks.runner import CheckRunner

        return CheckRunner(context)


def _asset(place: Relation) -> ObservedAsset:
    return ObservedAsset(
        id=str(place), kind=AssetKind.TABLE, name=place.identifier, resource_type="table", relation=place
    )


INTEGRATION = ChecksIntegration()
