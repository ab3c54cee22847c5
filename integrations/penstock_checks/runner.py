"""Runs checks in a thread of this process. They change nothing: one that was under way when a process died is run again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import msgspec

from penstock.errors import PenstockError
from penstock.integration import (
    AttemptKey,
    BaseRunner,
    Cancellation,
    Checks,
    Finished,
    Handle,
    Intent,
    ItemFinished,
    ItemStarted,
    Outcome,
    QueryCancelled,
    RunContext,
    SqlCheckResult,
    Step,
    StepEvent,
)
from penstock.system.files import write_private
from penstock_checks.compiling import Declared, alone, declared, queries
from penstock_checks.config import ChecksConfig


class CheckRunner(BaseRunner):
    """See `penstock.integration.Runner`. What was found is a file of the attempt's folder, for whoever comes later."""

    def __init__(self, context: RunContext[ChecksConfig]) -> None:
        self._context = context
        self._cancels: dict[AttemptKey, Cancellation] = {}

    async def start(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle:
        return Handle(attempt=attempt, local=True, external={"items": [item.id for item in step.items]})

    async def find(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle | None:
        found = (self._context.folder(attempt) / "results.json").exists()
        return await self.start(step, attempt, intent) if found else None

    async def events(self, handle: Handle) -> AsyncIterator[StepEvent]:
        items = msgspec.convert(handle.external["items"], list[str])
        for item in items:
            yield ItemStarted(at=time.time(), item=item)
        checks = {check.id: check for check in self._declared() if check.id in items}
        cancel = self._cancels.setdefault(handle.attempt, Cancellation())
        problem: str | None = None
        results: dict[str, SqlCheckResult] = {}
        try:
            results = await asyncio.to_thread(self._results, handle.attempt, list(checks.values()), cancel)
        except QueryCancelled:
            for item in items:
                yield ItemFinished(at=time.time(), item=item, outcome=Outcome.CANCELLED)
            yield Finished(at=time.time(), outcome=Outcome.CANCELLED)
            return
        except PenstockError as error:
            problem = error.what
        ends = [_end(item, checks.get(item), results.get(item), problem) for item in items]
        for end in ends:
            yield end
        yield _finished(ends, problem)

    async def cancel(self, handle: Handle) -> None:
        self._cancels.setdefault(handle.attempt, Cancellation()).cancel()

    async def close(self, *, detach: bool) -> None:
        for cancel in self._cancels.values():
            cancel.cancel()

    def _declared(self) -> tuple[Declared, ...]:
        context = self._context
        address = context.address(context.connection(context.instance))
        return declared(context.config, address, f"checks.{context.instance}", time.time())

    def _results(
        self, attempt: AttemptKey, checks: list[Declared], cancel: Cancellation
    ) -> dict[str, SqlCheckResult]:
        file = self._context.folder(attempt) / "results.json"
        if file.exists():
            return msgspec.json.decode(file.read_bytes(), type=dict[str, SqlCheckResult])
        warehouse = self._context.warehouse(self._context.instance)
        if not isinstance(warehouse, Checks):
            raise PenstockError(f"the warehouse '{self._context.instance}' cannot run checks")
        results = {result.id: result for result in _run(warehouse, checks, cancel)}
        write_private(file, msgspec.json.encode(results))
        return results


def _run(warehouse: Checks, checks: list[Declared], cancel: Cancellation) -> Iterator[SqlCheckResult]:
    """A query that tells of several checks fails for all of them at one wrong column: then each is asked alone."""
    if not checks:
        return
    dialect = checks[0].relation.dialect
    by_id = {check.id: check for check in checks}
    again: list[Declared] = []
    asked = list(queries(checks, dialect))
    shared = {part for query in asked if len(query.parts) > 1 for part in query.parts}
    for result in warehouse.run_checks(asked, cancel):
        if result.error is not None and result.id in shared:
            again.append(by_id[result.id])
        else:
            yield result
    if again:
        yield from warehouse.run_checks([alone(check, dialect) for check in again], cancel)


def _end(
    item: str, check: Declared | None, result: SqlCheckResult | None, problem: str | None
) -> ItemFinished:
    if check is None:
        return ItemFinished(
            at=time.time(),
            item=item,
            outcome=Outcome.ERROR,
            message="it is not declared in penstock.yml any more",
        )
    if result is None or result.failures is None:
        message = problem or (result.error if result else None) or "it gave no result"
        return ItemFinished(at=time.time(), item=item, outcome=Outcome.ERROR, message=message)
    outcome = Outcome.SUCCESS if not result.failures else Outcome.WARN if check.warn else Outcome.FAIL
    return ItemFinished(
        at=time.time(),
        item=item,
        outcome=outcome,
        failures=result.failures,
        message=_message(check, result.failures) if result.failures else None,
        seconds=result.seconds,
        usage=result.usage,
    )


def _message(check: Declared, failures: int) -> str:
    return check.says if check.kind in ("row_count", "freshness") else f"{failures} {check.says}"


def _finished(ends: list[ItemFinished], problem: str | None) -> Finished:
    outcomes = {end.outcome for end in ends}
    worst = next((one for one in (Outcome.ERROR, Outcome.FAIL) if one in outcomes), Outcome.SUCCESS)
    return Finished(at=time.time(), outcome=worst, message=problem, retryable=problem is not None)
