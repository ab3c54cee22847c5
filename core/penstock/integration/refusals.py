"""What ends a load that would lose rows or write them twice: one sentence for all warehouses. Decides nothing itself."""

from __future__ import annotations

from penstock.assets import Relation
from penstock.errors import ToolError


def moved_on(loader: str) -> ToolError:
    """What ends a load that goes on from a state which is not the warehouse's any more: its rows could come a second time, and
    what another one has begun anew would be passed over."""
    return ToolError(
        f"{loader} has been loaded, cleared or given another state by somebody else since this sync began: nothing more was written",
        hint="the next attempt goes on from what is there now; let one store run this connection",
    )


def lost_key(relation: Relation, field: str, change: str) -> ToolError:
    """What ends a load whose rows are kept by key, where a row's key is not as its source has it."""
    return ToolError(
        f"{relation.identifier}: a row's key {field} cannot be kept as the source has it ({change.lower()}):"
        " it could be merged with another row",
        hint="sync the stream with incremental_append, or choose another primary_key",
    )


def changed_key(relation: Relation, column: str, before: str, now: str) -> ToolError:
    """What ends a load whose rows are kept by key, where the key of what is there would be compared with another spelling of it: a
    moment, a number or a document with text."""
    return ToolError(
        f"{relation.identifier}: the key {column} was {before} and is {now}: rows could not be told to be of one key, and would"
        " stay twice",
        hint="refresh the stream: it is read from its beginning, into a table with the new type",
    )
