"""The command of a schedule, as typed in penstock.yml, read with the same options as on the command line. Runs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from penstock.cli import options
from penstock.cli.given import Given
from penstock.errors import UsageError

if TYPE_CHECKING:
    from penstock.automation import Schedule
    from penstock.service.unattended import Command

_REFUSED = {
    "resume": "--resume",
    "key": "--key",
    "dry_run": "--dry-run",
    "directory": "-C",
    "environment": "--env",
    "as_json": "--json",
}


def read_command(schedule: Schedule) -> Command:
    """Raises UsageError for what is no `run` or `build`, and for options that make no sense where nobody watches."""
    from penstock.cli.run import build, run
    from penstock.service.control import Control
    from penstock.service.unattended import Command

    words = list(schedule.words)
    known = {"run": run, "build": build}
    if not words or words[0] not in known:
        what = f"'{words[0]}' is not what a schedule can run" if words else "run: is empty"
        raise UsageError(what, hint="write `run` or `build` with its options: build -s tag:daily")
    typed, passed = _cut(words[1:])
    given = _parsed(known[words[0]], typed)
    refused = [flag for name, flag in _REFUSED.items() if given.get(name)]
    if refused:
        raise UsageError(f"{refused[0]} makes no sense in a schedule", hint="leave it out")
    given = {**given, "passed_on": passed}
    return Command(
        text=schedule.text,
        asked=options.asked(given, checks=words[0] == "build"),
        options=options.seen_options(given),
        control=Control(**{name: given[name] for name in Control.__struct_fields__}),
    )


def _cut(words: list[str]) -> tuple[list[str], tuple[str, ...]]:
    """What stands behind `--` goes to dbt as it is."""
    if "--" not in words:
        return words, ()
    at = words.index("--")
    return words[:at], tuple(words[at + 1 :])


def _parsed(command: click.Command, words: list[str]) -> Given:
    if "-h" in words or "--help" in words:
        raise UsageError("--help makes no sense in a schedule", hint="leave it out")
    try:
        # The names are kept by the command: those of the command line, or its own help would lose one in this process.
        with command.make_context(command.name, words, help_option_names=["-h", "--help"]) as context:
            return dict(context.params)
    except click.ClickException as wrong:
        raise UsageError(wrong.format_message()) from None
