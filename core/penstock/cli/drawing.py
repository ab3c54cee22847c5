"""A trail drawn in the form that was asked for: Mermaid, DOT, or a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from penstock.cli.given import Given
from penstock.cli.output import hint

if TYPE_CHECKING:
    from penstock.service.drawing import Picture
    from penstock.service.follow import Trail


def draw(trail: Trail, given: Given, page: Picture | None = None) -> None:
    """Print or write a trail in the form that was asked for; `page` is what the page shows, where that is more."""
    from pathlib import Path

    from penstock.service.drawing import dot, mermaid

    if given["as_mermaid"]:
        click.echo(mermaid(trail))
    if given["as_dot"]:
        click.echo(dot(trail))
    if given["html_file"]:
        from penstock.service.page import html

        Path(given["html_file"]).write_text(html(trail, page), encoding="utf-8")
        hint(f"wrote {given['html_file']}")
