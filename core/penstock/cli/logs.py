"""`penstock logs`: what a run's steps wrote."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from penstock.cli import options
from penstock.cli.output import hint

if TYPE_CHECKING:
    from pathlib import Path

    from penstock.store import AttemptRecord


@click.command()
@click.argument("run", required=False)
@click.argument("step", required=False)
@click.option("-f", "--follow", is_flag=True, help="Follow the log until the run ends.")
@options.place_options
def logs(run: str | None, step: str | None, follow: bool, **given: object) -> None:
    """Show the log of a run (the latest by default), or of one of its steps or assets."""
    from penstock.service import inspect

    workspace = options.workspace(given)
    printed: dict[str, int] = {}
    while True:
        ended = inspect.run_detail(workspace, run).run.state
        found = list(inspect.logs(workspace, run, step))
        for attempt, path in found:
            name = f"{attempt.step} attempt {attempt.attempt}"
            if not path.is_file():
                if attempt.state.ended and name not in printed:
                    printed[name] = 0
                    _say_unlogged(name, attempt, path)
                continue
            with path.open(encoding="utf-8", errors="replace") as stream:
                if name not in printed:
                    click.echo(click.style(f"== {name}: {attempt.state.value}", bold=True))
                stream.seek(printed.get(name, 0))
                text = stream.read()
                printed[name] = stream.tell()
                click.echo(text, nl=False)
        if not follow or ended.ended or ended.resumable:
            if not found:
                hint("no step of this run has begun")
            return
        time.sleep(0.5)


def _say_unlogged(name: str, attempt: AttemptRecord, path: Path) -> None:
    """A step that was stopped before it said anything, or that says nothing, has no log file."""
    click.echo(click.style(f"== {name}: {attempt.state.value}", bold=True))
    if attempt.message:
        click.echo(attempt.message)
    hint(
        "it wrote nothing"
        if path.parent.is_dir()
        else f"its log is not on this machine, or was removed ({path})"
    )
