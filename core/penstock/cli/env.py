"""`penstock env list` and `drop`: the environments of branches, which `build -e NAME --base ENV` makes."""

from __future__ import annotations

import time
from pathlib import Path

import click

from penstock.cli import options
from penstock.cli.given import Given
from penstock.cli.output import ago, hint, print_json, size, table


@click.group()
def env() -> None:
    """See and drop the environments of branches. `penstock build -e pr-123 --base prod` makes one."""


@env.command("list")
@options.json_option
@options.place_options
def list_environments(**given: object) -> None:
    """List the environments of branches, with their base, age and size."""
    from penstock.service.branches import branches

    found = branches(_start(given))
    if given["as_json"]:
        print_json(found)
        return
    if not found.environments:
        hint("no branch has an environment here (penstock build -e pr-123 --base prod makes one)")
        return
    now = time.time()
    table(
        ("NAME", "BASE", "COPIED", "LIVES", "SIZE"),
        [
            (
                one.name,
                one.base or "?",
                ago(now - one.made_at) if one.made_at else "never finished",
                "until dropped" if one.until is None else "over" if one.over else f"{(one.until - now) / 3600:.1f} h more",
                size(one.size_bytes),
            )
            for one in found.environments
        ],
    )  # fmt: skip


@env.command("drop")
@click.argument("names", nargs=-1)
@click.option("--expired", is_flag=True, help="Drop the ones that have expired.")
@options.place_options
def drop_environments(names: tuple[str, ...], expired: bool, **given: object) -> None:
    """Delete environments of branches, with all that was made in them. The history of their runs stays."""
    from penstock.errors import UsageError
    from penstock.service.branches import drop

    if not names and not expired:
        raise UsageError("which? name them, or say --expired", hint="see what is there: penstock env list")
    dropped = drop(_start(given), names, expired=expired)
    click.echo(f"dropped {', '.join(dropped)}" if dropped else "none is over")


def _start(given: Given) -> Path:
    parent = click.get_current_context().find_root().obj or {}
    directory = given.get("directory") or parent.get("directory")
    return Path(directory) if directory else Path.cwd()
