"""-q is known wherever a command may show progress: a script need not know which commands look around."""

from __future__ import annotations

from collections.abc import Iterator

import click

from penstock.cli.main import cli

# They read the store, a file of people or penstock.yml alone, or print what they wait for as their result.
SILENT = {
    "init", "runs", "logs", "web", "incidents",
    "automation events",
    "automation next", "automation pause", "automation resume", "automation status", "alerts check", "alerts test",
    "users add", "users grant", "users list", "users password", "users remove",
    "tokens add", "tokens list", "tokens revoke", "store check", "store migrate", "store prune", "env list", "env drop",
}  # fmt: skip


def leaves(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from leaves(command, f"{before}{name} ")
        else:
            yield before + name, command


def test_every_command_that_shows_progress_takes_q() -> None:
    without = {
        name
        for name, command in leaves(cli)
        if not any("--quiet" in param.opts and "-q" in param.opts for param in command.params)
    }
    assert without == SILENT
