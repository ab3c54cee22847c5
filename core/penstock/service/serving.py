"""A project held open for many requests: the graph looked at again now and then, the store opened once, for reading only.

Safe to use from several threads. It starts nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from penstock.assets import AssetKey
from penstock.plan import Plan
from penstock.service.choose import choose
from penstock.service.columnrecords import Columns
from penstock.service.columns import definitions_mark
from penstock.service.helping import Helpers
from penstock.service.inspect import NoRuns
from penstock.service.launching import Wanted, planned
from penstock.service.observe import GraphView, look
from penstock.service.own_process import columns_apart
from penstock.service.scheduled import CommandOf
from penstock.service.sqlpage import SqlDocument, sql_document
from penstock.service.workspace import Workspace, open_workspace
from penstock.store import RunStore, StoreMissing, open_reading

_FRESH_SECONDS = 2.0
_LOOKS = 25.0
_LONGEST_SECONDS = 60.0
_LATELY_SECONDS = 5.0
_KEPT = 32
T = TypeVar("T")


class Serving:
    """One project in one environment. `workspace` is read anew when penstock.yml has changed. `command_of` reads the command
    of a schedule: its grammar is that of whoever opens this."""

    def __init__(self, root: Path, environment: str | None, command_of: CommandOf) -> None:
        self.command_of = command_of
        self._root = root
        self._environment = environment
        self._lock = threading.RLock()
        self._workspace = open_workspace(root, environment=environment)
        self._stamp = self._now_stamp()
        self._seen: GraphView | None = None
        self._looked = 0.0
        self._patience = 0.0
        self._columns: tuple[str, str | None, Columns] | None = None
        self._marked = 0.0
        self._store: RunStore | None = None
        self._helpers = Helpers()
        self._kept: dict[Hashable, tuple[Hashable, Any]] = {}
        self._chosen: dict[Hashable, frozenset[AssetKey] | None] = {}

    @property
    def workspace(self) -> Workspace:
        with self._lock:
            stamp = self._now_stamp()
            if stamp != self._stamp:
                before = self._workspace.project.file
                self._workspace = open_workspace(self._root, environment=self._environment, file=before)
                self._stamp = stamp
                self._seen, self._columns = None, None
                self._kept.clear()
                self._close_store()
            return self._workspace

    @property
    def environment(self) -> str:
        """As it could be read last."""
        return self._workspace.project.environment

    def redact(self, words: str) -> str:
        """By the secrets of the project as it could be read last: an error tells of one that cannot be read now."""
        return self._workspace.project.redact(words)

    def _now_stamp(self) -> tuple[int, int] | None:
        file = self._workspace.project.file
        try:
            stat = file.stat() if file is not None else None
        except OSError:
            return None
        return (stat.st_mtime_ns, stat.st_size) if stat is not None else None

    def seen(self) -> GraphView:
        """What exists, not older than a few seconds (longer where a look takes long). Nobody is called: what only a call can tell is as old as it says."""
        workspace = self.workspace
        with self._lock:
            if self._seen is None or time.monotonic() - self._looked > self._patience:
                began = time.monotonic()
                found = look(workspace)
                if self._seen is None or found.graph.hash != self._seen.graph.hash:
                    self._seen = found
                    self._chosen.clear()
                else:  # the same graph with all that was decoded of it
                    if (found.taken_at, found.stale) != (self._seen.taken_at, self._seen.stale):
                        self._chosen.clear()  # what a name selects is in files, too
                    self._seen = GraphView(
                        graph=self._seen.graph,
                        taken_at=found.taken_at,
                        stale=found.stale,
                        projects=found.projects,
                    )
                self._looked = time.monotonic()
                # A look at a large project may take long: it is not to fill the time. The first does what is done once.
                lasted = self._looked - began if self._patience else 0.0
                self._patience = min(max(_FRESH_SECONDS, _LOOKS * lasted), _LONGEST_SECONDS)
            return self._seen

    def look_again(self) -> None:
        """The next who asks looks: something has been made."""
        with self._lock:
            self._looked = 0.0

    def columns(self) -> Columns:
        """Derived anew for another graph, and when a build has compiled what the graph does not tell of."""
        seen = self.seen()
        with self._lock:
            known = self._columns
            if known is not None and known[0] == seen.graph.hash and self._marked == self._looked:
                return known[2]
            mark = definitions_mark(self.workspace)
            if known is None or known[0] != seen.graph.hash or mark not in (None, known[1]):
                known = (seen.graph.hash, mark, columns_apart(self.workspace, seen))
            self._columns, self._marked = known, self._looked
            return known[2]

    def planned(self, wanted: Wanted) -> Plan:
        """Made apart. Raises as `launching.planned` does."""
        workspace = self.workspace
        return self._helpers.plan(workspace, wanted) or planned(workspace, wanted)[2]

    def sql(self, key: AssetKey) -> SqlDocument:
        """Of an asset that is in the graph. Followed apart."""
        workspace, seen = self.workspace, self.seen()
        return self._helpers.sql(workspace, key) or sql_document(workspace, seen.graph, key)

    def chosen(
        self, select: str, exclude: str = "", within: frozenset[AssetKey] | None = None
    ) -> frozenset[AssetKey] | None:
        """The assets of a selection; None: all. `within`: see `choose`. Raises SelectionError, UnknownAsset."""
        seen = self.seen()
        at = (seen.graph.hash, select, exclude, within)
        with self._lock:
            if at in self._chosen:
                return self._chosen[at]
        include = (select,) if select.strip() else ()
        left = (exclude,) if exclude.strip() else ()
        found = choose(self.workspace, seen, include, left, within=within).assets if include or left else None
        with self._lock:
            if len(self._chosen) > 500:
                self._chosen.clear()
            self._chosen[at] = found
        return found

    def kept(self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made of this graph before for the same question, or made now. The newest questions are kept."""
        return self._remembered(key, self.seen().graph.hash, make)

    def lately(self, key: Hashable, make: Callable[[], T]) -> T:
        """As `kept`, for what the run store tells too: until something has happened there, and for some seconds at most."""
        return self._remembered(key, (self.seen().graph.hash, self._happened()), make)

    def _remembered(self, key: Hashable, moment: Hashable, make: Callable[[], T]) -> T:
        with self._lock:
            known = self._kept.pop(key, None)
            if known is not None and known[0] == moment:
                self._kept[key] = known  # the newest again
                found: T = known[1]
                return found
        made = make()
        with self._lock:
            if len(self._kept) >= _KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = (moment, made)
        return made

    def forget(self) -> None:
        """What was made of the graph is made anew; the graph itself stays."""
        with self._lock:
            self._kept.clear()

    def moment(self) -> Hashable:
        """Differs when the project looks otherwise than before, or its parts are of another age: so they are when penstock.yml was edited."""
        seen = self.seen()
        return seen.graph.hash, tuple(seen.taken_at.items()), tuple(seen.stale.items())

    def lately_moment(self) -> Hashable:
        """Differs, too, when something has happened in the run store, and after some seconds: what is running may be lost."""
        return self.moment(), self._happened()

    def _happened(self) -> Hashable:
        """The place in the events too: a file's time may be the same after two commits."""
        clock = int(time.monotonic() / _LATELY_SECONDS)
        try:
            with self.store() as store:
                return clock, store.stamp(), store.newest_position()
        except NoRuns:
            return clock

    @contextmanager
    def store(self) -> Iterator[RunStore]:
        """The run store, for reading. Raises NoRuns while there is none, StoreError."""
        workspace = self.workspace
        with self._lock:
            if self._store is None:
                project = workspace.project
                try:
                    self._store = open_reading(project.store_url(), root=project.root)
                except StoreMissing:
                    raise NoRuns from None
            store = self._store
        yield store

    def close(self) -> None:
        self._helpers.close()
        with self._lock:
            self._close_store()

    def _close_store(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None
