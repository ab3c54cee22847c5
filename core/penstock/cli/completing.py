"""Names for the shell to complete: assets, from what is known on disk. Calls no tool, and says nothing when it cannot tell."""

from __future__ import annotations

from pathlib import Path

import click

_OPERATORS = "+@0123456789"


def asset_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Every asset whose shortest name goes on from what was typed; graph operators before it stay."""
    from penstock.errors import PenstockError
    from penstock.service.observe import look
    from penstock.service.workspace import open_workspace

    given = {**(ctx.find_root().params or {}), **{k: v for k, v in ctx.params.items() if v is not None}}
    begun, comma, last = incomplete.rpartition(",")
    name = last.lstrip(_OPERATORS)
    lead = begun + comma + last[: len(last) - len(name)]
    try:
        workspace = open_workspace(Path(given.get("directory") or "."), environment=given.get("environment"))
        rows = look(workspace, refresh=False, may_call=False).graph.rows
    except (PenstockError, OSError):
        return []
    return [lead + row.name for row in rows if row.name.startswith(name)]
