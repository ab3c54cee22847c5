"""Which data the warehouses hold now: hashes of what is asked for, kept while the warehouse is certainly unchanged, or marks of
states, asked for anew each time."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from penstock.assets import Relation
from penstock.change import as_it_lies
from penstock.errors import PenstockError, WarehouseAsleep
from penstock.integration import (
    UNSEEN,
    ColumnSet,
    Content,
    Contents,
    Freshness,
    Laid,
    OneState,
    Signal,
    TableState,
)
from penstock.service.inuse import refuse_if_in_use
from penstock.service.reached import Reaching, Teller, marked
from penstock.service.workspace import Workspace
from penstock.system.files import private_folder, write_private

_FORMAT = 2
_SETTLES = 2.0  # seconds: more than the finest step of any file system's clock
_Saved = tuple[int, dict[str, tuple[str, list[tuple[Relation, Content]]]]]
T = TypeVar("T")
Sets = Mapping[Relation, Iterable[ColumnSet | None]]


def _settled(state: TableState) -> bool:
    if state.signal is not Signal.FILE:
        return True
    return state.changed_at is not None and time.time() - state.changed_at > _SETTLES


def _told(warehouse: Contents, wanted: Iterable[Relation]) -> list[TableState]:
    return list(warehouse.states(wanted).values()) if isinstance(warehouse, Freshness) else []


class _Kept:
    """What was read of one warehouse, and the state that it had then. Whoever reads or changes it holds the lock."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.contents: dict[Relation, Content] = {}
        self.unsure: set[Relation] = set()  # read in an earlier state: each holds what it held, or not
        self.state: str | None = None
        self.settled = False  # the state is old enough to be told from the next one
        self.changed = False


class Holdings:
    """Of one project; steps of several warehouses ask at the same time. What cannot be read is not known: it is left out.
    `apart`: whoever asks holds no warehouse, and must not look where a run works. `wakes`: what is asleep may be started for the look.
    `looks` False: nobody wants to know, and nothing is looked at where that has its price."""

    def __init__(
        self, workspace: Workspace, *, apart: bool = False, wakes: bool = False, looks: bool = True
    ) -> None:
        self._workspace = workspace
        self._apart = apart
        self._wakes = wakes
        self._looks = looks
        self._reached = Reaching(workspace)
        self._lock = threading.Lock()
        self._kept: defaultdict[str, _Kept] = defaultdict(_Kept)
        self._unread: dict[str, PenstockError] = {}
        self._load()

    def knows(self, namespace: str) -> bool:
        """Whether that warehouse can tell what its tables hold."""
        return namespace in self._reached().tellers

    def only_marks(self, namespace: str) -> bool:
        """Whether that warehouse does not tell that two states hold the same rows."""
        return isinstance(self._reached().tellers.get(namespace), tuple)

    def shared(self, namespace: str) -> bool:
        """Whether others may write there at any time, and rows are hashed."""
        reached = self._reached()
        address = reached.addresses.get(namespace)
        return address is not None and address.slots != 1 and not self.only_marks(namespace)

    def has_a_price(self, namespace: str) -> bool:
        """Whether each look there is billed, or scans what another server holds."""
        return self.only_marks(namespace) or self.shared(namespace)

    def views_fall(self, namespace: str) -> bool:
        """Whether what replaces a table or view there drops the views above it, and the foreign keys to it."""
        address = self._reached().addresses.get(namespace)
        return address is not None and address.views_fall

    def unread(self, namespace: str) -> str | None:
        """Why that warehouse could not be read the last time, if it could not."""
        return self._unread[namespace].what if namespace in self._unread else None

    def asleep(self, namespace: str) -> bool:
        """Whether that was because it may not be started for the look: a run may."""
        return isinstance(self._unread.get(namespace), WarehouseAsleep)

    def of(self, wanted: Sets) -> dict[Relation, Content]:
        """The content of each relation that exists, with at least the hashes asked for; of one that may exist unseen, that it may."""

        def read(namespace: str, warehouse: Teller, own: list[Relation]) -> dict[Relation, Content]:
            return self._in(namespace, warehouse, {one: tuple(dict.fromkeys(wanted[one])) for one in own})

        return self._each(wanted, read)

    def _each(
        self, wanted: Iterable[Relation], read: Callable[[str, Teller, list[Relation]], dict[Relation, T]]
    ) -> dict[Relation, T]:
        """What is read of those of each warehouse. One that cannot be read takes no other with it."""
        found: dict[Relation, T] = {}
        reached = self._reached()
        spaces: defaultdict[str, list[Relation]] = defaultdict(list)
        for one in dict.fromkeys(wanted):
            spaces[one.namespace].append(one)
        for namespace, warehouse in reached.tellers.items():
            own = spaces.get(namespace)
            if own and (self._looks or not self.has_a_price(namespace)):
                try:
                    if self._apart:
                        refuse_if_in_use(self._workspace, reached.addresses[namespace])
                    found |= read(namespace, warehouse, own)
                    self._unread.pop(namespace, None)
                except PenstockError as error:
                    self._unread[namespace] = error
        return found

    def laid(self, relations: Iterable[Relation]) -> dict[Relation, str]:
        """How each lies now, whatever was read before: what `as_it_lies` tells of it later, if nobody writes there. Of what cannot be read,
        nothing. From any thread."""
        wanted = list(relations)
        found: dict[Relation, str] = {}
        for namespace, warehouse in self._reached().tellers.items():
            own = [one for one in wanted if one.namespace == namespace]
            if own and self._looks and not isinstance(warehouse, tuple):
                with suppress(PenstockError):
                    found |= _laid(warehouse, own)
        return found

    def lies(self, relations: Iterable[Relation]) -> dict[Relation, str]:
        """How each lies, as `as_it_lies` tells of it, where rows are hashed: the hash is left for who needs it. Of what is not there, and of
        what nothing tells, nothing."""
        return self._each(relations, self._lies_in)

    def _lies_in(self, namespace: str, warehouse: Teller, wanted: list[Relation]) -> dict[Relation, str]:
        if isinstance(warehouse, tuple):
            return {}
        kept = self._kept_in(namespace)
        with kept.lock:
            _drop_if_changed(kept, warehouse, wanted)
            found = _drop_what_lies_otherwise(kept, warehouse, wanted)
            found |= {one: told for one in wanted if (told := as_it_lies(kept.contents.get(one)))}
            if (left := [one for one in wanted if one not in found]) and isinstance(warehouse, Laid):
                found |= warehouse.laid(left)
            if untold := {one: (None,) for one in wanted if one not in found}:
                _add(kept, warehouse.contents(untold))
            read = {one: told for one in untold if (told := as_it_lies(kept.contents.get(one)))}
            return found | read

    def _in(
        self,
        namespace: str,
        warehouse: Teller,
        wanted: Mapping[Relation, tuple[ColumnSet | None, ...]],
    ) -> dict[Relation, Content]:
        if isinstance(warehouse, tuple):
            return marked(warehouse, wanted, wake=self._wakes)
        kept = self._kept_in(namespace)
        with kept.lock:
            _drop_if_changed(kept, warehouse, wanted)
            _drop_what_lies_otherwise(kept, warehouse, wanted)
            if missing := {one: sets for one, sets in wanted.items() if not _has(kept, one, sets)}:
                _add(kept, warehouse.contents(missing))
            return {one: kept.contents[one] for one in wanted if one in kept.contents}

    def _kept_in(self, namespace: str) -> _Kept:
        with self._lock:
            return self._kept[namespace]

    def save(self) -> None:
        """Keep what was read for the next command. A warehouse that was written a moment ago is left out: a further write might
        leave it with the same time."""
        with self._lock:
            every = dict(self._kept)
        if not any(kept.changed for kept in every.values()):
            return
        known = {}
        for name, kept in every.items():
            with kept.lock:
                kept.changed = False
                if kept.state is not None and kept.settled:
                    # What was not looked at may be, by the settings of the next command.
                    sure = [
                        (one, read)
                        for one, read in kept.contents.items()
                        if one not in kept.unsure and read.kind != UNSEEN
                    ]
                    known[name] = (kept.state, sure)
        self._workspace.state_dir  # noqa: B018  # makes the folder and its .gitignore
        private_folder(self._file.parent)
        write_private(self._file, msgspec.msgpack.encode((_FORMAT, known)))

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
            kept = self._kept[name]
            kept.state = value
            kept.contents.update(contents)


def _laid(warehouse: Contents, relations: Sequence[Relation]) -> dict[Relation, str]:
    found = warehouse.laid(relations) if isinstance(warehouse, Laid) else {}
    left: dict[Relation, tuple[ColumnSet | None, ...]] = {
        one: (None,) for one in relations if one not in found
    }
    read = warehouse.contents(left) if left else {}
    return found | {one: told for one, content in read.items() if (told := as_it_lies(content))}


def _has(kept: _Kept, relation: Relation, sets: Iterable[ColumnSet | None]) -> bool:
    known = kept.contents.get(relation)
    return known is not None and (known.kind in ("view", UNSEEN) or all(one in known.hashes for one in sets))


def _add(kept: _Kept, read: Mapping[Relation, Content]) -> None:
    """What was read before is of the same rows only where they lie the same: somebody may write between the state and the look."""
    for relation, content in read.items():
        before = kept.contents.get(relation)
        same = before is not None and before.laid == content.laid
        hashes = {**(before.hashes if before is not None and same else {}), **content.hashes}
        kept.contents[relation] = msgspec.structs.replace(content, hashes=hashes)
        kept.changed = True


def _drop_if_changed(kept: _Kept, warehouse: Contents, wanted: Iterable[Relation]) -> None:
    """What was read holds only while one state of the whole warehouse proves that nothing was written."""
    state = None
    whole = warehouse.state() if isinstance(warehouse, OneState) else None
    if whole is not None or isinstance(warehouse, Freshness):
        told = [whole] if whole is not None else _told(warehouse, wanted)
        states = {one for one in told if one.equal_means_same}
        one = next(iter(states)) if len(states) == 1 else None
        state = one.version.value if one is not None and one.version is not None else None
        kept.settled = one is not None and _settled(one)
    if state is not None and kept.state == state:
        return
    kept.state = state
    if isinstance(warehouse, Laid):
        kept.unsure |= kept.contents.keys()
    else:
        kept.contents.clear()


def _drop_what_lies_otherwise(
    kept: _Kept, warehouse: Contents, wanted: Iterable[Relation]
) -> dict[Relation, str]:
    """Of those read in an earlier state of the warehouse; and how they lie. A write after this look makes another state, which the next one
    sees."""
    asked = {one: kept.contents[one] for one in wanted if one in kept.unsure}
    if not asked or not isinstance(warehouse, Laid):
        return {}
    laid = warehouse.laid([one for one, content in asked.items() if content.laid])
    for one, content in asked.items():
        if not content.laid or laid.get(one) != content.laid:
            del kept.contents[one]
    kept.unsure -= asked.keys()
    return laid
