"""`penstock alerts`: the channels tried, and one look for incidents."""

from __future__ import annotations

import click

from penstock.cli import options
from penstock.cli.output import count


@click.group()
def alerts() -> None:
    """Test the channels of penstock.yml, or look for incidents once: test, check."""


@alerts.command()
@click.argument("channels", nargs=-1)
@options.place_options
def test(channels: tuple[str, ...], **given: object) -> None:
    """Send a test message to CHANNELS, or to all. Exit code 1 when one does not take it."""
    from penstock.service import alerting

    results = alerting.test(options.workspace(given), channels)
    for name, trouble in results.items():
        click.echo(f"{name}: {trouble or 'sent'}")
    if any(results.values()):
        raise click.exceptions.Exit(1)


@alerts.command()
@options.place_options
def check(**given: object) -> None:
    """Look for incidents once, and send what is due. `penstock up` does so by itself."""
    from penstock.cli.scheduled import read_command
    from penstock.service import alerting

    changed, sent = alerting.check_once(options.workspace(given), read_command)
    for one in changed:
        word = "recovered" if one.closed_at is not None else "quiet" if one.quiet else "incident"
        click.echo(f"{word}  {one.kind}: {one.told.title}")
    click.echo(f"{count(sent, 'message')} sent")
