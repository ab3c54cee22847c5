"""Options and arguments that were given without a value: `-e "$ENV"` with a variable that is not set. Reads no project."""

from __future__ import annotations

import click
from click.core import ParameterSource

# A selection of nothing, a base of nothing: they say so themselves. To leave nothing out is to leave nothing out, as for dbt.
_SAY_THEMSELVES = frozenset({"select", "exclude", "names", "base"})


def refuse_empty(context: click.Context | None) -> None:
    """Raises UsageError. What is empty would be what is not said: another environment, a run that no key keeps from being doubled,
    the newest run in place of the one that is to be cancelled."""
    from penstock.errors import UsageError

    while context is not None:
        for param in context.command.params:
            name = param.name or ""
            if (
                name not in _SAY_THEMSELVES
                # `--resume` alone stands for the newest run
                and not (isinstance(param, click.Option) and param.flag_value == "")
                and _blank(context.params.get(name))
                and context.get_parameter_source(name) is ParameterSource.COMMANDLINE
            ):
                said = max(param.opts, key=len) if isinstance(param, click.Option) else name.upper()
                raise UsageError(
                    f"{said} is empty", hint="is a variable not set? Give it a value, or leave it out"
                )
        context = context.parent


def _blank(value: object) -> bool:
    """Of what may be repeated, one of its values."""
    values = value if isinstance(value, tuple) else (value,)
    return any(isinstance(one, str) and not one.strip() for one in values)
