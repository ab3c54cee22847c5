"""The flags that integrations declare, and what they mean for a plan. Nothing here imports a tool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from penstock import registry
from penstock.commandline import Effect, Flag, Kind, Scope

__all__ = [
    "Declared",
    "Effect",
    "Flag",
    "Kind",
    "Scope",
    "copying",
    "declared",
    "makes_other_data",
    "resource_types",
    "said_here",
    "unread",
]

PASSED_ON = "args"
"""The option that holds what stood behind `--`. Nothing here knows what it does."""
REBUILD = "full_refresh"
FAIL_FAST = "fail_fast"
"""Options of penstock itself that tools may listen to."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A flag, and whose it is."""

    integration: str
    title: str
    flag: Flag


def declared(*scopes: Scope) -> tuple[Declared, ...]:
    """The flags of all installed integrations with one of these scopes (all without), in their order."""
    return tuple(
        Declared(name, line.title, flag)
        for name, line in registry.declarations().items()
        for flag in line.flags
        if not scopes or flag.scope in scopes
    )


def resource_types() -> frozenset[str]:
    """Those that an installed tool may have, also where a project has none of them."""
    return frozenset(name for line in registry.declarations().values() for name in line.resource_types)


def unread() -> dict[str, str]:
    """The integrations whose declaration cannot be read, and why."""
    return registry.unread_declarations()


def said_here(command: str) -> tuple[str, str] | None:
    """(integration, how it is said here) for a command of a tool that penstock does not have under that name."""
    for name, line in registry.declarations().items():
        if command in line.commands:
            return name, line.commands[command]
    return None


def makes_other_data(options: Mapping[str, object]) -> bool:
    """Whether with these options something is made that says nothing of what a plain run makes."""
    if options.get(PASSED_ON):
        return True
    return any(one.flag.effect is not Effect.NONE and options.get(one.flag.field) for one in declared())


def copying(options: Mapping[str, object]) -> Declared | None:
    """The flag among these options by which relations are copied instead of built."""
    found = (one for one in declared() if one.flag.effect is Effect.COPIES and options.get(one.flag.field))
    return next(found, None)
