"""`penstock store`: the run store checked, pruned, migrated."""

from __future__ import annotations

import re

import click

from penstock.cli import options
from penstock.cli.output import count
from penstock.errors import UsageError


@click.group()
def store() -> None:
    """Maintain the run store: check, prune, migrate."""


@store.command()
@options.place_options
def check(**given: object) -> None:
    """Compare the store with its own events. Exit code 1 when they disagree."""
    from penstock.service import maintenance

    found = maintenance.check(options.workspace(given))
    for finding in found:
        click.echo(f"{finding.subject}: {finding.message}" + (f" (run {finding.run})" if finding.run else ""))
    click.echo(f"{count(len(found), 'finding')}" if found else "run store OK: it agrees with its events")
    if found:
        raise click.exceptions.Exit(1)


@store.command()
@click.option(
    "--keep",
    default=100,
    show_default=True,
    type=click.IntRange(min=0),
    help="Keep the newest N runs.",
)
@click.option("--older-than", metavar="AGE", help="Only runs older than this: 30d, 12h.")
@options.place_options
def prune(keep: int, older_than: str | None, **given: object) -> None:
    """Delete old runs with their logs. Every asset keeps its newest materializations."""
    from penstock.service import maintenance

    age = _age(older_than) if older_than else None
    done = maintenance.prune(options.workspace(given), keep_runs=keep, older_than=age)
    click.echo(
        f"forgot {count(len(done.runs), 'run')}, {count(done.materializations, 'materialization')}, "
        f"{count(done.check_results, 'check result')}, {count(done.arrivals, 'event')} of others"
    )


@store.command()
@options.place_options
def migrate(**given: object) -> None:
    """Migrate the store to the schema of this version (every command that opens it does so too)."""
    from penstock.service import maintenance

    click.echo(f"up to date: {maintenance.migrate(options.workspace(given))}")


def _age(text: str) -> float:
    match = re.fullmatch(r"(\d+)([smhd])", text.strip())
    if match is None:
        raise UsageError(f"--older-than {text!r} is no age", hint="write 30d, 12h, 90m or 60s")
    return float(match[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[match[2]]
