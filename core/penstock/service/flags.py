"""The flags that integrations declare, and what they mean for a plan. Nothing here imports a tool."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from penstock import registry
from penstock.commandline import Effect, Flag, Kind, Scope, differing
from penstock.errors import UsageError

__all__ = [
    "Declared",
    "Effect",
    "Flag",
    "Kind",
    "Scope",
    "copying",
    "declared",
    "flags_said",
    "given",
    "makes_other_data",
    "offered",
    "resource_types",
    "said_here",
    "unread",
]

PASSED_ON = "args"
"""The option that holds what stood behind `--`. Nothing here knows what it does."""
REBUILD = "full_refresh"
FAIL_FAST = "fail_fast"
"""Options of penstock itself that tools may listen to."""


class Declared(msgspec.Struct, frozen=True):
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


def flags_said(options: Mapping[str, Mapping[str, object]]) -> dict[str, str]:
    """Per `integration/instance`, with which flags other data is made than by a plain run; without those that have none."""
    said = {}
    for name, told in options.items():
        integration = name.partition("/")[0]
        words = differing((one.flag for one in declared() if one.integration == integration), told)
        behind = told.get(PASSED_ON)
        if isinstance(behind, list | tuple):
            words = " ".join([words, "--", *(_word(str(one)) for one in behind if str(one)[:1] == "-")])
        if words.strip():
            said[name] = words.strip()
    return said


def _word(flag: str) -> str:
    """Without its value, which may be a secret: `--vars=...`, `-estaging`."""
    return flag.partition("=")[0] if flag.startswith("--") else flag[:2]


def copying(options: Mapping[str, object]) -> Declared | None:
    """The flag among these options by which relations are copied instead of built."""
    found = (one for one in declared() if one.flag.effect is Effect.COPIES and options.get(one.flag.field))
    return next(found, None)


# Times, windows and the like: no text that could be a flag, a path or a template.
_PLAIN = re.compile(r"[0-9A-Za-z][0-9A-Za-z:.+ -]{0,39}")
_MOST = 10_000


def offered() -> tuple[Declared, ...]:
    """Those that may be given from elsewhere: they name no folder, hold no document and copy nothing."""
    return tuple(
        one
        for one in declared(Scope.RUN)
        if one.flag.kind in (Kind.SWITCH, Kind.COUNT, Kind.CHOICE, Kind.TEXT)
        and one.flag.effect is not Effect.COPIES
        and not one.flag.needs
    )


def given(said: Mapping[str, bool | int | str]) -> dict[str, object]:
    """Options from flags by their field, as somebody elsewhere gave them. Raises UsageError for one that is not offered."""
    known = {one.flag.field: one.flag for one in offered()}
    for field, value in said.items():
        flag = known.get(field)
        if flag is None:
            raise UsageError(
                f"there is no flag {field[:80]!r} that can be given here", hint="see GET /api/v1/flags"
            )
        if not _fits(flag, value):
            raise UsageError(f"{flag.spelt}: this value cannot be given", hint=f"it is a {flag.kind.value}")
    return {field: value for field, value in said.items() if value}


def _fits(flag: Flag, value: bool | int | str) -> bool:
    if flag.kind is Kind.SWITCH:
        return isinstance(value, bool)
    if flag.kind is Kind.COUNT:
        return type(value) is int and 1 <= value <= _MOST
    if flag.kind is Kind.CHOICE:
        return value in flag.choices
    return isinstance(value, str) and _PLAIN.fullmatch(value) is not None
