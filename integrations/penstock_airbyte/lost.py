"""An attempt whose folder is gone, with its machine or by hand: whether it was committed, which only the warehouse knows."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from penstock.assets import Relation
from penstock.errors import PenstockError
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
from penstock_airbyte.checkpoints import read_checkpoints
from penstock_airbyte.config import AirbyteConfig
from penstock_airbyte.ended import Ended, read_ended
from penstock_airbyte.naming import rule_of, table_name
from penstock_airbyte.prepare import Preparation
from penstock_airbyte.streams import schemas_of

_WORDS = "committed before its machine was lost, as the warehouse tells"
_ITSELF = "committed, as the warehouse tells: what went wrong behind it stands in the log"
_BEFORE = "committed by the attempt before this one, as the warehouse tells"


def looked_up(context: RunContext[AirbyteConfig], step: Step, attempt: AttemptKey) -> Ended | None:
    """How a lost attempt ended; None when nothing of it is in the warehouse. Blocking. Raises WarehouseBusy.

    Only a sync that was read to its end is recorded by its attempt (see `Sync`): what is found is all of it.
    """
    return _found(Preparation(context, step), step, str(attempt), _WORDS)


def committed_itself(
    context: RunContext[AirbyteConfig], step: Step, attempt: str, folder: Path
) -> Ended | None:
    """How an attempt ended that broke while, or after, it was committed: that a warehouse did not answer, or that nothing could be
    written down, is no reason to load all of it again. None where nothing is known of it. Blocking."""
    try:
        if attempt not in _last_tokens(folder):
            return None
        return _found(Preparation(context, step), step, attempt, _ITSELF)
    except (PenstockError, OSError):
        return None  # what broke it is told


def unanswered(preparation: Preparation, attempt: str) -> str | None:
    """The last load of an earlier attempt of this step, where that one could not find out whether it was committed."""
    if not preparation.pointer.exists():
        return None
    earlier, home = Path(preparation.pointer.read_text()), attempt.rpartition("/")[0]
    ended = read_ended(earlier)
    if ended is not None and any(_succeeded(event) for event in ended.events):
        return None  # that is known
    whole = (
        token
        for token in _last_tokens(earlier)
        if token != attempt and token.rpartition("/")[0] == home and " " not in token.rpartition("/")[2]
    )
    return next(whole, None)


def committed_before(preparation: Preparation, step: Step, token: str) -> Ended | None:
    """How that load ended, if it was committed. Blocking; the caller holds the warehouse. Raises WarehouseBusy, ToolError."""
    return _found(preparation, step, token, _BEFORE)


def _succeeded(event: StepEvent) -> bool:
    return isinstance(event, Finished) and event.outcome is Outcome.SUCCESS


def _last_tokens(folder: Path) -> list[str]:
    """Of the loads that an attempt has begun, the last ones."""
    done = read_checkpoints(folder)
    return [token for token in (done.token, done.pending and done.pending.token) if token]


def _found(preparation: Preparation, step: Step, token: str, words: str) -> Ended | None:
    tables = preparation.destination.committed(preparation.loader, token)
    if tables is None:
        return None
    loaded = {table.relation: table for table in tables}
    now = time.time()
    finished = Finished(
        at=now,
        outcome=Outcome.SUCCESS,
        message=words,
        rows=sum(table.rows_read for table in tables),
    )
    items = (_item(item.id, _table(preparation, item.id, loaded), now, words) for item in step.items)
    return Ended(events=(*items, finished))


def undone(step: Step) -> Ended:
    """The end of an attempt that died with its machine and is not in the warehouse: what was read of it is not trusted."""
    now, words = time.time(), "its machine was restarted before it was committed"
    items = (
        ItemFinished(at=now, item=item.id, outcome=Outcome.ERROR, message=words, lost=Lost.UNDONE)
        for item in step.items
    )
    return Ended(events=(*items, Finished(at=now, outcome=Outcome.ERROR, message=words, lost=Lost.UNDONE)))


def _item(item: str, table: LoadedTable | None, now: float, words: str) -> StepEvent:
    return ItemFinished(
        at=now,
        item=item,
        outcome=Outcome.SUCCESS,
        message=words,
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
