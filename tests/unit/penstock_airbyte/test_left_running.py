"""What a connector has left running: it ends with it, and what it writes afterwards counts for nothing."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from penstock.integration import Outcome
from penstock_airbyte.checkpoints import Checkpoints
from penstock_airbyte.child import RAW
from penstock_airbyte.job import Job, increments_of, whole_of
from penstock_airbyte.tail import Tail
from tests.unit.penstock_airbyte.replays import Replay, record, state


@pytest.mark.parametrize("mode", ["incremental_append", "full_refresh_append"])
def test_it_ends_with_its_connector(mode: str, tmp_path: Path) -> None:
    """It went on after the sync, and rows that it wrote while they were staged were loaded beyond the state: they came again."""
    shop = Replay(tmp_path, mode)
    shop.read(record({"id": 1}), {"leave": 300}, state(1))
    assert shop.bench.sync(1).outcome is Outcome.SUCCESS
    (folder,) = shop.root.glob(".penstock/runs/*")
    with pytest.raises(ProcessLookupError):
        os.killpg(int((folder / "pid").read_text()), 0)
    job = msgspec.json.decode((folder / "job.json").read_bytes(), type=Job)
    (folder / RAW).write_text(record({"id": 2}) + state(2))
    tail = Tail(folder / RAW, job.names())
    while tail.advance():
        pass
    tail.finish(whole=True)
    end = (folder / RAW).stat().st_size
    with (folder / RAW).open("a") as late:
        late.write(record({"id": 3}))
    if mode.startswith("full"):
        (table,) = whole_of(job, tail, folder, "t", {}).tables
    else:
        (table,) = increments_of(job, tail, folder, Checkpoints(), "t", success=True).tables
    assert table.rows.until == end
