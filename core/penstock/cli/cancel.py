"""`penstock cancel`: stop a run from another terminal."""

from __future__ import annotations

import time

import click

from penstock.cli import options
from penstock.cli.output import clear_progress, progress_line


@click.command()
@click.argument("run", required=False)
@click.option(
    "--wait",
    "seconds",
    default=60,
    show_default=True,
    type=click.IntRange(min=0),
    help="Seconds to wait for its end.",
)
@options.quiet_option
@options.place_options
def cancel(run: str | None, seconds: int, **given: object) -> None:
    """Stop a run (the latest by default) with its remote jobs, and wait until it has ended."""
    from penstock.service import inspect

    workspace = options.workspace(given)
    asked = inspect.cancel(workspace, run)
    until = time.monotonic() + seconds
    for record in inspect.wait_for_end(workspace, asked.id):
        if record.state.ended or record.state.resumable:
            clear_progress()
            click.echo(f"run {asked.number}: {record.state.value}")
            return
        if time.monotonic() > until:
            break
        progress_line().show(f"run {asked.number}: {record.state.value}, waiting for its end")
        time.sleep(0.3)
    clear_progress()
    click.echo(f"run {asked.number}: asked to stop, still {record.state.value}")
