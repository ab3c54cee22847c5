"""Following a file that grows: every line counted once, wherever the chunks end."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from penstock_airbyte.tail import Tail, TextTail


def record(stream: str, namespace: str | None = None, **layout: Any) -> str:
    body = {"namespace": namespace, "stream": stream} if namespace else {"stream": stream}
    return json.dumps(
        {"type": "RECORD", "record": {**body, "data": {"x": "RECORD"}, "emitted_at": 1}}, **layout
    )


def reordered(stream: str) -> str:
    return json.dumps(
        {"record": {"emitted_at": 1, "data": {"stream": "other"}, "stream": stream}, "type": "RECORD"}
    )


def state(stream: str, cursor: int) -> str:
    descriptor = {"stream_descriptor": {"name": stream}, "stream_state": {"cursor": cursor}}
    return json.dumps({"type": "STATE", "state": {"type": "STREAM", "stream": descriptor}})


def read_all(tail: Tail) -> None:
    while tail.advance():
        pass


def test_rows_of_every_layout_are_counted(tmp_path: Path) -> None:
    lines = [
        record("a"),
        record("a", separators=(",", ":")),
        record("a", "ns"),
        reordered("a"),
        record('quo"ted'),
        record("b"),
    ]
    path = tmp_path / "raw.jsonl"
    path.write_text("\n".join(lines) + "\n")
    tail = Tail(path)
    read_all(tail)
    assert dict(tail.rows) == {"a": 4, 'quo"ted': 1, "b": 1}


def test_a_state_marks_the_byte_after_its_line(tmp_path: Path) -> None:
    path = tmp_path / "raw.jsonl"
    before = record("a") + "\n" + state("a", 1) + "\n"
    path.write_text(before + record("a") + "\n")
    tail = Tail(path)
    read_all(tail)
    assert tail.stream_marks["a"].end == len(before)
    assert not tail.all_marked("a")
    assert tail.end == path.stat().st_size


def test_errors_logs_and_statuses(tmp_path: Path) -> None:
    def trace(kind: str, **content: Any) -> str:
        return json.dumps({"type": "TRACE", "trace": {"type": kind, "emitted_at": 1.5, **content}})

    status = {"stream_descriptor": {"name": "a"}, "status": "COMPLETE"}
    lines = [
        "some banner",
        json.dumps({"type": "LOG", "log": {"level": "WARN", "message": "slow"}}),
        trace("STREAM_STATUS", stream_status=status),
        trace("ERROR", error={"message": "first", "internal_message": "why"}),
        trace("ERROR", error={"message": "second"}),
        json.dumps({"type": "LOG", "log": "broken"}),
    ]
    path = tmp_path / "raw.jsonl"
    path.write_text("\n".join(lines) + "\n")
    tail = Tail(path)
    read_all(tail)
    assert tail.error is not None and tail.error.message == "first"
    assert tail.complete == {"a"}
    told = [(line.level, line.text) for line in tail.take_logs()]
    assert told[:5] == [
        ("info", "some banner"),
        ("warn", "slow"),
        ("error", "first"),
        ("debug", "why"),
        ("error", "second"),
    ]
    assert told[5][0] == "warn"
    assert tail.take_logs() == []


@settings(max_examples=50, deadline=None)
@given(
    lines=st.lists(st.sampled_from([record("a"), record("b", "n"), state("a", 1), "junk", ""]), max_size=30),
    cuts=st.lists(st.integers(0, 3000), max_size=8),
)
def test_the_chunks_do_not_matter(lines: list[str], cuts: list[int]) -> None:
    content = "".join(line + "\n" for line in lines).encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "raw.jsonl"
        path.write_bytes(b"")
        tail = Tail(path)
        written = 0
        for cut in [*sorted(cut for cut in cuts if cut < len(content)), len(content)]:
            with path.open("ab") as file:
                file.write(content[written:cut])
            written = cut
            read_all(tail)
    assert tail.rows.get("a", 0) == lines.count(record("a"))
    assert tail.rows.get("b", 0) == lines.count(record("b", "n"))
    assert tail.end == len(content)
    assert sum(line.text == "junk" for line in tail.take_logs()) == lines.count("junk")


def test_stderr_is_told_in_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "stderr.log"
    path.write_text("one\ntw")
    tail = TextTail(path)
    assert tail.take(tail.size(), ended=False) == ["one"]
    with path.open("a") as file:
        file.write("o\nlast")
    assert tail.take(tail.size(), ended=False) == ["two"]
    assert tail.take(tail.size(), ended=True) == ["last"]
    assert tail.last == "last"


def test_blocks_of_rows_are_counted_as_lines_are(tmp_path: Path) -> None:
    """Many streams by turns, long lines, a log here and there: more than one block, and more heads than are remembered."""
    lines = []
    for number in range(4000):
        lines.append(record(f"s{number // 500 % 7}") if number % 701 else "a banner")
    lines.insert(2500, json.dumps({"type": "RECORD", "record": {"stream": "big", "data": "x" * 200_000}}))
    path = tmp_path / "raw.jsonl"
    path.write_text("\n".join(lines) + "\n")
    tail = Tail(path)
    read_all(tail)
    assert sum(tail.rows.values()) == 4000 - 6 + 1
    assert tail.rows["s0"] == sum(line == record("s0") for line in lines)
    assert tail.rows["big"] == 1
    assert len(tail.take_logs()) == 6
    assert tail.end == path.stat().st_size


def test_stderr_that_came_later_waits(tmp_path: Path) -> None:
    """A secret may have been rotated before it: stdout is read first."""
    path = tmp_path / "stderr.log"
    path.write_text("one\n")
    tail = TextTail(path)
    seen = tail.size()
    with path.open("a") as file:
        file.write("RotatedRefresh4\n")
    assert tail.take(seen, ended=True) == ["one"]
    assert tail.take(0, ended=True) == []
    assert tail.take(tail.size(), ended=False) == ["RotatedRefresh4"]


def test_lines_longer_than_what_is_read_at_once_are_whole(tmp_path: Path) -> None:
    long = json.dumps(
        {"type": "RECORD", "record": {"stream": "a", "data": {"x": "y" * 150_000}, "emitted_at": 1}}
    )
    lines = [record("a"), long, state("a", 1), long, record("b")] * 16
    path = tmp_path / "raw.jsonl"
    path.write_text("\n".join(lines) + "\n")
    tail = Tail(path)
    assert tail.advance(), "some megabytes are read at a time, and there are more"
    read_all(tail)
    assert (dict(tail.rows), tail.end, tail.bad) == ({"a": 48, "b": 16}, path.stat().st_size, None)
    last = path.read_text().rindex(state("a", 1)) + len(state("a", 1)) + 1
    assert tail.stream_marks["a"].end == last
    short = Tail(path, longest=100_000)
    read_all(short)
    assert short.bad is not None
