"""`penstock airbyte`: one connection by hand."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from penstock.cli import options
from penstock.cli.given import Given
from penstock.cli.output import clear_progress, count, hint, is_quiet, print_json, table
from penstock.cli.sections import SectionedCommand

if TYPE_CHECKING:
    from penstock.integration import OfferedStream
    from penstock.service.byhand import Connection


@click.group()
def airbyte() -> None:
    """Manage one local Airbyte connection: check, discover, state, clear, refresh.

    Connections of an Airbyte server are managed there.
    CONNECTION is its name in penstock.yml; INSTANCE/NAME where two instances have that name.
    """


def _connection(given: Given) -> Connection:
    from penstock.service.byhand import Connection

    return Connection(options.workspace(given, options.seen_options(given)), "airbyte", given["connection"])


@airbyte.command()
@click.argument("connection")
@options.json_option
@options.quiet_option
@options.place_options
def check(**given: object) -> None:
    """Run the connector's own check: installation, configuration, connection to the source. Exit code 1 when it fails."""
    found = _connection(given).check()
    clear_progress()
    if given["as_json"]:
        print_json({"format": 1, "ok": found.ok, "check": found})
    else:
        click.echo(f"{'ok' if found.ok else 'WRONG'}  {found.subject}: {found.message}")
        if found.unchecked:
            click.echo(f"  not checked: {found.unchecked}")
        if found.hint and not found.ok:
            hint(found.hint, important=True)
    if not found.ok:
        raise click.exceptions.Exit(1)


@airbyte.command()
@click.argument("connection")
@options.json_option
@options.quiet_option
@options.place_options
def discover(**given: object) -> None:
    """Ask the source for its streams: modes, keys, cursors, and how each is synced here."""
    found = _connection(given).discover()
    clear_progress()
    if given["as_json"]:
        print_json({"format": 1, "streams": found})
        return
    headers = ("STREAM", "CAN", "KEY", "CURSOR", "FIELDS", "SYNCED AS", "TABLE")
    table(headers, [_row(stream) for stream in found], limits=(46, 0, 40, 30, 0, 0, 46))
    hint(f"{count(len(found), 'stream')}; what is empty under SYNCED AS is not synced")


def _row(stream: OfferedStream) -> tuple[str, ...]:
    cursor = (
        stream.cursor or stream.source_cursor or ("the source's own" if stream.cursor_is_the_sources else "")
    )
    return (
        stream.name,
        ", ".join(stream.modes),
        ", ".join(stream.primary_key or stream.source_key),
        cursor,
        str(len(stream.fields)),
        stream.sync_mode or "",
        stream.table or "",
    )


@airbyte.command()
@click.argument("connection")
@click.option(
    "--set",
    "file",
    metavar="FILE",
    help="Replace it by the one in FILE (- is stdin), of the shape that is shown.",
)
@options.quiet_option
@options.place_options
def state(file: str | None, **given: object) -> None:
    """Show the committed state as JSON, as Airbyte writes it: where each incremental stream goes on next time."""
    found = _connection(given)
    if file is not None:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        found.set_state(data)
        hint(f"{found.name}: the state is set")
    print_json(found.state())


@airbyte.command()
@click.argument("connection")
@click.argument("streams", nargs=-1, metavar="[STREAM]...")
@click.option("--yes", metavar="CONNECTION", help="The connection's name once more, instead of typing it.")
@options.json_option
@options.quiet_option
@options.place_options
def clear(streams: tuple[str, ...], yes: str | None, **given: object) -> None:
    """Empty the tables of these streams (all by default) and forget where they go on. The next sync begins anew.

    The connection's name must be typed to confirm.
    """
    found = _connection(given)
    _confirm(yes, streams, found.name)
    cleared = found.clear(streams)
    clear_progress()
    if given["as_json"]:
        print_json({"format": 1, "cleared": cleared})
        return
    if is_quiet():
        click.echo(f"{count(len(cleared), 'stream')} cleared")
        return
    for one in cleared:
        click.echo(
            f"{one.table}: " + ("no table" if one.rows is None else f"{count(one.rows, 'row')} removed")
        )
    hint("the state of these streams is forgotten; what depends on them is as it was")


def _confirm(typed: str | None, streams: Sequence[str], name: str) -> None:
    from penstock.errors import UsageError

    if typed is None and sys.stdin.isatty():
        what = ", ".join(streams) or "all streams"
        typed = click.prompt(f"This empties {what} of {name}. Type {name} to confirm", err=True)
    if typed != name:
        raise UsageError("nothing was cleared: the connection's name confirms it", hint=f"--yes {name}")


@airbyte.command(cls=SectionedCommand)
@click.argument("connection")
@click.argument("streams", nargs=-1, metavar="[STREAM]...")
@options.json_option
@options.control_options
@options.quiet_option
@options.place_options
def refresh(connection: str, streams: tuple[str, ...], **given: object) -> None:
    """Sync the connection now, and read these streams (all by default) from their beginning.

    Their tables are swapped when all is there: until then, and when the sync fails, they stay as they were. Other streams of the
    connection are synced as always.
    """
    import shlex

    from penstock.cli.executing import execute_plan

    workspace = options.workspace(given, options.seen_options(given))
    from penstock.service.byhand import Connection

    seen, plan = Connection(workspace, "airbyte", connection).refresh(streams)
    plan = options.controlled(workspace, plan, given)
    command = shlex.join(["penstock", "airbyte", "refresh", connection, *streams])
    execute_plan(workspace, seen.graph, plan, given, command=command)
