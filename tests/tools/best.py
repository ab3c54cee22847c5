"""The best schedule of a few steps on equal slots, by exact search. For judging the engine, in no way part of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class BestSchedule:
    """Branch and bound over what to start whenever something ends. `found` is the least makespan; `exact` whether it is
    proven, or the search gave up after `limit` nodes."""

    def __init__(
        self,
        seconds: Mapping[str, float],
        needs: Mapping[str, Sequence[str]],
        slots: int,
        start: float,
        limit: int,
    ) -> None:
        self._seconds, self._needs, self._slots = seconds, needs, slots
        self._tail = dict.fromkeys(seconds, 0.0)
        for name in reversed(list(seconds)):
            self._tail[name] += seconds[name]
            for need in needs[name]:
                self._tail[need] = max(self._tail[need], self._tail[name])
        self.found, self._left = start, limit
        self._seen: dict[tuple[frozenset[str], tuple[tuple[float, str], ...]], float] = {}
        self._search(0.0, frozenset(), ())
        self.exact = self._left > 0

    def _search(self, now: float, done: frozenset[str], running: tuple[tuple[float, str], ...]) -> None:
        self._left -= 1
        if self._left <= 0:
            return
        if len(done) == len(self._seconds):
            self.found = min(self.found, now)
            return
        if self._bound(now, done, running) >= self.found - 1e-9:
            return
        key = (done, tuple((round(end - now, 6), name) for end, name in running))
        if self._seen.get(key, float("inf")) <= now + 1e-9:
            return
        self._seen[key] = now
        busy = {name for _end, name in running}
        ready = [
            name
            for name in self._seconds
            if name not in done and name not in busy and all(need in done for need in self._needs[name])
        ]
        ready.sort(key=lambda name: -self._tail[name])
        if len(running) < self._slots:
            for name in ready:
                begun = tuple(sorted([*running, (now + self._seconds[name], name)]))
                self._search(now, done, begun)
        if running:
            end = running[0][0]
            ended = {name for finish, name in running if finish <= end + 1e-9}
            rest = tuple(entry for entry in running if entry[1] not in ended)
            self._search(end, done | ended, rest)

    def _bound(self, now: float, done: frozenset[str], running: tuple[tuple[float, str], ...]) -> float:
        busy = {name: end for end, name in running}
        work = sum(end - now for end, _name in running)
        chain = now
        for name, tail in self._tail.items():
            if name in done:
                continue
            if name in busy:
                chain = max(chain, busy[name] + tail - self._seconds[name])
            else:
                work += self._seconds[name]
                chain = max(chain, now + tail)
        return max(chain, now + work / self._slots)
