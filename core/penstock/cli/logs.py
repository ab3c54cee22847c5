"""`penstock logs`: what a run's steps wrote."""

from __future__ import annotations

import time
from typing import Any

import click

from penstock.cli import options
from penstock.cli.output import hint


@click.command()
@click.argument("run", required=False)
@click.argument("step", required=False)
@click.option("-f", "--follow", is_flag=True, help="Go on as the run goes on.")
@options.place_options
def logs(run: str | None, step: str | None, follow: bool, **given: Any) -> None:
    """Show the log of a run (the latest), or of one of its steps or assets."""
    from penstock.service import inspect

    workspace = options.workspace(given)
    printed: dict[str, int] = {}
    while True:
        ended = inspect.run_detail(workspace, run).run.state
        found = list(inspect.logs(workspace, run, step))
        for attempt, path in found:
            name = f"{attempt.step} attempt {attempt.attempt}"
            if not path.is_file():
                hint(f"{name}: its log is gone ({path})")
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
                hint("no step of this run has written a log")
            return
        time.sleep(0.5)
