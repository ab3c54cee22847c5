"""What dbt reported, held against what was asked of it, as the events of a step. Pure: records in, events out.

Whatever dbt does, each item ends exactly once, and an item that dbt was silent about is a failure by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import msgspec

from penstock.integration import (
    Beside,
    Fact,
    Finished,
    ItemFinished,
    ItemProgress,
    ItemStarted,
    LogLine,
    Lost,
    Outcome,
    Phase,
    StepEvent,
    StepItem,
)
from penstock_dbt.batches import BatchLedger
from penstock_dbt.messages import clean, one_line, users_own
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
)
from penstock_dbt.statuses import SILENT_KINDS, kind_of, known, outcome_of

# dbt's warnings and errors that only repeat how a node ended, or sum up what was said: no warnings and errors of their own.
_REPEATS = re.compile(
    r"Log|RunResult|EndOfRun|Stats|Main|Skipping|CheckNode|FirstRun|AfterFirst|SQLCompiled|Catchable|Internal|Generic|NodeConn"
    r"|NoNodesFor|NothingTo|DeprecationsSummary"
)


# What is made anew, so that the rows which dbt reports are all that there are. An incremental model reports those it added.
_MADE_WHOLE = frozenset({"seed", "table"})


class Death(msgspec.Struct, frozen=True):
    """How a process ended that did not say so itself. `hopeless`: it would again."""

    words: str = "dbt ended without reporting"
    hopeless: bool = False


class Fold:
    """Feed it a step's records in order, then `finish`. `items` are the exact nodes of the step; `cancelled_at` tells when penstock
    itself asked dbt to stop, if it did. `all_written`: false when the machine was restarted since, so that the last records may
    be missing."""

    def __init__(
        self,
        items: Iterable[StepItem],
        cancelled_at: Callable[[], float | None] = lambda: None,
        *,
        fail_fast: bool = False,
        all_written: bool = True,
    ) -> None:
        self._fail_fast = fail_fast
        self._all_written = all_written
        self._cancelled_at = cancelled_at
        self.items = {item.id: item.kind for item in items}
        self._open: dict[str, int] = {}
        self._ended: dict[str, Outcome] = {}
        self._extra: set[str] = set()
        self._failed_hook: str | None = None
        self._beside: dict[str, Beside] = {}
        self._nothing = False
        self._reading = False
        self._batches = BatchLedger()

    def feed(self, record: Record) -> list[StepEvent]:
        match record:
            case Start():
                return self._start(record)
            case Finish():
                return self._finish(record)
            case Result():
                return self._result(record)
            case HookEnd():
                return self._hook(record)
            case Log():
                level = "info" if _REPEATS.match(record.name) else record.level
                return [LogLine(at=record.at, level=level, message=clean(record.text))]
            case Begin():
                self._reading = True
                return [_phase(record.at, "reading the project")]
            case Parsed():
                self._reading = False
                return [_phase(record.at, "building")]
            case Batches():
                self._batches.planned(record)
            case Batch():
                self._batches.ended(record)
            case Nothing():
                self._nothing = True
        return []

    def _start(self, record: Start) -> list[StepEvent]:
        if kind_of(record.id) == "operation" and record.id not in self.items:
            return [_phase(record.at, f"hook {record.id.rpartition('.')[2]}")]
        open_now = self._open.get(record.id, 0)
        self._open[record.id] = open_now + 1
        if open_now or record.id not in self.items:
            return []
        return [ItemStarted(at=record.at, item=record.id)]

    def _finish(self, record: Finish) -> list[StepEvent]:
        # A microbatch model's batches start and finish under the model's own id, inside its start and finish.
        still_open = self._open.get(record.id, 1) - 1
        self._open[record.id] = still_open
        if still_open > 0:
            return self._batch(record)
        if record.id in self._ended:
            return []
        if record.id not in self.items:
            return self._unplanned(record.id, record.at)
        outcome, message = self._judged(record)
        self._ended[record.id] = outcome
        whole = record.materialized in _MADE_WHOLE
        return [
            ItemFinished(
                at=record.at,
                item=record.id,
                outcome=outcome,
                message=message,
                seconds=record.seconds,
                rows=record.rows if whole else None,
                remaining=self._remaining(record.id, outcome),
                failures=record.failures,
                facts=_facts(record, rows_affected=None if whole else record.rows),
            )
        ]

    def _judged(self, record: Finish) -> tuple[Outcome, str | None]:
        outcome = outcome_of(record.status, record.materialized)
        if outcome is Outcome.ERROR and self._after_cancel(record.at):
            return Outcome.CANCELLED, "cancelled"  # dbt reports a query that it interrupts as an error
        if outcome is Outcome.SKIPPED and not record.cause and not record.text and self._failed_hook:
            return Outcome.ERROR, self._failed_hook
        return outcome, _message(outcome, record)

    def _remaining(self, unique_id: str, outcome: Outcome) -> str | None:
        if outcome.good or outcome is Outcome.SKIPPED:
            return None
        return self._batches.remaining(unique_id, partly=outcome is Outcome.PARTIAL)

    def _batch(self, record: Finish) -> list[StepEvent]:
        if record.id not in self.items:
            return []
        return [ItemProgress(at=record.at, item=record.id, message=f"batch: {record.status}")]

    def _after_cancel(self, at: float) -> bool:
        asked = self._cancelled_at()
        return asked is not None and at >= asked

    def _unplanned(self, unique_id: str, at: float) -> list[StepEvent]:
        if unique_id in self._extra or kind_of(unique_id) == "operation":
            return []
        self._extra.add(unique_id)
        text = f"dbt also ran {unique_id}, which was not asked for"
        return [LogLine(at=at, level="warn", item=unique_id, message=text)]

    def _result(self, record: Result) -> list[StepEvent]:
        """dbt lists it without having fired an event: --fail-fast's remainder, what a failed hook took along, hooks' own texts."""
        if kind_of(record.id) == "operation":
            return self._hook_result(record)
        if record.id in self._ended or record.id not in self.items:
            return []
        self._open.pop(record.id, None)
        return self._finish(
            Finish(
                at=record.at,
                id=record.id,
                status=record.status,
                kind=record.kind,
                text=record.text,
                seconds=record.seconds,
            )
        )

    def _hook(self, record: HookEnd) -> list[StepEvent]:
        outcome = outcome_of(record.status)
        if not outcome.good and outcome is not Outcome.SKIPPED:
            self._failed_hook = f"the hook {record.id} failed"
        facts: dict[str, Fact] = {"hook": record.id, "outcome": outcome.value}
        if record.id in self.items:
            self._ended[record.id] = outcome
            return [
                ItemFinished(
                    at=record.at,
                    item=record.id,
                    outcome=outcome,
                    seconds=record.seconds,
                    facts=facts,
                )
            ]
        self._not_well(record.id, outcome)
        level = "info" if outcome.good else "warn" if outcome is Outcome.SKIPPED else "error"
        text = f"{record.id}: {record.status}"
        told = LogLine(at=record.at, item=record.id, level=level, message=text, facts=facts)
        return [told, _phase(record.at, "building")] if "-on-run-start-" in record.id else [told]

    def _not_well(self, unique_id: str, outcome: Outcome, text: str | None = None) -> None:
        if unique_id not in self.items and not outcome.good:
            name = unique_id.rpartition(".")[2]
            words = (
                clean(text) if text and outcome is not Outcome.SKIPPED else None
            )  # "p.on-run-end.1 skipped"
            self._beside[unique_id] = Beside("hook", name, outcome, words)

    def _hook_result(self, record: Result) -> list[StepEvent]:
        self._not_well(record.id, outcome_of(record.status), record.text)
        if outcome_of(record.status) is not Outcome.ERROR:
            return []
        self._failed_hook = f"the hook {record.id} failed: {one_line(record.text or record.status)}"
        return [
            LogLine(
                at=record.at,
                item=record.id,
                level="error",
                message=clean(record.text or ""),
            )
        ]

    def finish(self, end: End | None, *, at: float, died: Death | None = None) -> list[StepEvent]:
        """The last events: what was not reported, then FINISHED. `end` None: the process `died`."""
        cancelled = self._cancelled_at() is not None and (end is None or end.cancelled or not end.ok)
        died = died or Death()
        why = self._why_silent(end, died)
        events = []
        for unique_id in self.items:
            if unique_id not in self._ended:
                events.append(self._silent(unique_id, cancelled, end, why, at))
        hopeless = self._hopeless(end, died)
        lost = Lost.UNKNOWN if end is None and not hopeless else None
        return [*events, self._finished(cancelled, why, not hopeless, at, lost)]

    def _why_silent(self, end: End | None, died: Death) -> str | None:
        if end is None:
            return died.words
        if end.text:
            return clean(end.text)
        if self._failed_hook:
            return self._failed_hook
        return None

    def _silent(
        self, unique_id: str, cancelled: bool, end: End | None, why: str | None, at: float
    ) -> StepEvent:
        outcome, message = Outcome.ERROR, why or f"dbt reported nothing for {unique_id}"
        if cancelled:
            outcome, message = Outcome.CANCELLED, "cancelled"
        elif why is None and self._fail_fast and (failed := self._first_failed()) is not None:
            # dbt lists what it held back, but for unit tests, of which it says nothing at all.
            outcome, message = Outcome.SKIPPED, f"held back by --fail-fast, after {failed} failed"
        elif why is None and kind_of(unique_id) in SILENT_KINDS:
            outcome, message = Outcome.NO_OP, "nothing to build"
        elif why is None and self._nothing:
            message = f"dbt found nothing to do, and reported nothing for {unique_id}"
        self._ended[unique_id] = outcome
        return ItemFinished(
            at=at,
            item=unique_id,
            outcome=outcome,
            message=message,
            remaining=self._remaining(unique_id, outcome),
            lost=self._lost(unique_id) if end is None else None,
        )

    def _lost(self, unique_id: str) -> Lost:
        """dbt says of a node that it starts before it does anything for it."""
        begun = unique_id in self._open or not self._all_written
        return Lost.UNKNOWN if begun else Lost.UNDONE

    def _first_failed(self) -> str | None:
        bad = (Outcome.ERROR, Outcome.FAIL, Outcome.PARTIAL)
        return next((one for one, outcome in self._ended.items() if outcome in bad), None)

    def _hopeless(self, end: End | None, died: Death) -> bool:
        """What is wrong in the project stays wrong; a process that was killed, or a warehouse that was away, may do better."""
        if end is None:
            return died.hopeless
        return bool(end.text) and (self._reading or users_own(end.name, end.text or ""))

    def _finished(
        self, cancelled: bool, why: str | None, retryable: bool, at: float, lost: Lost | None
    ) -> StepEvent:
        outcome, message = self._verdict(cancelled, why)
        beside = tuple(self._beside.values())
        return Finished(
            at=at, outcome=outcome, message=message, retryable=retryable, lost=lost, beside=beside
        )

    def _verdict(self, cancelled: bool, why: str | None) -> tuple[Outcome, str | None]:
        ended = self._ended.values()
        if cancelled:
            return Outcome.CANCELLED, "cancelled"
        if why is not None:
            return Outcome.ERROR, why
        if self._extra:
            return Outcome.ERROR, "dbt also ran what was not asked for: " + ", ".join(sorted(self._extra))
        errors = sum(1 for outcome in ended if outcome in (Outcome.ERROR, Outcome.PARTIAL))
        fails = sum(1 for outcome in ended if outcome is Outcome.FAIL)
        if errors:
            return Outcome.ERROR, f"{errors} of {len(self.items)} failed" + (
                f", {fails} tests failed" if fails else ""
            )
        if fails:
            return Outcome.FAIL, f"{fails} tests failed"
        if any(outcome is Outcome.SKIPPED for outcome in ended):
            return Outcome.SKIPPED, "some were skipped"
        return Outcome.SUCCESS, None


def _phase(at: float, words: str) -> StepEvent:
    return Phase(at=at, message=words)


def _message(outcome: Outcome, record: Finish) -> str | None:
    """dbt's words where they say more than the outcome does: "OK" and "INSERT 3" do not."""
    text = clean(record.text or "")
    if not known(record.status):
        return f"dbt reported the status '{record.status}', which is not known" + (
            f": {text}" if text else ""
        )
    if outcome is Outcome.SKIPPED:
        return f"skipped because {record.cause} did not succeed" if record.cause else text or "skipped by dbt"
    return None if outcome.good and outcome is not Outcome.WARN else text or record.status


def _facts(record: Finish, rows_affected: int | None) -> dict[str, Fact]:
    facts: dict[str, Fact] = {
        "status": record.status,
        "cause": record.cause,
        "rows_affected": rows_affected,
        "bytes_processed": record.bytes,
    }
    return {name: fact for name, fact in facts.items() if fact is not None}
