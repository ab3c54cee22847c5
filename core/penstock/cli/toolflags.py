"""The flags that integrations declare, as options of click. Decides nothing about what a flag does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from penstock.cli.output import hint
from penstock.errors import UsageError
from penstock.service.flags import Declared, Flag, Kind, Scope, declared, unread

F = TypeVar("F", bound=Callable[..., object])


def param_of(flag: Flag) -> str:
    """Its name among a command's parameters: never that of an option of penstock."""
    return "tool_" + flag.field


class ToolOption(click.Option):
    """An option of a tool; `title` is that of its section in the help."""

    def __init__(self, one: Declared) -> None:
        flag = one.flag
        super().__init__(
            [*flag.names, param_of(flag)],
            help=flag.help,
            metavar=flag.metavar or None,
            is_flag=flag.kind is Kind.SWITCH,
            type=_type_of(flag),
            default=False if flag.kind is Kind.SWITCH else None,
        )
        self.title = one.title
        self.flag = flag


class ToolCommand(click.Command):
    """A command that offers flags of tools. A flag that penstock or another tool has already under that name is left out."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        own = [param for param in self.params if not isinstance(param, ToolOption)]
        taken = {word for param in own for word in (*param.opts, param.name)}
        kept: list[click.Parameter] = []
        for param in self.params:
            words = {*param.opts, param.name}
            if isinstance(param, ToolOption) and words & taken:
                continue
            taken |= words
            kept.append(param)
        self.params = kept


def tool_options(*scopes: Scope) -> Callable[[F], F]:
    """The declared flags of these scopes, in the order of their declaration."""

    def decorate(command: F) -> F:
        for name, why in unread().items():
            hint(f"the flags of {name} are not offered: {why}", important=True)
        # click reads the list from its end, as it is made by decorators that stand one above the other.
        options: list[click.Parameter] = command.__dict__.setdefault("__click_params__", [])
        options.extend(ToolOption(one) for one in reversed(declared(*scopes)))
        return command

    return decorate


def tool_values(given: Mapping[str, object], *scopes: Scope) -> dict[str, object]:
    """What was given for these flags, as integrations take it: folders are absolute, mappings are known to be YAML. What was not
    given is None or False. Raises UsageError."""
    return {one.flag.field: _value(one.flag, given.get(param_of(one.flag))) for one in declared(*scopes)}


def _value(flag: Flag, value: object) -> object:
    if value and flag.kind is Kind.FOLDER:
        return str(Path(str(value)).resolve())
    if flag.kind is Kind.MAPPING:
        return _mapping(flag, value)
    if flag.pattern and value is not None and re.fullmatch(flag.pattern, str(value)) is None:
        raise UsageError(f"{flag.spelt} {str(value)!r} is not {flag.like}")
    return value


def _mapping(flag: Flag, value: object) -> str | None:
    """It stays text: a plan keeps it, and JSON has no dates. Raises UsageError."""
    if not value:
        return None
    text = str(value)
    from penstock.system.safe_yaml import load_yaml

    if not isinstance(load_yaml(text, flag.spelt), dict):
        raise UsageError(
            f"{flag.spelt} must be a YAML mapping, not {text!r}", hint=f"write {flag.spelt} '{{name: value}}'"
        )
    return text


def _type_of(flag: Flag) -> click.ParamType[object] | None:
    if flag.kind is Kind.COUNT:
        return click.IntRange(min=1)
    return click.Choice(flag.choices) if flag.kind is Kind.CHOICE else None
