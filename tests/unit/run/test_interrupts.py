"""Ctrl-C and SIGTERM as they reach a run, with a question that is answered, or not."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from penstock.run import RemoteJob, RunEventKind, RunPolicy, RunResult, StepPolicy
from penstock.service.interrupts import Interrupts
from penstock.store import RunState
from tests.tools.engine import Engine
from tests.tools.scripted import Script, World, asset, plan
from tests.unit.run.test_stopping import until


class Terminal:
    """Where questions are shown and answers typed."""

    def __init__(self) -> None:
        self.place, self._typing = os.pipe()
        self.asked: list[str] = []

    def ask(self, question: str) -> int:
        self.asked.append(question)
        return self.place

    def type(self, answer: str) -> None:
        os.write(self._typing, f"{answer}\n".encode())

    def close(self) -> None:
        os.close(self.place)
        os.close(self._typing)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal()
    yield terminal
    terminal.close()


def interrupted(
    engine: Engine, terminal: Terminal | None, *acts: str | signal.Signals, policy: StepPolicy | None = None
) -> tuple[RunResult, World]:
    """A run with a remote job, in which these signals come and these answers are typed."""
    world = World(scripts={"job": Script(seconds=30)}, remote=True)
    whole = RunPolicy(poll_seconds=0.02, step=policy or StepPolicy())

    async def both() -> RunResult:
        coordinator = engine.coordinator(plan(asset("job"), asset("above", "job")), world, policy=whole)
        async with Interrupts(coordinator, terminal.ask if terminal else lambda _question: None).heard():
            running = asyncio.ensure_future(coordinator.run())
            await until(lambda: any(told.kind is RunEventKind.ATTEMPT for told in engine.events))
            for act in acts:
                if isinstance(act, signal.Signals):
                    os.kill(os.getpid(), act)
                else:
                    assert terminal is not None
                    await until(lambda: terminal.asked)
                    await asyncio.sleep(0.1)
                    assert not running.done(), "the question is open"
                    terminal.type(act)
            return await asyncio.wait_for(running, 10)

    return asyncio.run(both()), world


@pytest.mark.parametrize(
    ("answer", "state"), [("y", RunState.CANCELLED), ("n", RunState.DETACHED), ("", RunState.DETACHED)]
)
def test_the_answer_says_what_becomes_of_remote_jobs(
    engine: Engine, terminal: Terminal, answer: str, state: RunState
) -> None:
    result, world = interrupted(engine, terminal, signal.SIGINT, answer)
    assert result.state is state
    assert len(world.cancelled) == (1 if answer == "y" else 0)
    assert terminal.asked == ["cancel fake/one/job too?"]


def test_a_second_ctrl_c_waits_for_no_answer(engine: Engine, terminal: Terminal) -> None:
    result, world = interrupted(engine, terminal, signal.SIGINT, signal.SIGINT)
    assert (result.state, result.message) == (RunState.DETACHED, "second Ctrl-C: detached")
    assert world.cancelled == []


def test_where_nobody_can_be_asked_remote_jobs_go_on(engine: Engine) -> None:
    result, world = interrupted(engine, None, signal.SIGINT)
    assert (result.state, result.exit_code) == (RunState.DETACHED, 3)
    assert result.message == "stopped by Ctrl-C; remote jobs go on"
    assert world.cancelled == []


@pytest.mark.parametrize("on_exit", [RemoteJob.KEEP, RemoteJob.CANCEL])
def test_what_is_settled_beforehand_is_not_asked(
    engine: Engine, terminal: Terminal, on_exit: RemoteJob
) -> None:
    result, _world = interrupted(engine, terminal, signal.SIGINT, policy=StepPolicy(on_exit=on_exit))
    assert terminal.asked == []
    assert result.state is (RunState.CANCELLED if on_exit is RemoteJob.CANCEL else RunState.DETACHED)


@pytest.mark.parametrize(
    ("number", "message"),
    [(signal.SIGTERM, "SIGTERM: detached"), (signal.SIGHUP, "the terminal was closed: detached")],
)
def test_what_ends_it_detaches_whatever_was_settled(
    engine: Engine, number: signal.Signals, message: str
) -> None:
    result, world = interrupted(engine, None, number, policy=StepPolicy(on_exit=RemoteJob.CANCEL))
    assert (result.state, result.message) == (RunState.DETACHED, message)
    assert world.cancelled == []


def test_whoever_heard_signals_before_a_run_hears_them_after_it(engine: Engine) -> None:
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        ours = {number: signal.getsignal(number) for number in before}
        interrupted(engine, None, signal.SIGTERM)
        assert {number: signal.getsignal(number) for number in before} == ours
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
