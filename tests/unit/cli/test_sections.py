"""Every command with a long help shows its options below titles, and every section's name is an option of one of them."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from penstock.cli.main import cli
from penstock.cli.sections import SECTIONS
from penstock.cli.toolflags import param_of
from penstock.service.flags import declared

_BEFORE = list(SECTIONS)[: list(SECTIONS).index("Selection") + 1]
_TITLES = (*_BEFORE, *dict.fromkeys(one.title for one in declared()), *list(SECTIONS)[len(_BEFORE) :])
MOST = 8  # options that one can overlook without titles


def commands(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(click.Context(group)):
        found = group.get_command(click.Context(group), name)
        assert found is not None
        if isinstance(found, click.Group):
            yield from commands(found, f"{path}{name} ")
        else:
            yield path + name, found


def options(command: click.Command) -> set[str | None]:
    return {param.name for param in command.params if isinstance(param, click.Option) and not param.hidden}


LONG = {name: one for name, one in commands(cli) if len(options(one)) > MOST}


def test_every_option_has_one_section() -> None:
    placed = [name for names in SECTIONS.values() for name in names]
    placed += [param_of(one.flag) for one in declared()]
    assert len(placed) == len(set(placed))
    assert set(placed) | {"directory", "environment", "refresh"} == set().union(*map(options, LONG.values()))


@pytest.mark.parametrize("name", LONG)
def test_the_help_shows_every_option_once_below_a_title(name: str) -> None:
    command = LONG[name]
    settings = {**cli.context_settings, "terminal_width": 200, "max_content_width": 200}
    parent = click.Context(cli, info_name="penstock", **settings)
    context = click.Context(command, parent=parent, info_name=name)
    shown = command.get_help(context)
    entries = [line.split("  ")[1].split() for line in shown.splitlines() if line.startswith("  -")]
    for param in command.params:
        if isinstance(param, click.Option):
            long = max(param.opts, key=len)
            assert [long in [word.rstrip(",") for word in entry] for entry in entries].count(True) == 1, (
                long,
                shown,
            )
    titles = [
        line.rstrip(":") for line in shown.splitlines() if line.endswith(":") and not line.startswith(" ")
    ]
    assert titles == [title for title in (*_TITLES, "Other options") if title in titles]
