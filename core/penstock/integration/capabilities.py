"""What an integration may be able to do besides observing and running: each a small protocol, found by its method."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

import msgspec

from penstock.assets import Definition
from penstock.integration.address import Connection
from penstock.integration.observing import AnyObserveContext, Diagnosis, IngestResult, ObserveContext
from penstock.integration.warehouse import Warehouse, WarehouseContext


@runtime_checkable
class Defining(Protocol):
    """Its assets are defined by SQL."""

    def definitions(
        self, context: AnyObserveContext, ids: frozenset[str] | None = None
    ) -> Iterable[Definition]:
        """The compiled SQL of what this instance defines (all, or these ids). Compiles when needed and `may_call`."""
        ...


@runtime_checkable
class Marking(Protocol):
    """Its definitions can change while all that it observes stays the same."""

    def definitions_mark(self, context: AnyObserveContext) -> str:
        """Another text whenever `definitions` may answer otherwise. Cheap: it looks at times of files, and reads none of them."""
        ...


@runtime_checkable
class Connecting(Protocol):
    """Its instances are configured to work in a warehouse, which penstock.yml may name by the instance."""

    def connection(self, context: AnyObserveContext) -> Connection | None:
        """That warehouse (of a dbt profile), if there is one."""
        ...


@runtime_checkable
class Warehousing(Protocol):
    """It is the integration of a kind of warehouse: connections of the type that is its name."""

    def warehouse(self, context: WarehouseContext) -> Warehouse | None:
        """The warehouse behind the connection. Opens nothing yet."""
        ...


@runtime_checkable
class Diagnosing(Protocol):
    """It can tell how it is."""

    def diagnose(self, context: ObserveContext[object]) -> Iterable[Diagnosis]:
        """What `doctor` shows about this instance: tool, version, path, connectivity."""
        ...


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """What penstock.yml could say about a tool that was found: `lines` of YAML below the integration's key, comments included,
    and one sentence about them."""

    lines: tuple[str, ...]
    message: str


@runtime_checkable
class Proposing(Protocol):
    """It can be found from the environment alone."""

    def propose(self, environ: Mapping[str, str]) -> Proposal | None:
        """What `init` writes; None when nothing is found. Names variables, never their values."""
        ...


@runtime_checkable
class Comparing(Protocol):
    """Its assets can be selected by what differs from another run of it."""

    def compare(self, context: ObserveContext[object], method: str, value: str) -> Iterable[str]:
        """The ids of this instance that `state:`, `result:` or `source_status:` finds, compared with `options["state"]`."""
        ...


@runtime_checkable
class Selecting(Protocol):
    """Its projects name selections that people may ask for (`--selector`)."""

    def selectors(self, root: Path, settings: Mapping[str, object]) -> Mapping[str, object]:
        """Their definitions by name, in the form of selectors.yml. `settings` are those of the instance as penstock.yml has
        them, with variables unresolved, and `root` its folder. Raises ConfigError."""
        ...


@runtime_checkable
class Ingesting(Protocol):
    """Its runs elsewhere (CI, its own cloud) leave artefacts that can be read here."""

    def ingest(self, context: ObserveContext[object], path: Path) -> IngestResult:
        """Read the artefacts at `path`, a file or a folder. Raises DocumentError."""
        ...
