"""What the steps of a run are given: runners, folders, logs, and the resources of a later phase. Decides nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from penstock.integration import AttemptKey, Runner
from penstock.run.board import Board
from penstock.run.forming import further_holds, step_folder
from penstock.run.logs import LOG_NAME, AttemptLog
from penstock.run.notifier import RunNotifier
from penstock.run.pools import Pools
from penstock.system.boot import boot_id
from penstock.system.files import private_folder, write_private

_BOOT = "boot"
HoldFn = Callable[[AttemptKey, str], AbstractAsyncContextManager[None]]
FolderFn = Callable[[AttemptKey], Path]
RunnerFor = Callable[[str, str, HoldFn, FolderFn], Runner | None]


class RunnerPool:
    """Of one run. `folder` is that of all runs; each instance's runner is made once. `redact` takes secrets out of the logs, of
    which the last `tail_lines` are kept at hand."""

    def __init__(
        self,
        runner_for: RunnerFor,
        folder: Path,
        *,
        board: Board,
        pools: Pools,
        notifier: RunNotifier,
        redact: Callable[[str], str],
        tail_lines: int,
    ) -> None:
        self.runner_for = runner_for
        self.folder = folder
        self._board = board
        self._pools = pools
        self._notifier = notifier
        self._redact = redact
        self._tail_lines = tail_lines
        self._runners: dict[tuple[str, str], Runner | None] = {}

    def runner(self, integration: str, instance: str) -> Runner | None:
        key = (integration, instance)
        if key not in self._runners:
            self._runners[key] = self.runner_for(integration, instance, self._hold, self.attempt_folder)
        return self._runners[key]

    def begin(self, run: str, *, under_way: bool) -> bool:
        """Whether all that an earlier coordinator wrote in the run's folder is there: it is the same disk, and the machine
        has not been restarted since (what is written last may be lost then).

        While steps of before are `under_way` the mark stays: who comes next must doubt them too."""
        mark, boot = self.folder / run / _BOOT, boot_id()
        before = mark.read_text(encoding="utf-8") if mark.exists() else None
        if not under_way:
            private_folder(mark.parent)
            write_private(mark, boot.encode())
        return before == boot

    async def close(self, *, goes_on: bool) -> None:
        """`goes_on`: what still runs is left to the next coordinator."""
        for runner in self._runners.values():
            if runner is not None:
                await runner.close(detach=goes_on)

    def attempt_folder(self, key: AttemptKey) -> Path:
        folder = self.folder / key.run / step_folder(key.step) / str(key.attempt)
        return private_folder(folder)

    def log(self, key: AttemptKey) -> AttemptLog:
        path = f"{self.folder}/{self.log_path(key)}"
        return AttemptLog(path, self._redact, self._tail_lines)

    def log_path(self, key: AttemptKey) -> str:
        """Relative to the folder of all runs, so that a project may be moved."""
        return f"{key.run}/{step_folder(key.step)}/{key.attempt}/{LOG_NAME}"

    @asynccontextmanager
    async def _hold(self, attempt: AttemptKey, phase: str) -> AsyncIterator[None]:
        now = self._board.steps[attempt.step]
        holds = further_holds(now.step, phase)
        if not holds:
            yield
            return
        request = self._pools.request(now.step.id, holds, nested=True)
        if not self._pools.try_take(request):
            self._notifier.waiting(now.step.id, now.items, self._pools.waiting(request))
            await self._pools.take(request)
        try:
            yield
        finally:
            self._pools.give_back(request)
