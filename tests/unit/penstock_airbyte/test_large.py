"""Large things load, or fail in one clear line; a setting says how large, and how much memory they may take."""

from __future__ import annotations

from pathlib import Path

from penstock.integration import LogLine, Outcome
from penstock_airbyte.tail import TextTail
from tests.unit.penstock_airbyte.replays import Replay, of, record, state


def test_a_row_of_many_megabytes(tmp_path: Path) -> None:
    shop = Replay(tmp_path)
    shop.read(of('{"id":1,"name":"' + "x" * (34 << 20) + '"}'), record({"id": 2}), state(2))
    assert shop.bench.sync().outcome is Outcome.SUCCESS
    assert shop.rows("id, length(name)") == [(1, 34 << 20), (2, None)]


def test_a_line_longer_than_is_allowed_fails_at_the_state_before_it(tmp_path: Path) -> None:
    shop = Replay(tmp_path)
    shop.settings = {"max_record_mb": 1}
    shop.read(record({"id": 1}), state(1), "z" * (3 << 20), record({"id": 2}), state(2))
    result = shop.bench.sync()
    assert (result.outcome, result.message) == (
        Outcome.ERROR,
        "a line is longer than 1 MB; max_record_mb of the airbyte instance allows more",
    )
    assert shop.rows("id") == [(1,)]


def test_a_row_of_many_columns(tmp_path: Path) -> None:
    kinds = ["string", "integer", "number", "boolean"]
    fields = {"id": {"type": "integer"}} | {f"c{place}": {"type": kinds[place % 4]} for place in range(600)}
    values = ["x", 1, 1.5, True]
    shop = Replay(tmp_path, fields=fields)
    shop.read(record({"id": 1} | {f"c{place}": values[place % 4] for place in range(600)}))
    assert shop.bench.sync().outcome is Outcome.SUCCESS
    assert shop.rows("id, c0, c1, c2, c3, c599") == [(1, "x", 1, 1.5, True, True)]
    assert shop.changes() == {}


def test_too_little_memory_is_one_clear_line(tmp_path: Path) -> None:
    shop = Replay(tmp_path)
    shop.settings = {"memory_mb": 64}
    shop.read(of('{"id":1,"name":"' + "x" * (40 << 20) + '"}'), state(1))
    result = shop.bench.sync()
    assert result.outcome is Outcome.ERROR
    assert "memory" in result.message and "memory_mb" in result.message
    assert not (tmp_path / "shop.duckdb").exists()


def test_of_a_flood_of_log_lines_the_first_are_kept(tmp_path: Path) -> None:
    shop = Replay(tmp_path)
    shop.settings = {"max_log_mb": 1}
    shop.read("chatter of the connector\n" * 100_000, record({"id": 1}), state(1))
    result = shop.bench.sync()
    assert result.outcome is Outcome.SUCCESS
    told = [event for event in result.events if isinstance(event, LogLine)]
    assert 40_000 < sum("chatter" in event.message for event in told) < 50_000
    assert told[-1].message == "the connector's log is longer than 1 MB (max_log_mb); the rest is not kept"


def test_a_long_stderr_is_read_in_parts(tmp_path: Path) -> None:
    path = tmp_path / "stderr.log"
    path.write_text("z" * (3 << 20) + "\nlast words\n")
    tail, sizes = TextTail(path), []
    while True:
        lines = tail.take(tail.size(), ended=True)
        sizes += [len(line) for line in lines]
        if not tail.more:
            break
    assert sum(sizes) == (3 << 20) + 10
    assert max(sizes) <= 1 << 20
    assert tail.last == "last words"
    path.write_text("z" * (3 << 20) + "\nlast words\n")
    skipping = TextTail(path)
    assert sum(map(len, skipping.take(skipping.size(), ended=True, skip=True))) < 1 << 20
    assert skipping.last == "last words"
