"""Which data the warehouses hold now: hashes of what is asked for, kept while the warehouse is certainly unchanged, or marks of
states, asked for anew each time."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from penstock.assets import DataVersion, DataVersionKind, Relation
from penstock.errors import PenstockError, WarehouseAsleep
from penstock.integration import ColumnSet, Content, Contents, Freshness, OneState, TableState
from penstock.service.inuse import refuse_if_in_use
from penstock.service.reached import Reaching, Teller, marked
from penstock.service.workspace import Workspace
from penstock.system.files import private_folder, write_private

_FORMAT = 1
_SETTLES = 2.0  # seconds: more than the finest step of any file system's clock
_Saved = tuple[int, dict[str, tuple[str, list[tuple[Relation, Content]]]]]
Sets = Mapping[Relation, Iterable[ColumnSet | None]]


def _told(warehouse: Contents, wanted: Iterable[Relation]) -> list[TableState]:
    return list(warehouse.states(wanted).values()) if isinstance(warehouse, Freshness) else []


class Holdings:
    """Of one project. What cannot be read is not known: it is left out. `apart`: whoever asks holds no warehouse, and must not look
    where a run works. `wakes`: what is asleep may be started for the look. `marks` False: nobody wants states that are only marked, and
    each look at them has its price."""

    def __init__(
        self, workspace: Workspace, *, apart: bool = False, wakes: bool = False, marks: bool = True
    ) -> None:
        self._workspace = workspace
        self._apart = apart
        self._wakes = wakes
        self._marks = marks
        self._reached = Reaching(workspace)
        self._kept: dict[Relation, Content] = {}
        self._states: dict[str, DataVersion] = {}
        self._unread: dict[str, PenstockError] = {}
        self._settled: set[str] = set()  # warehouses whose state is old enough to be told from the next one
        self._changed = False
        self._load()

    def knows(self, namespace: str) -> bool:
        """Whether that warehouse can tell what its tables hold."""
        return namespace in self._reached().tellers

    def only_marks(self, namespace: str) -> bool:
        """Whether that warehouse does not tell that two states hold the same rows."""
        return isinstance(self._reached().tellers.get(namespace), tuple)

    def unread(self, namespace: str) -> str | None:
        """Why that warehouse could not be read the last time, if it could not."""
        return self._unread[namespace].what if namespace in self._unread else None

    def asleep(self, namespace: str) -> bool:
        """Whether that was because it may not be started for the look: a run may."""
        return isinstance(self._unread.get(namespace), WarehouseAsleep)

    def of(self, wanted: Sets) -> dict[Relation, Content]:
        """The content of each relation that exists, with at least the hashes asked for; of one that may exist unseen, that it may."""
        found: dict[Relation, Content] = {}
        reached = self._reached()
        for namespace, warehouse in reached.tellers.items():
            own = {
                one: tuple(dict.fromkeys(sets)) for one, sets in wanted.items() if one.namespace == namespace
            }
            if own and (self._marks or not isinstance(warehouse, tuple)):
                try:
                    if self._apart:
                        refuse_if_in_use(self._workspace, reached.addresses[namespace])
                    found |= self._in(namespace, warehouse, own)
                    self._unread.pop(namespace, None)
                except PenstockError as error:
                    self._unread[namespace] = error
        return found

    def _in(
        self,
        namespace: str,
        warehouse: Teller,
        wanted: Mapping[Relation, tuple[ColumnSet | None, ...]],
    ) -> dict[Relation, Content]:
        if isinstance(warehouse, tuple):
            return marked(warehouse, wanted, wake=self._wakes)
        self._drop_if_changed(namespace, warehouse, wanted)
        missing = {one: sets for one, sets in wanted.items() if not self._has(one, sets)}
        if missing:
            for relation, content in warehouse.contents(missing).items():
                before = self._kept.get(relation)
                hashes = {**(before.hashes if before else {}), **content.hashes}
                self._changed = True
                self._kept[relation] = Content(
                    kind=content.kind,
                    columns=content.columns,
                    rows=content.rows,
                    hashes=hashes,
                    definition=content.definition,
                )
        return {one: self._kept[one] for one in wanted if one in self._kept}

    def _has(self, relation: Relation, sets: Iterable[ColumnSet | None]) -> bool:
        kept = self._kept.get(relation)
        return kept is not None and (kept.kind == "view" or all(one in kept.hashes for one in sets))

    def _drop_if_changed(self, namespace: str, warehouse: Contents, wanted: Iterable[Relation]) -> None:
        """What was read holds only while one state of the whole warehouse proves that nothing was written."""
        state = None
        whole = warehouse.state() if isinstance(warehouse, OneState) else None
        if whole is not None or isinstance(warehouse, Freshness):
            told = [whole] if whole is not None else _told(warehouse, wanted)
            states = {one for one in told if one.equal_means_same}
            one = next(iter(states)) if len(states) == 1 else None
            state = one.version if one is not None else None
            if one is not None and one.changed_at is not None and time.time() - one.changed_at > _SETTLES:
                self._settled.add(namespace)
            else:
                self._settled.discard(namespace)
        if state is None or self._states.get(namespace) != state:
            self._kept = {one: kept for one, kept in self._kept.items() if one.namespace != namespace}
        if state is None:
            self._states.pop(namespace, None)
        else:
            self._states[namespace] = state

    def save(self) -> None:
        """Keep what was read for the next command. A warehouse that was written a moment ago is left out: a further write might
        leave it with the same time."""
        if not self._changed:
            return
        known = {
            name: (version.value, [(one, kept) for one, kept in self._kept.items() if one.namespace == name])
            for name, version in self._states.items()
            if name in self._settled
        }
        self._workspace.state_dir  # noqa: B018  # makes the folder and its .gitignore
        private_folder(self._file.parent)
        write_private(self._file, msgspec.msgpack.encode((_FORMAT, known)))
        self._changed = False

    @property
    def _file(self) -> Path:
        name = f"contents-{self._workspace.project.environment}.msgpack"
        return self._workspace.project.state_dir / "snapshot" / name

    def _load(self) -> None:
        try:
            read = msgspec.msgpack.decode(self._file.read_bytes(), type=_Saved)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return  # none yet, or of another penstock: it is read anew
        if read[0] != _FORMAT:
            return
        for name, (value, contents) in read[1].items():
            self._states[name] = DataVersion(DataVersionKind.FILE, value)
            self._kept.update(contents)
