"""Whatever records come, each item ends exactly once, and silence is never a success."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from penstock.integration import (
    Beside,
    Finished,
    ItemFinished,
    ItemKind,
    ItemProgress,
    ItemStarted,
    ItemUsage,
    LogLine,
    Outcome,
    StepEvent,
    StepItem,
)
from penstock_dbt.fold import Death, Fold
from penstock_dbt.jsonlog import JsonLog
from penstock_dbt.records import (
    Batch,
    Batches,
    Begin,
    End,
    Finish,
    HookEnd,
    Log,
    Nothing,
    Parsed,
    Record,
    Result,
    Start,
    read_record,
)
from penstock_dbt.statuses import STATUSES

MODEL, TEST, EXPOSURE, HOOK = "model.p.a", "test.p.t", "exposure.p.e", "operation.p.p-on-run-start-0"
IDS = (MODEL, TEST, EXPOSURE)


def items(*ids: str) -> tuple[StepItem, ...]:
    return tuple(StepItem(one, ItemKind.CHECK if one.startswith("test.") else ItemKind.ASSET) for one in ids)


def told(
    records: list[Record], *ids: str, end: End | None = None, cancelled_at: float | None = None
) -> list[StepEvent]:
    fold = Fold(items(*ids), lambda: cancelled_at)
    events = [event for record in records for event in fold.feed(record)]
    return events + fold.finish(end, at=99.0)


def last(events: list[StepEvent]) -> Finished:
    assert isinstance(events[-1], Finished)
    return events[-1]


def message(event: StepEvent) -> str:
    return "" if isinstance(event, ItemStarted | ItemUsage) else event.message or ""


def outcomes(events: list[StepEvent]) -> dict[str | None, Outcome | None]:
    return {event.item: event.outcome for event in events if isinstance(event, ItemFinished)}


OK = End(at=9.0, ok=True)
YEARS = (("2021", "2022"), ("2022", "2023"), ("2023", "2024"))


def left(*records: Record, end: End | None = OK) -> str | None:
    events = told([Start(at=1, id=MODEL), *records], MODEL, end=end)
    (ended,) = [event for event in events if isinstance(event, ItemFinished)]
    return ended.remaining


def batch(index: int, ok: bool) -> Batch:
    return Batch(at=2, id=MODEL, index=index, ok=ok, text=f"batch {index}")


def test_what_is_left_of_a_microbatch_model() -> None:
    planned = Batches(at=1, id=MODEL, ranges=YEARS, anew=True)
    partial = Finish(at=3, id=MODEL, status="partial success")
    failed = Finish(at=3, id=MODEL, status="error")
    assert left(planned, batch(1, True), batch(2, False), batch(3, True), partial) == (
        '{"failed":[["2022","2023"]]}'
    )
    assert left(planned, batch(1, True), end=None) == '{"failed":[["2022","2023"],["2023","2024"]]}', "killed"
    assert left(planned, batch(1, False), batch(2, False), batch(3, False), failed) == "", "all of it, anew"
    onto = Batches(at=1, id=MODEL, ranges=YEARS[1:])
    assert (
        left(onto, batch(1, False), batch(2, False), failed) == '{"failed":[["2022","2023"],["2023","2024"]]}'
    )
    assert (
        left(
            planned, batch(1, True), batch(2, True), batch(3, True), Finish(at=3, id=MODEL, status="success")
        )
        is None
    )
    assert left(failed) is None, "no model of batches"


def test_what_is_left_where_dbt_tells_no_ranges() -> None:
    partial = Finish(at=3, id=MODEL, status="partial success")
    assert left(batch(1, True), batch(2, False), partial) == '{"names":["batch 2"]}'
    assert left(partial) == '{"names":["some"]}'


_ids = st.sampled_from([*IDS, HOOK, "model.p.stranger"])
_status = st.sampled_from([*STATUSES, "splendid"])
_at = st.floats(0, 10)
_records = st.lists(
    st.one_of(
        st.builds(Begin, at=_at),
        st.builds(Parsed, at=_at),
        st.builds(Start, at=_at, id=_ids),
        st.builds(Finish, at=_at, id=_ids, status=_status, text=st.none() | st.text()),
        st.builds(Result, at=_at, id=_ids, status=_status, text=st.none() | st.text()),
        st.builds(HookEnd, at=_at, id=st.just(HOOK), status=_status),
        st.builds(Batches, at=_at, id=_ids, ranges=st.just((("2021", "2022"), ("2022", "2023")))),
        st.builds(Batch, at=_at, id=_ids, index=st.integers(1, 3), ok=st.booleans()),
        st.builds(Nothing, at=_at),
        st.builds(Log, at=_at, level=st.sampled_from(["info", "warn", "error"]), text=st.text()),
    ),
    max_size=20,
)
_ends = st.none() | st.builds(
    End, at=_at, ok=st.booleans(), text=st.none() | st.text(min_size=1), cancelled=st.booleans()
)


@given(_records, _ends, st.none() | _at)
def test_every_item_ends_once_and_the_step_last(
    records: list[Record], end: End | None, cancelled: float | None
) -> None:
    events = told(records, *IDS, end=end, cancelled_at=cancelled)
    ended = [event.item for event in events if isinstance(event, ItemFinished)]
    assert sorted(map(str, ended)) == sorted(IDS)
    assert all(event.outcome is not None for event in events if isinstance(event, ItemFinished))
    assert [type(event) for event in events].index(Finished) == len(events) - 1
    if not any(isinstance(record, Finish | Result) and record.id == MODEL for record in records):
        assert outcomes(events)[MODEL] not in (Outcome.SUCCESS, Outcome.WARN, Outcome.NO_OP)


def test_silence_is_a_failure_by_name_but_not_of_what_needs_no_building() -> None:
    events = told([Start(at=1, id=MODEL)], *IDS, end=OK)
    assert outcomes(events) == {MODEL: Outcome.ERROR, TEST: Outcome.ERROR, EXPOSURE: Outcome.NO_OP}
    assert any(message(event) == f"dbt reported nothing for {TEST}" for event in events)
    assert last(events).outcome is Outcome.ERROR


def test_a_process_that_died_says_how() -> None:
    fold = Fold(items(MODEL))
    events = fold.finish(
        None, at=1.0, died=Death("dbt ended without reporting: its process was killed by SIGKILL")
    )
    assert "SIGKILL" in message(events[0]) and last(events).retryable


def test_more_than_was_asked_for_is_an_error() -> None:
    done = [Finish(at=1, id=one, status="success") for one in (MODEL, "model.p.stranger")]
    events = told(list(done), MODEL, end=OK)
    assert outcomes(events) == {MODEL: Outcome.SUCCESS}
    assert last(events).outcome is Outcome.ERROR and "model.p.stranger" in message(events[-1])
    assert any(isinstance(event, LogLine) and event.level == "warn" for event in events)


def test_batches_are_progress_of_their_model() -> None:
    batch: list[Record] = [Start(at=2, id=MODEL), Finish(at=3, id=MODEL, status="success")]
    records: list[Record] = [
        Start(at=1, id=MODEL),
        *batch,
        *batch,
        Finish(at=4, id=MODEL, status="partial success"),
    ]
    events = told(records, MODEL, end=OK)
    assert [type(event) for event in events].count(ItemStarted) == 1
    assert [type(event) for event in events].count(ItemProgress) == 2
    assert outcomes(events) == {MODEL: Outcome.PARTIAL}


def test_a_hook_that_is_asked_for_is_an_item() -> None:
    events = told([HookEnd(at=1, id=HOOK, status="success")], HOOK, end=OK)
    assert outcomes(events) == {HOOK: Outcome.SUCCESS} and last(events).outcome is Outcome.SUCCESS


def test_hooks_that_failed_or_were_skipped_are_told_beside_the_items() -> None:
    first, second = "operation.p.p-on-run-end-0", "operation.p.p-on-run-end-1"
    records: list[Record] = [
        Finish(at=1, id=MODEL, status="error", text="no such column"),
        HookEnd(at=2, id=first, status="error"),
        HookEnd(at=3, id=second, status="skipped"),
        Result(at=4, id=first, status="error", kind="operation", text="no such table"),
        Result(at=4, id=second, status="skipped", kind="operation", text="p.on-run-end.1 skipped"),
    ]
    events = told(records, MODEL, end=End(at=5, ok=False))
    assert last(events).beside == (
        Beside("hook", "p-on-run-end-0", Outcome.ERROR, "no such table"),
        Beside("hook", "p-on-run-end-1", Outcome.SKIPPED),
    )
    levels = [(event.level, event.message) for event in events if isinstance(event, LogLine)]
    assert ("warn", f"{second}: skipped") in levels, "what was skipped is no error"


def test_an_error_after_we_asked_it_to_stop_is_a_cancel() -> None:
    finish = Finish(at=5, id=MODEL, status="error", text="INTERRUPT Error")
    stopped = End(at=6, ok=False, cancelled=True)
    assert outcomes(told([finish], MODEL, end=stopped, cancelled_at=4.0)) == {MODEL: Outcome.CANCELLED}
    assert outcomes(told([finish], MODEL, end=stopped, cancelled_at=5.5)) == {MODEL: Outcome.ERROR}


def test_lines_that_are_no_records_are_no_events() -> None:
    for line in (
        b"",
        b"nanobind: leaked 3 instances!",
        b'{"e": "finish"}',
        b'{"e": "dance", "at": 1}',
        b"\xff\xfe{",
        b"[]",
    ):
        assert read_record(line) is None


def test_dbt_s_json_log_tells_the_same_story(tmp_path: object) -> None:
    from pathlib import Path

    reader = JsonLog(Path(str(tmp_path)))
    lines = [
        b"nanobind: leaked 3 instances!",
        b'{"info": {"name": "NodeFinished"',
        b'{"data": {"node_info": {"unique_id": "model.p.a", "materialized": "table"}}, "info": {"name": "NodeStart", '
        b'"level": "debug", "msg": "", "ts": "2026-01-01T00:00:00.5Z"}}',
        b'{"data": {"node_info": {"unique_id": "model.p.a", "materialized": "table"}, "run_result": {"status": "success", '
        b'"adapter_response": {"rows_affected": "7"}, "timing_info": [{"name": "compile"}]}}, '
        b'"info": {"name": "NodeFinished", "level": "debug", "ts": "2026-01-01T00:00:01Z"}}',
        b'{"data": {"exc": "it broke"}, "info": {"name": "MainEncounteredError", "level": "error", "ts": ""}}',
        b'{"data": {"success": false}, "info": {"name": "CommandCompleted", "level": "debug", "ts": ""}}',
    ]
    records = [record for line in lines for record in reader.read(line)]
    assert [type(record) for record in records] == [Start, Finish, End]
    assert isinstance(records[1], Finish) and records[1].rows == 7 and records[1].at == 1767225601.0
    assert isinstance(records[2], End) and records[2].text == "it broke"


def test_what_fail_fast_held_back_in_silence_is_skipped() -> None:
    items = [StepItem("model.p.a", ItemKind.ASSET), StepItem("unit_test.p.b.u", ItemKind.CHECK)]
    for fail_fast, ended in ((True, Outcome.SKIPPED), (False, Outcome.ERROR)):
        fold = Fold(items, fail_fast=fail_fast)
        fold.feed(Finish(at=1.0, id="model.p.a", status="error", kind="model"))
        told = fold.finish(End(at=2.0, ok=False), at=2.0)
        assert outcomes(told)["unit_test.p.b.u"] is ended
