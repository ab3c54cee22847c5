"""What an integration is, and the base class that has the defaults. Found by entry point; importing it must be cheap."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, Protocol, TypeVar, runtime_checkable

import msgspec

from penstock.assets import Observation
from penstock.integration.observing import AnyObserveContext, ObserveContext
from penstock.integration.options import NoOptions
from penstock.integration.running import AnyRunContext, RunContext, Runner

CONTRACT_VERSION = 1
"""Changes when an integration that was written for the former one would not work any more."""

C = TypeVar("C", bound=msgspec.Struct)


class NoConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The settings of an integration that has none."""


@runtime_checkable
class Integration(Protocol):
    """One tool, under an entry point of the group `penstock.integrations`. What else it can do, it says by capabilities.

    `config` is the type of one instance in penstock.yml: `<name>: {<instance>: <config>}`. `options` names what it listens to of
    the command line: its contexts and steps hold nothing else (see `given`).
    """

    @property
    def name(self) -> str: ...
    @property
    def config(self) -> type[msgspec.Struct]: ...
    @property
    def options(self) -> type[msgspec.Struct]: ...
    @property
    def default_type(self) -> str | None: ...
    @property
    def contract_version(self) -> int: ...

    def observe(self, context: AnyObserveContext) -> Observation:
        """What exists; no side effects on data. The same world gives the same observation, but for `taken_at`."""
        ...

    def runner(self, context: AnyRunContext) -> Runner | None:
        """How its steps are run; None when it has none."""
        ...


class BaseIntegration(ABC, Generic[C]):
    """Start here: give it a `name`, a `config` type and `observe`; add `runner` and capabilities as the tool has them.

    Where `config` is a tagged union of types, `default_type` is the one that an instance has without `type`.
    """

    name: str
    config: type[msgspec.Struct] = NoConfig
    options: type[msgspec.Struct] = NoOptions
    contract_version: int = CONTRACT_VERSION
    default_type: str | None = None

    @abstractmethod
    def observe(self, context: ObserveContext[C]) -> Observation:
        """See `Integration.observe`."""

    def runner(self, context: RunContext[C]) -> Runner | None:
        """See `Integration.runner`."""
        return None
