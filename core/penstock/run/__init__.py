"""Runs a plan: durably, in order, through runners. Decides nothing about what should be built.

run = create_run(store, plan, command="penstock run")
coordinator = Coordinator(plan, store=store, run_id=run.id, runner_for=..., folder=state_dir / "runs", ...)
result = asyncio.run(coordinator.run())          # signal handlers call coordinator.request_stop(...)
"""

from penstock.run.coordinator import Coordinator
from penstock.run.launch import create_run, plan_of
from penstock.run.notifier import Listener
from penstock.run.policy import Overlap, RemoteJob, RunPolicy, StepPolicy, StopMode
from penstock.run.records import ItemResult, RunEvent, RunEventKind, RunResult, StepResult, Waiting, WaitKind
from penstock.run.runner_pool import FolderFn, HoldFn, RunnerFor
from penstock.run.timeline import Bar, Timeline, timeline

__all__ = [
    "Bar",
    "Coordinator",
    "FolderFn",
    "HoldFn",
    "ItemResult",
    "Listener",
    "Overlap",
    "RemoteJob",
    "RunEvent",
    "RunEventKind",
    "RunPolicy",
    "RunResult",
    "RunnerFor",
    "StepPolicy",
    "StepResult",
    "StopMode",
    "Timeline",
    "WaitKind",
    "Waiting",
    "create_run",
    "plan_of",
    "timeline",
]
