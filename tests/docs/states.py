"""docs/reference/states.md out of the engine's own table of transitions."""

from __future__ import annotations

from penstock.run.states import TRANSITIONS
from penstock.store import AttemptState, ItemState, RunState, StepState

STATES = {"run": RunState, "step": StepState, "attempt": AttemptState, "item": ItemState}

HEAD = """# States and transitions

What a run, its steps, their attempts and the plan's items can be, and which event leads from where to where. The engine
refuses every other transition. Events are only ever added to the run store; the state in its tables is what they fold to,
and can be rebuilt from them.

This page is made from the engine's table (`core/penstock/run/states.py`).
"""

MEANING = {
    "run": {
        "queued": "recorded with its plan, not begun",
        "running": "a coordinator works on it",
        "stopping": "it was asked to stop; what runs is being stopped",
        "detached": "left on purpose; jobs may go on; `penstock run --resume` goes on with it",
        "succeeded": "everything that was planned ended well",
        "failed": "something failed, or was held back by a failure",
        "cancelled": "stopped before its end",
        "interrupted": "its coordinator is gone (read, never written); `penstock run --resume` goes on with it",
    },
    "step": {
        "waiting": "formed; its first attempt is about to be recorded",
        "running": "an attempt is under way",
        "retrying": "the last attempt failed or was left; another one is due",
        "succeeded": "all of its items ended well",
        "failed": "an item of it did not end well, or the step itself failed",
        "cancelled": "stopped with the run",
    },
    "attempt": {
        "intent": "recorded before the tool is triggered: it may have been",
        "running": "the tool has been triggered, its handle is recorded",
        "unreadable": "the tool cannot be asked what became of it: neither failed nor running",
        "succeeded": "the tool ended well",
        "failed": "the tool failed, or could not be started",
        "cancelled": "stopped by us",
        "abandoned": "certainly never started, or nothing is left of it; a new attempt takes its place",
    },
    "item": {
        "pending": "planned, not begun",
        "running": "the tool works on it",
        "success": "made, or checked without a finding",
        "warn": "ended well, with a warning",
        "fail": "a check's verdict",
        "error": "it could not be done",
        "partial": "some batches of it failed",
        "skipped": "something above it did not end well",
        "cancelled": "stopped with the run",
        "no_op": "there was nothing to do",
        "reused": "the plan's decision: what is there is good",
        "left": "the plan's decision: not a thing to build now",
    },
}


def page() -> str:
    parts = [HEAD]
    for subject, kind in STATES.items():
        parts.append(f"\n## {subject.capitalize()}\n\n| state | meaning |\n|---|---|\n")
        parts += [f"| `{state.value}` | {MEANING[subject][state.value]} |\n" for state in kind]
        parts.append("\n| event | comes in | leads to |\n|---|---|---|\n")
        for event, (before, after) in TRANSITIONS.items():
            if event.startswith(f"{subject}."):
                parts.append(f"| `{event}` | {_words(before)} | {_words(after)} |\n")
    return "".join(parts)


def _words(states: tuple[object, ...]) -> str:
    return ", ".join(f"`{state}`" for state in states)
