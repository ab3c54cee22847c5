"""What a command reads of `given` are options that it has, and that it does not take by name: else it ends in a KeyError."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator

import click

from penstock.cli.main import cli


def commands(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, f"{path}{name} ")
        elif command is not None:
            yield f"{path}{name}", command


def read_of_given(command: click.Command) -> set[str]:
    assert command.callback is not None
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(command.callback))))
    return {
        node.slice.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id == "given"
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, str)
    }


def test_commands_read_options_that_they_are_given() -> None:
    found = dict(commands(cli))
    assert len(found) > 40
    for name, command in found.items():
        assert command.callback is not None
        by_name = set(inspect.signature(inspect.unwrap(command.callback)).parameters) - {"given"}
        assert read_of_given(command) <= {str(param.name) for param in command.params} - by_name, name
