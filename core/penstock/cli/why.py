"""`penstock why`: the decision about an asset, its first cause, and what would have made it the other one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click
import msgspec

from penstock.cli import options
from penstock.cli.output import hint, print_json, say, table
from penstock.cli.plan import decision_word
from penstock.cli.sections import SectionedCommand
from penstock.cli.times import clock, local

if TYPE_CHECKING:
    from penstock.service.standing import AutomationView
    from penstock.service.why import Link


@click.command(cls=SectionedCommand)
@click.argument("asset", required=False)
@click.option("--run", metavar="RUN", help="The decision of that run (a number, or latest).")
@click.option("--not-built", is_flag=True, help="List every asset that is not built, with the reason.")
@click.option(
    "--at", metavar="TIME", help="How automation saw it then: 2026-03-01T07:00, 'yesterday 07:00', 3h (ago)."
)
@options.json_option
@options.look_options
@options.place_options
def why(asset: str | None, run: str | None, not_built: bool, at: str | None, **given: object) -> None:
    """Explain why an asset is built or not, or a test run: now, in an earlier run, or by automation at a given time."""
    from penstock.cli.scheduled import read_command
    from penstock.errors import UsageError
    from penstock.service import why as reasons
    from penstock.service.standing import standing, standing_then

    if not_built == bool(asset):
        raise UsageError("name one asset, or write --not-built", hint="penstock why orders")
    workspace = options.workspace(given, options.seen_options(given))
    if at is not None:
        if run is not None or not_built:
            raise UsageError(
                "--at goes with an asset alone", hint="penstock why orders --at 'yesterday 07:00'"
            )
        _print_standing(standing_then(workspace, str(asset), moment(at)), as_json=bool(given["as_json"]))
        return
    if not_built:
        _print_not_built(reasons.not_built(workspace, run), as_json=bool(given["as_json"]))
        return
    found = reasons.why(workspace, str(asset), run)
    is_asset = run is None and found.kind == "asset"
    by_itself = standing(workspace, read_command, str(asset)) if is_asset else None
    if given["as_json"]:
        print_json({**msgspec.to_builtins(found), "automation": by_itself})
        return
    when = f" (run {found.run})" if found.run else ""
    say(f"{found.name}: {decision_word(found.decision, found.code)}{when}: {local(found.reason)}")
    if found.outcome:
        say(f"  it came out as {found.outcome}")
    for link in found.because:
        say(f"  because of {link.name}: {decision_word(link.decision, link.code)}: {local(link.reason)}")
    for name, value in found.facts.items():
        say(f"  compared  {name}: {value}")
    if found.otherwise:
        hint(f"it would be {found.otherwise}")
    if by_itself is not None:
        _print_standing(by_itself, as_json=False)


def _print_standing(found: AutomationView, *, as_json: bool) -> None:
    if as_json:
        print_json({"format": 1, "automation": found})
        return
    say(f"by itself: {local(found.reason)}" + (f" [{found.line}]" if found.line else ""))
    if found.since is not None:
        say(f"  since     {clock(found.since)}")
    if found.next_at is not None:
        say(f"  next      {clock(found.next_at)}")
    if found.otherwise:
        say(f"  changes   {found.otherwise}")


def moment(text: str) -> float:
    """Epoch seconds of a time in this machine's zone, or of a length of time ago."""
    from penstock.errors import UsageError
    from penstock.system.durations import seconds_of

    ago = seconds_of(text)
    if ago is not None:
        return time.time() - ago
    words = text.strip().lower()
    today = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    for name, day in (("yesterday", today - timedelta(days=1)), ("today", today)):
        if words.startswith(name):
            words = f"{day:%Y-%m-%d} {words.removeprefix(name).strip() or '00:00'}"
    try:
        return datetime.fromisoformat(words.upper().replace("UTC", "+00:00")).astimezone().timestamp()
    except ValueError:
        hint_ = "write 2026-03-01T07:00, 'yesterday 07:00' or 3h"
        raise UsageError(f"--at {text!r} is no time", hint=hint_) from None


def _print_not_built(found: Sequence[Link], *, as_json: bool) -> None:
    if as_json:
        print_json({"format": 1, "items": found})
        return
    rows = [(link.decision, link.name, local(link.reason)) for link in found]
    table(("DECISION", "NAME", "WHY"), rows, limits=(0, 46, 90))
