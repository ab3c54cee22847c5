"""Limited resources: a warehouse, a connection, a tool. Fair, and free of deadlock.

A request names all that it needs and gets all of it at once, or nothing. Among those that wait, the more urgent and then
the older go first, and what the first in line still lacks is not given to those behind it: nobody starves. Only who holds
something already (`nested`) goes past the line: the first in line may be waiting for exactly what it holds.
"""

from __future__ import annotations

import asyncio
import bisect
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

from penstock.assets import Hold
from penstock.errors import PenstockError
from penstock.run.records import Waiting, WaitKind


class SlotRequest:
    """Someone's wish for slots, granted or not. Lower `rank` is more urgent."""

    __slots__ = ("future", "granted", "name", "needs", "nested", "order", "rank")

    def __init__(self, name: str, needs: Mapping[str, int], rank: float, order: int, nested: bool) -> None:
        self.name = name
        self.nested = nested
        self.granted = False
        self.needs = needs
        self.rank = rank
        self.order = order
        self.future: asyncio.Future[None] | None = None


class Pools:
    """`slots` per resource; a resource that is not named there has as many as its largest hold asks for, at least one, and one
    that is held `open` has no limit."""

    def __init__(self, slots: Mapping[str, int]) -> None:
        self._slots = dict(slots)
        self._used: dict[str, int] = {}
        self._holders: dict[str, list[SlotRequest]] = {}
        self._queue: list[SlotRequest] = []
        self._wanted: Counter[str] = Counter()  # how many of those that wait need it
        self._count = 0

    def request(
        self, name: str, holds: Iterable[Hold], rank: float = 0.0, *, nested: bool = False
    ) -> SlotRequest:
        """A wish that never can be more than there is: more slots than exist are all that exist."""
        needs: dict[str, int] = {}
        for hold in holds:
            if hold.open and hold.resource not in self._slots:
                continue
            known = self._slots.setdefault(hold.resource, max(1, hold.slots))
            needs[hold.resource] = min(known, needs.get(hold.resource, 0) + max(1, hold.slots))
        self._count += 1
        return SlotRequest(name, needs, rank, self._count, nested)

    def try_take(self, request: SlotRequest) -> bool:
        """Take it at once if it is free and nobody waits for it."""
        if not self._fits(request):
            return False
        if not request.nested and any(waiting.needs.keys() & request.needs.keys() for waiting in self._queue):
            return False
        self._grant(request)
        return True

    async def take(self, request: SlotRequest) -> None:
        """Wait for it. Raises PenstockError when waiting could never end."""
        if self.try_take(request):
            return
        if request.nested:
            self._refuse_deadlock(request)
        try:
            await self.line_up(request)
        except asyncio.CancelledError:
            self.abandon(request)
            raise

    def line_up(self, request: SlotRequest) -> asyncio.Future[None]:
        """Stand in line; the future is done when it is granted. Who does not wait to the end must `abandon` it."""
        request.future = asyncio.get_running_loop().create_future()
        bisect.insort(
            self._queue, request, key=lambda waiting: (not waiting.nested, waiting.rank, waiting.order)
        )
        self._wanted.update(request.needs.keys())
        self._pass_on()
        return request.future

    def abandon(self, request: SlotRequest) -> None:
        """Leave the line, or give back what was granted meanwhile."""
        if request in self._queue:
            self._leave(request)
            self._pass_on()
        elif request.granted:
            self.give_back(request)

    def seize(self, request: SlotRequest) -> None:
        """Take it whether it is free or not: it is in use by something that already runs."""
        self._grant(request)

    def give_back(self, request: SlotRequest) -> None:
        request.granted = False
        for resource, slots in request.needs.items():
            self._used[resource] -= slots
            self._holders[resource].remove(request)
        self._pass_on()

    @asynccontextmanager
    async def held(self, request: SlotRequest) -> AsyncIterator[None]:
        await self.take(request)
        try:
            yield
        finally:
            self.give_back(request)

    def waiting(self, request: SlotRequest) -> tuple[Waiting, ...]:
        """What the request lacks now, and who has it."""
        lacking = []
        for resource, slots in request.needs.items():
            holders = tuple(dict.fromkeys(holder.name for holder in self._holders.get(resource, ())))
            ahead = any(resource in other.needs for other in self._queue if other is not request)
            if self._free(resource) < slots or ahead:
                lacking.append(Waiting(WaitKind.RESOURCE, resource, holders))
        return tuple(lacking)

    def _free(self, resource: str) -> int:
        return self._slots[resource] - self._used.get(resource, 0)

    def _fits(self, request: SlotRequest) -> bool:
        return all(self._free(resource) >= slots for resource, slots in request.needs.items())

    def _grant(self, request: SlotRequest) -> None:
        request.granted = True
        for resource, slots in request.needs.items():
            self._used[resource] = self._used.get(resource, 0) + slots
            self._holders.setdefault(resource, []).append(request)

    def _leave(self, request: SlotRequest) -> None:
        self._queue.remove(request)
        self._wanted.subtract(request.needs.keys())

    def _pass_on(self) -> None:
        reserved: set[str] = set()
        for request in list(self._queue):
            if any(self._wanted[resource] == len(self._queue) for resource in reserved):
                return  # all that still wait need something that is spoken for
            if (request.nested or not reserved & request.needs.keys()) and self._fits(request):
                self._leave(request)
                self._grant(request)
                assert request.future is not None
                if not request.future.done():
                    request.future.set_result(None)
            else:
                reserved |= request.needs.keys()

    def _refuse_deadlock(self, request: SlotRequest) -> None:
        """A step that already holds something may wait only if none of those that it waits for waits for it."""
        seen: set[str] = set()
        front = [request]
        while front:
            waiting = front.pop()
            for resource in waiting.needs:
                for holder in self._holders.get(resource, ()):
                    if holder.name == request.name and waiting is not request:
                        raise PenstockError(
                            f"{request.name} and {waiting.name} wait for each other's resources ({resource})",
                            hint="a step's phases must take their resources in one order",
                        )
                    if holder.name not in seen:
                        seen.add(holder.name)
                        front.extend(other for other in self._queue if other.name == holder.name)
