"""Records as somebody is told of them who sees a part of the project: sentences that may name the rest are left out. Decides no right."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from penstock.plan import PlanItem
from penstock.service.follow import EdgeDocument
from penstock.service.inspect import AssetState
from penstock.store import ItemRecord, ItemState

_FOR_OTHERS = frozenset({ItemState.SUCCESS, ItemState.SKIPPED})


def planned_apart(item: PlanItem) -> PlanItem:
    """Its code says of which kind the reason is; the words may name what is above."""
    return msgspec.structs.replace(item, reason=item.code.replace("-", " "))


def item_apart(item: ItemRecord) -> ItemRecord:
    """As `planned_apart`. Of what failed in a step the message is its own; elsewhere it may say what above it is the reason."""
    own = item.step is not None and item.state not in _FOR_OTHERS and not item.cause
    message = item.message if own else None
    return msgspec.structs.replace(item, reason=item.code.replace("-", " "), cause=None, message=message)


def state_apart(state: AssetState, checks: Collection[str]) -> AssetState:
    """With these checks only: one that holds two tables against each other names both. Why it was skipped names what is above."""
    return msgspec.structs.replace(
        state,
        checks=tuple(one for one in state.checks if one.name in checks),
        message=None if state.last_attempt == "skipped" else state.message,
    )


def edge_apart(
    edge: EdgeDocument, shown: Collection[str] | None, data: Collection[str] | None
) -> EdgeDocument:
    """Of the tables that a column may come from, those that may be seen. An expression is SQL of the target: it needs the right to see
    data there."""
    expression = edge.expression if data is None or edge.target_asset in data else None
    candidates = tuple(name for name in edge.candidates if shown is None or name in shown)
    return msgspec.structs.replace(edge, expression=expression, candidates=candidates)
