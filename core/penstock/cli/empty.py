"""Options that were given without a value: `-e "$ENV"` with a variable that is not set. Reads no project."""

from __future__ import annotations

import click
from click.core import ParameterSource

_MAY_BE_EMPTY = frozenset({"--vars"})  # none at all


def refuse_empty(context: click.Context | None) -> None:
    """Raises UsageError. What is empty would be what is not said: another environment, or a run that no key keeps from being doubled."""
    from penstock.errors import UsageError

    while context is not None:
        for param in context.command.params:
            name = param.name or ""
            if (
                isinstance(param, click.Option)
                and _MAY_BE_EMPTY.isdisjoint(param.opts)
                and param.flag_value != ""  # `--resume` alone stands for the newest run
                and context.params.get(name) == ""
                and context.get_parameter_source(name) is ParameterSource.COMMANDLINE
            ):
                flag = max(param.opts, key=len)
                raise UsageError(
                    f"{flag} is empty", hint="is a variable not set? Give it a value, or leave it out"
                )
        context = context.parent
