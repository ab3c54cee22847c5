"""`penstock cost`: what was spent, by asset, run, owner or tag."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from penstock.cli import options
from penstock.cli.output import duration, hint, print_json, size, table
from penstock.cli.toolflags import ToolCommand

if TYPE_CHECKING:
    from penstock.service.cost import CostDocument, Spent


@click.command(cls=ToolCommand)
@options.select_options
@click.option(
    "--by",
    type=click.Choice(["asset", "run", "owner", "tag"]),
    default="asset",
    show_default=True,
    help="What a line is of.",
)
@click.option("--since", default="7d", show_default=True, metavar="TIME", help="How far back: 12h, 30d.")
@options.json_option
@options.look_options
@options.place_options
def cost(**given: Any) -> None:
    """Show what was spent: wall time, and money where the warehouse tells it.

    The tables of a sync share its time. What no single asset used (tools that start) is a line of its own.
    """
    from penstock.errors import UsageError
    from penstock.service.choose import choose
    from penstock.service.cost import By, begin_of
    from penstock.service.cost import cost as read_cost
    from penstock.service.observe import look
    from penstock.system.durations import EXAMPLES, seconds_of

    seconds = seconds_of(given["since"])
    if seconds is None:
        raise UsageError(f"invalid duration {given['since']!r}", hint=f"write {EXAMPLES}")
    workspace = options.workspace(given, options.seen_options(given))
    seen = look(workspace)
    include, exclude, selector = options.selection(given)
    asked = choose(workspace, seen, include, exclude, selector)
    for warning in asked.warnings:
        hint(warning)
    found = read_cost(workspace, seen, asked.assets, By(given["by"]), begin_of(seconds))
    if given["as_json"]:
        print_json(found)
        return
    _show(found)


def _show(found: CostDocument) -> None:
    if not found.lines:
        hint(f"nothing has run here since {found.since}")
        return
    lines = [*found.lines, *([found.rest] if found.rest.seconds >= 0.05 else []), found.total]
    told = [line for line in lines if line.warehouse_seconds is not None]
    counted = [line for line in lines if line.bytes is not None]
    billed = [line for line in lines if line.money]
    headers = [found.by.upper(), "RUNS", "TIME"]
    headers += ["IN WAREHOUSE"] * bool(told) + ["BYTES"] * bool(counted) + ["MONEY"] * bool(billed)
    rows = [_row(line, bool(told), bool(counted), bool(billed)) for line in lines]
    table(tuple(headers), rows, limits=(60, *[0] * (len(headers) - 1)))
    if billed and found.without_money:
        hint(f"{found.without_money} items have no money: their warehouse bills none, or has not told yet")
    if found.by == "tag":
        hint("an asset counts under each of its tags: the lines sum to more than the total")


def _row(line: Spent, told: bool, counted: bool, billed: bool) -> tuple[str, ...]:
    cells = [line.name, str(line.runs) if line.runs else "", duration(line.seconds)]
    if told:
        cells.append(duration(line.warehouse_seconds))
    if counted:
        cells.append(size(line.bytes) if line.bytes is not None else "")
    if billed:
        cells.append(money(line.money))
    return tuple(cells)


def money(amounts: dict[str, float]) -> str:
    """`1.25 USD, 0.4 credits`."""
    return ", ".join(f"{amount:,.4g} {currency}" for currency, amount in sorted(amounts.items()))
