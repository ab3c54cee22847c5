"""Which warehouses of penstock.yml tell what lies in a namespace. Several may lead to one account, each with what its role may see."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from penstock.assets import Relation
from penstock.errors import PenstockError
from penstock.integration import (
    UNSEEN,
    Address,
    Cancellation,
    ColumnSet,
    Content,
    Contents,
    Laid,
    OneState,
    StateMarks,
    TableState,
)
from penstock.service.workspace import Workspace

Teller = Contents | tuple[StateMarks, ...]
"""What hashes rows, or all that mark states there: one or the other."""


class Several:
    """Those that hash rows in one namespace: several databases of one server, or several users of one."""

    def __init__(self, *warehouses: Contents) -> None:
        self._warehouses = warehouses

    def with_one_more(self, warehouse: Contents) -> Several:
        return Several(*self._warehouses, warehouse)

    def state(self) -> TableState | None:
        """That of all of them; None where one does not tell."""
        states = [one.state() if isinstance(one, OneState) else None for one in self._warehouses]
        versions = [one.version.value for one in states if one is not None and one.version is not None]
        if states[0] is None or states[0].version is None or len(versions) < len(states):
            return None
        version = msgspec.structs.replace(states[0].version, value="\n".join(versions))
        same = all(one is not None and one.equal_means_same for one in states)
        return msgspec.structs.replace(states[0], version=version, equal_means_same=same)

    def contents(
        self, wanted: Mapping[Relation, Iterable[ColumnSet | None]], cancel: Cancellation | None = None
    ) -> dict[Relation, Content]:
        """Each is asked for what those before it did not see."""
        found: dict[Relation, Content] = {}
        for warehouse in self._warehouses:
            left = {
                one: sets for one, sets in wanted.items() if one not in found or found[one].kind == UNSEEN
            }
            if left:
                found |= warehouse.contents(left, cancel)
        return found

    def laid(self, relations: Iterable[Relation], cancel: Cancellation | None = None) -> dict[Relation, str]:
        wanted, found = list(relations), dict[Relation, str]()
        for warehouse in self._warehouses:
            left = [one for one in wanted if one not in found]
            if left and isinstance(warehouse, Laid):
                found |= warehouse.laid(left, cancel)
        return found


class Reached(msgspec.Struct, frozen=True):
    """Per namespace."""

    tellers: dict[str, Teller]
    addresses: dict[str, Address]


class Reaching:
    """Found once, by whichever thread asks first."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = threading.Lock()
        self._found: Reached | None = None

    def __call__(self) -> Reached:
        """Raises ConfigError, MissingVariable."""
        with self._lock:
            if self._found is None:
                self._found = _reached(self._workspace)
            return self._found


def _reached(workspace: Workspace) -> Reached:
    tellers: dict[str, Teller] = {}
    addresses: dict[str, Address] = {}
    for name in workspace.catalogs():
        warehouse = workspace.warehouse_of(workspace.connection(name))
        if warehouse is None:
            continue
        namespace = warehouse.address.namespace
        if isinstance(warehouse, StateMarks):
            before = tellers.get(namespace)
            tellers[namespace] = (*(before if isinstance(before, tuple) else ()), warehouse)
        elif isinstance(warehouse, Contents):
            tellers[namespace] = _beside(tellers.get(namespace), warehouse)
        else:
            continue
        addresses[namespace] = warehouse.address
    return Reached(tellers, addresses)


def _beside(before: Teller | None, warehouse: Contents) -> Contents:
    if before is None or isinstance(before, tuple):
        return warehouse
    return before.with_one_more(warehouse) if isinstance(before, Several) else Several(before, warehouse)


def marked(
    warehouses: Sequence[StateMarks], wanted: Iterable[Relation], *, wake: bool
) -> dict[Relation, Content]:
    """Each is asked for what those before it did not see. Where one cannot be asked, what nobody saw may be there all the same.

    Raises PenstockError where nothing is told of anything.
    """
    found: dict[Relation, Content] = {}
    left = list(wanted)
    failed: PenstockError | None = None
    for warehouse in warehouses:
        try:
            found |= warehouse.marked(left, wake=wake) if left else {}
        except PenstockError as error:
            failed = failed or error
        left = [one for one in left if one not in found or found[one].kind == UNSEEN]
    if failed is None:
        return found
    if not found:
        raise failed
    return dict.fromkeys(left, Content(kind=UNSEEN, columns=())) | found
