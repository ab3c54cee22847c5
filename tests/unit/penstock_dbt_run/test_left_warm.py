"""`warm: 10m`: a dbt process that waits for the next run is used where nothing differs, and is gone when nobody comes."""

from __future__ import annotations

import os
import signal
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from penstock.integration import Outcome
from penstock_dbt import warm
from penstock_dbt.config import DbtConfig
from penstock_dbt.diagnose import diagnose
from tests.tools.command import penstock
from tests.tools.parsed import as_parsed_before
from tests.unit.penstock_dbt_run.bench import Bench, Ran, alive, pid_of, pid_told_in
from tests.unit.penstock_dbt_run.shop import write_shop

pytestmark = pytest.mark.slow

RUNS = ".penstock/runs/*/*"
ITEMS = ("seed.shop.people", "model.shop.stg_people")


def notes(root: Path) -> list[warm.Note]:
    found = (warm.read_note(slot) for slot in (root / ".penstock/dbt/shop").glob("*/worker-*"))
    return [note for note in found if note is not None]


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    yield as_parsed_before(write_shop(tmp_path))
    for note in notes(tmp_path):
        os.kill(note.process.pid, signal.SIGKILL)


def run(root: Path, environ: dict[str, str], kept: str = "5m") -> Bench:
    """One run from its beginning to its end."""
    bench = Bench(root, environ, DbtConfig(project=".", warm=kept), first=len(list(root.glob(RUNS))))
    ran = bench.run(*ITEMS)
    assert ran.outcomes == dict.fromkeys(ITEMS, Outcome.SUCCESS), ran.logs()
    bench.close()
    return bench


def test_the_next_run_uses_it_and_sees_what_was_edited(root: Path, environ: dict[str, str]) -> None:
    run(root, environ)
    (first,) = notes(root)
    model = next((root / "models").rglob("stg_people.sql"))
    model.write_text(model.read_text().replace("select", "select 7 as added,", 1))
    run(root, environ)
    assert [note.process for note in notes(root)] == [first.process]
    compiled = next((root / ".penstock/dbt/shop").glob("*/compiled/model.shop.stg_people.json"))
    assert "7 as added" in compiled.read_text()


def test_another_variable_means_another_process(root: Path, environ: dict[str, str]) -> None:
    run(root, environ)
    (first,) = notes(root)
    run(root, {**environ, "SOMETHING_A_MODEL_MAY_READ": "1"})
    assert len({note.process.pid for note in notes(root)} - {first.process.pid}) == 1


def test_it_is_told_of_by_doctor_and_open_to_its_user_alone(root: Path, environ: dict[str, str]) -> None:
    bench = run(root, environ)
    (note,) = notes(root)
    assert stat.S_IMODE(Path(note.socket).stat().st_mode) == 0o600
    assert stat.S_IMODE(Path(note.socket).parent.stat().st_mode) == 0o700
    lines = [line.message for line in diagnose(bench.observe_context()) if line.subject == "dbt/shop process"]
    assert lines == [f"pid {note.process.pid}, warm, ends in 5 min when nothing uses it"]


def test_it_ends_when_nobody_comes(root: Path, environ: dict[str, str]) -> None:
    run(root, environ, kept="1s")
    deadline = time.monotonic() + 120
    while notes(root):
        assert time.monotonic() < deadline, "nobody comes, and it stays"
        time.sleep(0.05)
    run(root, environ, kept="1s")


@pytest.mark.long
def test_two_runs_at_once_do_not_share_one(root: Path, environ: dict[str, str]) -> None:
    run(root, environ)
    slot = next((root / ".penstock/dbt/shop").glob("*/worker-0"))
    held = warm.claim(slot)
    assert held is not None
    run(root, environ)
    held.release()
    assert len(notes(root)) == 2


@pytest.mark.long
def test_a_killed_one_is_replaced(root: Path, environ: dict[str, str]) -> None:
    run(root, environ)
    (note,) = notes(root)
    os.kill(note.process.pid, signal.SIGKILL)
    run(root, environ)
    (other,) = notes(root)
    assert other.process != note.process


def test_without_the_setting_nothing_is_left(root: Path, environ: dict[str, str]) -> None:
    bench = Bench(root, environ, DbtConfig(project="."))
    bench.run(*ITEMS)
    bench.close()
    assert notes(root) == []


def test_a_word_that_is_no_duration_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="write 90s, 10m or 2h"):
        msgspec.convert({"warm": "soon"}, DbtConfig)


def _pid_of_parse(root: Path) -> int:
    (events,) = (root / ".penstock/dbt/shop").glob("*/parse/events.jsonl")
    return pid_told_in(events)


def _parses(ran: Ran) -> int:
    return ran.logs("info").count("Performance info")


def test_the_process_that_read_the_project_for_the_plan_also_builds(
    root: Path, environ: dict[str, str]
) -> None:
    bench = Bench(root, environ, DbtConfig(project="."))
    bench.manifest()
    ran = bench.run(*ITEMS)
    assert pid_of(ran) == _pid_of_parse(root) and _parses(ran) == 0, "nothing is read or started twice"
    model = next((root / "models").rglob("stg_people.sql"))
    model.write_text(model.read_text().replace("select", "select 7 as added,", 1))
    ran = bench.run(*ITEMS)
    assert pid_of(ran) == _pid_of_parse(root) and _parses(ran) == 1, "an edit behind the plan's back is read"
    bench.close()
    assert notes(root) == [], "the run's end is its end"


def test_it_does_not_outlive_the_penstock_that_started_it(root: Path, environ: dict[str, str]) -> None:
    (root / ".git").mkdir()
    done = penstock(root, "assets", env={**environ, "PENSTOCK_CACHE_DIR": str(root / "cache")})
    assert done.code == 0, done
    (events,) = (root / ".penstock/dbt").glob("*/*/parse/events.jsonl")
    pid = pid_told_in(events)
    deadline = time.monotonic() + 120
    while alive(pid):
        assert time.monotonic() < deadline, "it goes on though nobody can use it"
        time.sleep(0.05)
