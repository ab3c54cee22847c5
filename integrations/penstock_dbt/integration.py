"""dbt's entry in the registry: hands each call to the module that knows. Knows nothing itself, imports nothing heavy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import msgspec

from penstock.assets import Definition, Observation
from penstock.integration import (
    BaseIntegration,
    Branched,
    Connection,
    Descriptions,
    Diagnosis,
    IngestResult,
    ObserveContext,
    RunContext,
    Runner,
)
from penstock_dbt.config import DbtConfig
from penstock_dbt.options import DbtOptions


class DbtIntegration(BaseIntegration[DbtConfig]):
    """See `penstock.integration.Integration`."""

    name = "dbt"
    config: type[msgspec.Struct] = DbtConfig
    options: type[msgspec.Struct] = DbtOptions

    def observe(self, context: ObserveContext[DbtConfig]) -> Observation:
        from penstock_dbt.observe import observe

        return observe(context)

    def definitions(
        self, context: ObserveContext[DbtConfig], ids: frozenset[str] | None = None
    ) -> Iterable[Definition]:
        from penstock_dbt.definitions import definitions

        return definitions(context, ids)

    def definitions_mark(self, context: ObserveContext[DbtConfig]) -> str:
        """See `penstock.integration.Marking`."""
        from penstock_dbt.marking import definitions_mark

        return definitions_mark(context)

    def compare(self, context: ObserveContext[DbtConfig], method: str, value: str) -> Iterable[str]:
        """See `penstock.integration.Comparing`."""
        from penstock_dbt.comparing import compare

        return compare(context, method, value)

    def selectors(self, root: Path, settings: Mapping[str, object]) -> Mapping[str, object]:
        """See `penstock.integration.Selecting`."""
        from penstock_dbt.selectors import selectors

        return selectors(root, settings)

    def in_branch(
        self, context: ObserveContext[DbtConfig], place: Callable[[Connection], Connection], folder: Path
    ) -> Branched:
        """See `penstock.integration.Branching`."""
        from penstock_dbt.branching import in_branch

        return in_branch(context, place, folder)

    def describe(self, context: ObserveContext[DbtConfig]) -> Descriptions:
        """See `penstock.integration.Describing`."""
        from penstock_dbt.describing import describe

        return describe(context)

    def at_checkout(
        self, context: ObserveContext[DbtConfig], now: ObserveContext[DbtConfig]
    ) -> ObserveContext[DbtConfig]:
        """See `penstock.integration.Describing`."""
        from penstock_dbt.describing import at_checkout

        return at_checkout(context, now)

    def of_document(self, context: ObserveContext[DbtConfig], path: Path) -> ObserveContext[DbtConfig]:
        """See `penstock.integration.Describing`."""
        from penstock_dbt.describing import of_document

        return of_document(context, path)

    def documents(self, path: Path) -> Iterable[Path]:
        """See `penstock.integration.Describing`."""
        from penstock_dbt.describing import documents

        return documents(path)

    def ingest(self, context: ObserveContext[DbtConfig], path: Path) -> IngestResult:
        """See `penstock.integration.Ingesting`."""
        from penstock_dbt.ingesting import ingest

        return ingest(context, path)

    def connection(self, context: ObserveContext[DbtConfig]) -> Connection | None:
        from penstock_dbt.profiles import connection

        return None if context.config.artefacts_only else connection(context)

    def runner(self, context: RunContext[DbtConfig]) -> Runner | None:
        from penstock_dbt.runner import DbtRunner

        return None if context.config.artefacts_only else DbtRunner(context)

    def diagnose(self, context: ObserveContext[DbtConfig]) -> Iterable[Diagnosis]:
        from penstock_dbt.diagnose import diagnose

        return diagnose(context)


INTEGRATION = DbtIntegration()
