"""What tools and warehouses do for an environment of a branch, which has a place of its own and begins as its base is. Protocols only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

import msgspec

from penstock.integration.address import Address, Connection
from penstock.integration.observing import AnyObserveContext


class Branched(msgspec.Struct, frozen=True, kw_only=True):
    """An instance's settings in the branch. `environ` is what its tool must find in the environment beside what is there: secrets,
    which no file of ours holds."""

    config: object
    environ: Mapping[str, str] = {}


@runtime_checkable
class Branching(Protocol):
    """Its instances can work in a branch's own place."""

    def in_branch(
        self, context: AnyObserveContext, place: Callable[[Connection], Connection], folder: Path
    ) -> Branched:
        """The settings with which the instance of `context` (of the base) works at `place` of its connection. May write into
        `folder`, which is the branch's own, and no secret."""
        ...


@runtime_checkable
class Copyable(Protocol):
    """A warehouse of which a branch can have a copy of its own at once."""

    address: Address

    def place_of_copy(self, folder: Path) -> Connection:
        """Where the copy in that folder is, there or not. Tables have the same names in it."""
        ...

    def copy_into(self, folder: Path) -> None:
        """Make the copy, of one moment. Writes nothing into the original. Raises WarehouseBusy, ToolError."""
        ...
