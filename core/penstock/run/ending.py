"""How a run comes out, from what is on its board."""

from __future__ import annotations

import time

from penstock.run.board import Board
from penstock.run.halt import Halt
from penstock.run.notifier import RunNotifier
from penstock.run.records import RunResult
from penstock.store import ItemState, NewEvent, RunRecord, RunSession, RunState, StepState
from penstock.store.payloads import RunEnded


def close_open(
    board: Board, notifier: RunNotifier, stopped: str | None, held_back_by: str | None
) -> list[NewEvent]:
    """The events of what never came to run: cancelled with the run (`stopped` says why), or held back by a failure."""
    events: list[NewEvent] = []
    for step in board.steps.values():
        if not step.state.ended:
            events.append(board.step_event("step.ended", step, StepState.CANCELLED, stopped))
    for key, now in board.items.items():
        if now.state.ended:
            continue
        if stopped is not None:
            events.append(board.ended_without("item.cancelled", key, ItemState.CANCELLED, stopped, None))
        else:
            words = f"not started: {held_back_by} failed (fail-fast)"
            events.append(board.ended_without("item.skipped", key, ItemState.SKIPPED, words, held_back_by))
        notifier.item(key, time.time())
    return events


async def leave(board: Board, session: RunSession, message: str | None) -> None:
    """The run stops here and can be resumed. Its assets stay its own while something of it goes on."""
    event = board.run_event(
        "run.detached", RunState.DETACHED, RunEnded(message=message, counts=counts(board))
    )
    await session.end([event], keep_assets=any(not now.settled for now in board.steps.values()))


async def end(
    board: Board, session: RunSession, notifier: RunNotifier, halt: Halt, message: str | None
) -> None:
    events = close_open(board, notifier, halt.reason or None, halt.held_back)
    state = RunState.CANCELLED if halt.stopping else verdict(board)
    events.append(board.run_event("run.ended", state, RunEnded(message=message, counts=counts(board))))
    await session.end(events, keep_assets=False)


def verdict(board: Board) -> RunState:
    """A step that failed though all its items are made (a hook of its tool failed) fails the run."""
    bad = any(now.result().failed or now.state is ItemState.CANCELLED for now in board.items.values())
    alone = any(
        step.state is StepState.FAILED and all(board.items[item.key].well for item in step.items)
        for step in board.steps.values()
    )
    return RunState.FAILED if bad or alone else RunState.SUCCEEDED


def counts(board: Board) -> dict[str, int]:
    found: dict[str, int] = {}
    for now in board.items.values():
        found[now.state.value] = found.get(now.state.value, 0) + 1
    return found


def result(
    board: Board, record: RunRecord, seconds: float, message: str | None, unheard: Exception | None
) -> RunResult:
    return RunResult(
        run=record.id,
        number=record.number,
        state=board.state,
        items=tuple(now.result() for now in board.items.values()),
        steps=tuple(step.result() for step in board.steps.values()),
        seconds=seconds,
        message=message,
        unheard=unheard,
    )
