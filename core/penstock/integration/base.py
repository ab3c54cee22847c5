"""What an integration is: the capabilities of one tool. Found by entry point; importing it must be cheap."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol, runtime_checkable

import msgspec

from penstock.assets import Definition, Observation
from penstock.integration.address import Connection
from penstock.integration.observing import Diagnosis, ObserveContext, Told
from penstock.integration.running import RunContext, Runner
from penstock.integration.warehouse import Warehouse, WarehouseContext


@runtime_checkable
class Integration(Protocol):
    """One tool. Found by the entry point group `penstock.integrations`; importing its module must be cheap."""

    name: str
    config: type[msgspec.Struct]  # one instance in penstock.yml: `<name>: {<instance>: <config>}`

    def observe(self, context: ObserveContext) -> Observation:
        """What exists; no side effects on data."""
        ...

    def definitions(self, context: ObserveContext, ids: frozenset[str] | None = None) -> Iterable[Definition]:
        """The compiled SQL of what this instance defines (all, or these ids). Compiles when needed and `may_call`."""
        ...

    def connection(self, context: ObserveContext) -> Connection | None:
        """The warehouse this instance itself is configured to work in (a dbt profile's), if any."""
        ...

    def runner(self, context: RunContext) -> Runner | None:
        """How its steps are run; None when it has none."""
        ...

    def warehouse(self, context: WarehouseContext) -> Warehouse | None:
        """The warehouse behind a connection of type `name`; None when this is no warehouse integration. Opens nothing yet."""
        ...

    def diagnose(self, context: ObserveContext) -> Iterable[Diagnosis]:
        """What `doctor` shows about this instance: tool, version, path, connectivity."""
        ...


@runtime_checkable
class Comparing(Protocol):
    """An integration whose assets can be selected by what differs from another run of it."""

    def compare(self, context: ObserveContext, method: str, value: str) -> Iterable[str]:
        """The ids of this instance that `state:`, `result:` or `source_status:` finds, compared with `options["state"]`."""
        ...


@runtime_checkable
class Ingesting(Protocol):
    """An integration whose runs elsewhere (CI, its own cloud) leave artefacts that can be read here."""

    def ingest(self, context: ObserveContext, path: Path) -> Told:
        """Read the artefacts at `path`, a file or a folder. Raises DocumentError."""
        ...


@runtime_checkable
class Marking(Protocol):
    """An integration whose definitions can change while all that it observes stays the same."""

    def definitions_mark(self, context: ObserveContext) -> str:
        """Another text whenever `definitions` may answer otherwise. Cheap: it looks at times of files, and reads none of them."""
        ...
