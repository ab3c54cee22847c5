"""What the steps of a run are given: runners, folders, logs, and the resources of a later phase. Decides nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.integration import AttemptKey, Runner
from penstock.run.forming import further_holds
from penstock.run.logs import LOG_NAME, AttemptLog
from penstock.system.boot import boot_id
from penstock.system.files import private_folder, write_private

if TYPE_CHECKING:
    from penstock.run.coordinator import Coordinator

_BOOT = "boot"
HoldFn = Callable[[AttemptKey, str], AbstractAsyncContextManager[None]]
FolderFn = Callable[[AttemptKey], Path]
RunnerFor = Callable[[str, str, HoldFn, FolderFn], Runner | None]


class RunnerPool:
    """Of one run. `folder` is that of all runs; each instance's runner is made once."""

    def __init__(self, host: Coordinator, runner_for: RunnerFor, folder: Path) -> None:
        self._host = host
        self.runner_for = runner_for
        self.folder = folder
        self._runners: dict[tuple[str, str], Runner | None] = {}

    def runner(self, integration: str, instance: str) -> Runner | None:
        key = (integration, instance)
        if key not in self._runners:
            self._runners[key] = self.runner_for(integration, instance, self._hold, self.attempt_folder)
        return self._runners[key]

    def begin(self, run: str) -> bool:
        """Whether all that an earlier coordinator wrote in the run's folder is there: it is the same disk, and the machine
        has not been restarted since (what is written last may be lost then)."""
        mark, boot = self.folder / run / _BOOT, boot_id()
        before = mark.read_text(encoding="utf-8") if mark.exists() else None
        private_folder(mark.parent)
        write_private(mark, boot.encode())
        return before == boot

    async def close(self, *, goes_on: bool) -> None:
        """`goes_on`: what still runs is left to the next coordinator."""
        for runner in self._runners.values():
            if runner is not None:
                await runner.close(detach=goes_on)

    def attempt_folder(self, key: AttemptKey) -> Path:
        folder = self.folder / key.run / key.step / str(key.attempt)
        return private_folder(folder)

    def log(self, key: AttemptKey) -> AttemptLog:
        path = f"{self.folder}/{self.log_path(key)}"
        return AttemptLog(path, self._host.redact, self._host.policy.tail_lines)

    def log_path(self, key: AttemptKey) -> str:
        """Relative to the folder of all runs, so that a project may be moved."""
        return f"{key.run}/{key.step}/{key.attempt}/{LOG_NAME}"

    @asynccontextmanager
    async def _hold(self, attempt: AttemptKey, phase: str) -> AsyncIterator[None]:
        host = self._host
        now = host.board.steps[attempt.step]
        holds = further_holds(now.step, phase)
        if not holds:
            yield
            return
        request = host.pools.request(now.step.id, holds, nested=True)
        if not host.pools.try_take(request):
            host.notifier.waiting(now.step.id, now.items, host.pools.waiting(request))
            await host.pools.take(request)
        try:
            yield
        finally:
            host.pools.give_back(request)
