"""`penstock status`: what was made, when, with rows and checks."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING

import click

from penstock.cli import options
from penstock.cli.cost import money
from penstock.cli.output import ago, count, duration, hint, print_json, table
from penstock.cli.sections import SectionedCommand

if TYPE_CHECKING:
    from penstock.service.inspect import AssetState

_LEFT_OUT = frozenset(
    {"exposure", "metric", "operation", "analysis", "ephemeral", "stream", "semantic_model", "saved_query"}
)


@click.command(cls=SectionedCommand)
@options.select_options
@options.json_option
@options.refresh_option
@options.look_options
@options.place_options
def status(**given: object) -> None:
    """Show each asset's last materialization (made here or elsewhere), its checks and its age."""
    from penstock.service.choose import choose
    from penstock.service.inspect import status as read_status
    from penstock.service.observe import look

    workspace = options.workspace(given, options.seen_options(given))
    seen = look(workspace, refresh=bool(given["refresh"]), may_call=bool(given["refresh"]))
    include, exclude, selector = options.selection(given)
    asked = choose(workspace, seen, include, exclude, selector)
    chosen = asked.assets
    for warning in asked.warnings:
        hint(warning)
    keys = [key for key in seen.graph.order if chosen is None or key in chosen]
    found = read_status(workspace, seen, keys)
    if given["as_json"]:
        print_json(found)
        return
    shown = [state for state in found.assets if state.kind not in _LEFT_OUT]
    billed = any(state.money for state in shown)
    flagged = any(state.flags for state in shown)
    rows = [
        _row(state) + ((money(state.money),) if billed else ()) + ((state.flags,) if flagged else ())
        for state in shown
    ]
    headers = (*_HEADERS, *(("MONEY",) if billed else ()), *(("MADE WITH",) if flagged else ()))
    table(headers, rows, limits=(46, 0, 0, 0, 0, 0, 0, 40, 0, 40)[: len(headers)])
    for state in found.assets:
        if state.message:
            hint(f"{state.name}: {state.message.strip().splitlines()[0]}")
    for name, why in sorted(seen.stale.items()):
        hint(f"{name}: {why}")


# What was tried last, then what is there: after a failure they are of different runs.
_HEADERS = ("NAME", "LAST TRY", "WHEN", "TOOK", "RUN", "DATA FROM", "ROWS", "CHECKS")


def _row(state: AssetState) -> tuple[str, ...]:
    run = state.attempt_run
    if run is None:
        run = state.attempt_by or ""
    elif not run.isdecimal():
        run = "pruned"
    return (
        state.name,
        " ".join(filter(None, (state.last_attempt, _apart(state.attempt_flags, state.flags)))),
        _ago(state.attempted_at),
        duration(state.attempt_seconds),
        run,
        _ago(state.made_at) or "never",
        f"{state.rows:,}" if state.rows is not None else "",
        _checks(state),
    )


def _apart(flags: str, others: str) -> str:
    """Flags that are told beside those of what is there now: nothing where they are the same."""
    return f"({flags})" if flags and flags != others else ""


def _ago(at: str | None) -> str:
    return ago(time.time() - datetime.fromisoformat(at).timestamp()) if at else ""


def _checks(state: AssetState) -> str:
    if not state.checks:
        return ""
    bad = [check for check in state.checks if check.outcome not in ("success", "no_op", "reused")]
    if not bad:
        flags = sorted({_apart(check.flags, state.flags) for check in state.checks} - {""})
        return " ".join([f"{count(len(state.checks), 'check')} passed", *flags])
    return f"{len(bad)} of {len(state.checks)}: " + ", ".join(
        f"{check.outcome} {check.name}" for check in bad
    )
