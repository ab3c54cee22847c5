"""One attempt at a remote sync against the stand-in, with a pace that a test can wait for. Can be left at any point and begun anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from penstock.integration import (
    Address,
    AttemptKey,
    Connection,
    Finished,
    Handle,
    Intent,
    ItemKind,
    Reused,
    RunContext,
    Step,
    StepEvent,
    StepItem,
)
from penstock.integration.jobs import Pace
from penstock_airbyte.api.client import Client
from penstock_airbyte.api.config import ApiConfig
from penstock_airbyte.api.payload import SyncPayload
from penstock_airbyte.api.runner import ApiRunner
from penstock_airbyte.api.tokens import Credentials
from penstock_airbyte.api.transport import Transport
from tests.doubles.airbyte import AirbyteDouble, ConnectionRecord, Estate

PACE = Pace(first=0.02, slowest=0.05, doubt=0.5, limited=0.1, recancel=0.2)
CONNECTION = "c1"
KEY = AttemptKey("r1", "sync-shop", 1)


def estate(**words: Any) -> Estate:
    """One connection of one stream, whose sync takes a moment."""
    told: dict[str, Any] = {"sync_seconds": 0.15, "rows_synced": 7} | words
    connection = ConnectionRecord(
        id=CONNECTION,
        name="shop",
        source_id="s",
        destination_id="d",
        workspace_id="w",
        streams=[{"name": "users"}],
        **told,
    )
    return Estate(workspaces=[{"workspaceId": "w", "name": "W"}], connections=[connection])


class Attempt:
    """`runner()` is a new process each time: what it knows is on disk and in the intent."""

    def __init__(self, double: AirbyteDouble, root: Path, *, timeout: float = 2.0, **payload: Any) -> None:
        self.double = double
        self.root = root
        self.timeout = timeout
        told: dict[str, Any] = {
            "connection": CONNECTION,
            "name": "shop",
            "may_start": True,
            "patience": 20.0,
        } | payload
        self.payload = SyncPayload(**told)
        self.step = Step(
            id=KEY.step,
            integration="airbyte",
            instance="cloud",
            kind="sync",
            items=(StepItem("shop/users#table", ItemKind.ASSET),),
            payload=msgspec.json.encode(self.payload).decode(),
        )
        self.intent = Intent()
        self.events: list[StepEvent] = []

    def runner(self) -> ApiRunner:
        credentials = Credentials(client_id="id", client_secret="secret")
        transport = Transport(self.double.url, credentials, timeout=self.timeout)
        return ApiRunner(self._context(), Client(transport, pause=_briefly), PACE)

    async def prepared(self) -> None:
        runner = self.runner()
        self.intent = await runner.prepare(self.step, KEY)
        await runner.close(detach=True)

    async def begun(self) -> Handle | Reused:
        return await self.runner().start(self.step, KEY, self.intent)

    async def found(self) -> Handle | Reused | None:
        return await self.runner().find(self.step, KEY, self.intent)

    async def followed(self, handle: Handle, *, until: Callable[[], bool] | None = None) -> Finished | None:
        """Follow in a new process to the end, or until the process is lost."""
        runner = self.runner()
        async for event in runner.events(handle):
            self.events.append(event)
            if isinstance(event, Finished):
                await runner.close(detach=True)
                return event
            if until is not None and until():
                return None
        return None

    async def whole(self) -> Finished | Reused:
        """From the intent to the end, in one process."""
        runner = self.runner()
        self.intent = await runner.prepare(self.step, KEY)
        started = await runner.start(self.step, KEY, self.intent)
        if isinstance(started, Reused):
            return started
        async for event in runner.events(started):
            self.events.append(event)
        await runner.close(detach=True)
        last = self.events[-1]
        assert isinstance(last, Finished)
        return last

    @property
    def triggers(self) -> int:
        """Triggers that the server accepted. Printed with -s, so that the suite's counts can be read."""
        accepted = self.double.triggers.get(CONNECTION, 0)
        print(f"accepted triggers {accepted}, cancels {self.double.cancels.get(CONNECTION, 0)}")
        return accepted

    @property
    def cancels(self) -> int:
        return self.double.cancels.get(CONNECTION, 0)

    def _context(self) -> RunContext[ApiConfig]:
        return RunContext(
            project_root=self.root,
            state_dir=self.root / ".penstock",
            cache_dir=self.root / "cache",
            instance="cloud",
            config=ApiConfig(server=self.double.url),
            environment="dev",
            environ={},
            options={},
            folder=self._folder,
            hold=_free,
            warehouse=_none,
            address=_no_address,
            connection=_none,
            redact=str,
        )

    def _folder(self, attempt: AttemptKey) -> Path:
        folder = self.root / str(attempt).replace("/", "-")
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def _briefly(seconds: float) -> None:
    """The client's own pauses between tries of a read: as good as none here."""


@asynccontextmanager
async def _free(attempt: AttemptKey, phase: str) -> AsyncIterator[None]:
    await asyncio.sleep(0)
    yield


def _none(name: str) -> Any:
    raise AssertionError(f"a remote sync opens no warehouse, least of all {name}")


def _no_address(connection: Connection) -> Address:
    raise AssertionError("a remote sync looks up no address")
