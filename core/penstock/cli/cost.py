"""`penstock cost`: what was spent, by asset, run, owner or tag."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from penstock.cli import options
from penstock.cli.output import duration, hint, print_json, size, table
from penstock.cli.sections import SectionedCommand

if TYPE_CHECKING:
    from penstock.service.cost import CostDocument, Spent


@click.command(cls=SectionedCommand)
@options.select_options
@click.option(
    "--by",
    type=click.Choice(["asset", "run", "owner", "tag"]),
    default="asset",
    show_default=True,
    help="What to add up by.",
)
@click.option("--since", default="7d", show_default=True, metavar="TIME", help="How far back: 12h, 30d.")
@click.option("--kept", is_flag=True, help="Do not query the warehouses; use the costs that are stored.")
@options.json_option
@options.look_options
@options.place_options
def cost(by: str, since: str, **given: object) -> None:
    """Show what was spent: time, and money where the warehouse reports it.

    The tables of a sync share its time. What no single asset used (tools that start) is a line of its own. A warehouse that
    bills is asked what queries used, when it was not asked in the last hour; none is woken up for it.
    """
    from penstock.errors import UsageError
    from penstock.service.choose import choose
    from penstock.service.cost import By, begin_of
    from penstock.service.cost import cost as read_cost
    from penstock.service.observe import look
    from penstock.system.durations import EXAMPLES, seconds_of

    seconds = seconds_of(since)
    if seconds is None:
        raise UsageError(f"invalid duration {since!r}", hint=f"write {EXAMPLES}")
    workspace = options.workspace(given, options.seen_options(given))
    seen = look(workspace)
    include, exclude, selector = options.selection(given)
    asked = choose(workspace, seen, include, exclude, selector)
    for warning in asked.warnings:
        hint(warning)
    begin = begin_of(seconds)
    found = read_cost(workspace, seen, asked.assets, By(by), begin, may_call=not given["kept"])
    if given["as_json"]:
        print_json(found)
        return
    _show(found)


def _show(found: CostDocument) -> None:
    for why in found.billing.silent:
        hint(f"not told: {why}")
    if not found.lines and not found.billing.unattributed:
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
    _say(found, bool(billed))
    if found.by == "tag":
        hint("an asset counts under each of its tags: the lines sum to more than the total")


def _say(found: CostDocument, billed: bool) -> None:
    """What the numbers are, and what they leave out."""
    bill = found.billing
    if bill.unattributed:
        amount = money(bill.unattributed)
        hint(f"unattributed: {amount}: idle time of warehouses, and queries of nobody that is known here")
    if bill.pending:
        hint(f"pending: {bill.pending} items, whose warehouse tells their money some hours after they ran")
    if billed and found.without_money - bill.pending > 0:
        hint(
            f"{found.without_money - bill.pending} items have no money: their warehouse bills none, or too little to tell"
        )
    if bill.list_price:
        hint("money is by list price, not by your contract")
    if bill.told_at:
        hint(f"as warehouses told at {bill.told_at}")


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
