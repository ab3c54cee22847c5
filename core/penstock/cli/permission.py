"""The question before a run starts work elsewhere that may cost money. Asked on a terminal only; decides nothing itself."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from penstock.cli.given import Given
from penstock.cli.output import clear_progress, hint

if TYPE_CHECKING:
    from penstock.graph import AssetGraph
    from penstock.plan import Plan


def permitted(graph: AssetGraph, plan: Plan, given: Given) -> bool:
    """Whether the plan may run as it stands: nothing in it asks first, or somebody has said yes."""
    from penstock.service.permission import Permit, asking, said

    found = asking(graph, plan)
    if not found or said(given.get("start"))[0] is not Permit.ASKED:
        return True
    if given.get("as_json") or not (sys.stdin.isatty() and sys.stderr.isatty()):
        hint(
            f"not started, because nobody can be asked here: {', '.join(found[:8])} (--start always starts them)",
            important=True,
        )
        return False
    clear_progress()
    for one in found:
        click.echo(f"  {one}", err=True)
    return click.confirm(f"Start {'this' if len(found) == 1 else f'these {len(found)}'}?", err=True)
