"""What a connector has left running: it ends with it, and what it writes afterwards counts for nothing."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import msgspec
import pytest

from penstock.integration import Outcome
from penstock.system.boot import pid_space
from penstock_airbyte.checkpoints import Checkpoints
from penstock_airbyte.child import RAW, Child, kill_orphan
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


def test_a_group_that_got_its_number_later_is_left_alone(tmp_path: Path) -> None:
    """Once all of a connector has ended its pid is free: the group of a shell's pipeline, its first process gone, was killed."""
    shell = subprocess.Popen(["sh", "-c", "sleep 60 & exit 0"], process_group=0)  # a group in our session
    shell.wait()
    for name, text in (("launched", pid_space()), ("pid", str(shell.pid)), ("exit", "0")):
        (tmp_path / name).write_text(text)
    try:
        assert not Child(tmp_path).left()
        assert not kill_orphan(tmp_path, 0.1)
        os.killpg(shell.pid, 0)
    finally:
        os.killpg(shell.pid, signal.SIGKILL)
