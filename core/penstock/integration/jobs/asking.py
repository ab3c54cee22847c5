"""Asking a remote service again and again, for as long as patience lasts. Knows nothing of what is asked for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from penstock.integration.events import Phase
from penstock.integration.jobs.pace import Pace
from penstock.integration.jobs.problems import ProblemKind, RemoteProblem

T = TypeVar("T")


class GaveUp(Exception):
    """Nobody knows how the work ended, so trying again by itself could start a second one beside it."""


class Asking:
    """One attempt's questions to `tool`. `patience` is seconds without an answer; `going_on` says in words what may run there
    meanwhile; `final` are the problems that no patience mends. Once `stop` is set nothing more is asked."""

    def __init__(
        self,
        tool: str,
        pace: Pace,
        patience: float,
        going_on: Callable[[], str],
        final: frozenset[ProblemKind] = frozenset(),
    ) -> None:
        self._tool = tool
        self._pace = pace
        self._patience = patience
        self._going_on = going_on
        self._final = final
        self._silent_since: float | None = None
        self.stop = asyncio.Event()

    async def answer(self, ask: Callable[[], T]) -> AsyncIterator[Phase | T]:
        """The answer (asked for in a thread); before it, a phase when the service stops answering and when it answers again.

        Nothing when stopped. Raises GaveUp when patience has ended.
        """
        asked = 0
        while not self.stop.is_set():
            try:
                answer = await asyncio.to_thread(ask)
            except RemoteProblem as problem:
                if problem.kind in self._final:
                    raise GaveUp(f"{problem.what}: was it deleted? Nobody knows how it ended") from None
                words = self.silent(problem)
                if asked == 0:
                    yield Phase(at=time.time(), message=words)
                await self.sleep(asked, limited=problem.kind is ProblemKind.LIMITED)
                asked += 1
                continue
            self.answered()
            if asked:
                yield Phase(at=time.time(), message=f"{self._tool} answers again")
            yield answer
            return

    def answered(self) -> None:
        """Patience begins anew."""
        self._silent_since = None

    def silent(self, problem: RemoteProblem) -> str:
        """Words about a call without an answer. Raises GaveUp when patience has ended."""
        now = time.monotonic()
        self._silent_since = now if self._silent_since is None else self._silent_since
        silent = now - self._silent_since
        if silent > self._patience:
            raise GaveUp(
                f"{self._tool} has given no answer for {silent / 60:.0f} min ({problem.what}); {self._going_on()}"
            ) from None
        return f"{self._tool} gives no answer ({problem.what}); {self._going_on()}"

    async def sleep(self, asked: int, *, limited: bool = False) -> None:
        """The pause after so many questions; shorter when stopped."""
        pause = self._pace.limited if limited else self._pace.pause(asked)
        try:
            await asyncio.wait_for(self.stop.wait(), pause)
        except TimeoutError:
            return
