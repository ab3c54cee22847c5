"""An attempt whose folder is gone, with its machine or by hand: whether it was committed, which only the warehouse knows."""

from __future__ import annotations

import time
from collections.abc import Mapping

from penstock.assets import Relation
from penstock.integration import (
    AttemptKey,
    Finished,
    ItemFinished,
    LoadedTable,
    Lost,
    Outcome,
    RunContext,
    Step,
    StepEvent,
)
from penstock_airbyte.config import AirbyteConfig
from penstock_airbyte.naming import rule_of, table_name
from penstock_airbyte.prepare import Preparation
from penstock_airbyte.streams import schemas_of
from penstock_airbyte.sync import Ended

_WORDS = "committed before its machine was lost, as the warehouse tells"


def looked_up(context: RunContext[AirbyteConfig], step: Step, attempt: AttemptKey) -> Ended | None:
    """How a lost attempt ended; None when nothing of it is in the warehouse. Blocking. Raises WarehouseBusy.

    Only a sync that was read to its end is recorded by its attempt (see `Sync`): what is found is all of it.
    """
    preparation = Preparation(context, step)
    tables = preparation.destination.committed(preparation.loader, str(attempt))
    if tables is None:
        return None
    loaded = {table.relation: table for table in tables}
    now = time.time()
    finished = Finished(
        at=now,
        outcome=Outcome.SUCCESS,
        message=_WORDS,
        rows=sum(table.rows_read for table in tables),
    )
    items = (_item(item.id, _table(preparation, item.id, loaded), now) for item in step.items)
    return Ended(events=(*items, finished))


def undone(step: Step) -> Ended:
    """The end of an attempt that died with its machine and is not in the warehouse: what was read of it is not trusted."""
    now, words = time.time(), "its machine was restarted before it was committed"
    items = (
        ItemFinished(at=now, item=item.id, outcome=Outcome.ERROR, message=words, lost=Lost.UNDONE)
        for item in step.items
    )
    return Ended(events=(*items, Finished(at=now, outcome=Outcome.ERROR, message=words, lost=Lost.UNDONE)))


def _item(item: str, table: LoadedTable | None, now: float) -> StepEvent:
    return ItemFinished(
        at=now,
        item=item,
        outcome=Outcome.SUCCESS,
        message=_WORDS,
        rows=table.rows_read if table else None,
        facts={"rows_total": table.rows_total} if table else {},
    )


def _table(preparation: Preparation, item: str, loaded: Mapping[Relation, LoadedTable]) -> LoadedTable | None:
    """The table of an item, by its name alone: the source's catalog is not asked for this."""
    config, address = preparation.config, preparation.destination.address
    rule, schemas = rule_of(address.dialect), schemas_of(config, address)
    label = item.removeprefix(f"{preparation.name}/").removesuffix("#table")
    # Where two streams share a name, the label has the namespace before it.
    namespace, _, bare = label.rpartition(".")
    for name in (label, label.partition(".")[2], bare):
        wanted = table_name(rule, config.prefix + name)
        found = [table for relation, table in loaded.items() if name and relation.identifier == wanted]
        if len(found) > 1:
            found = [table for table in found if table.relation.schema == schemas.of(namespace or None)]
        if len(found) == 1:
            return found[0]
    return None
