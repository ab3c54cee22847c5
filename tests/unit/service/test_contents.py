"""What is kept of the warehouses' contents holds while steps of several warehouses ask at the same time."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec
import pytest

from penstock import registry
from penstock.assets import DataVersion, DataVersionKind, Relation
from penstock.integration import Cancellation, ColumnSet, Content, Signal, TableState
from penstock.project import load_project
from penstock.service.contents import Holdings
from penstock.service.reached import Reached
from penstock.service.workspace import Workspace


class Written:
    """A warehouse into which its own step has written before each look."""

    def __init__(self) -> None:
        self.writes = 0

    def state(self) -> TableState:
        version = DataVersion(DataVersionKind.FILE, str(self.writes))
        return TableState(signal=Signal.FILE, version=version, changed_at=0.0, equal_means_same=True)

    def contents(self, wanted: Mapping[Relation, Iterable[ColumnSet | None]]) -> dict[Relation, Content]:
        return {one: Content(kind="table", columns=(), hashes={None: str(self.writes)}) for one in wanted}


class WrittenMeanwhile(Written):
    """Somebody writes after its state was told, right before the table is read the second time."""

    looks = 0

    def state(self) -> TableState:
        return msgspec.structs.replace(super().state(), signal=Signal.COMMIT)

    def contents(
        self, wanted: Mapping[Relation, Iterable[ColumnSet | None]], cancel: Cancellation | None = None
    ) -> dict[Relation, Content]:
        self.writes += 1
        return {
            one: Content(
                kind="table", columns=(), hashes={columns: f"{columns} {self.writes}" for columns in sets}, laid=str(self.writes)
            )
            for one, sets in wanted.items()
        }  # fmt: skip

    def laid(self, relations: Iterable[Relation], cancel: Cancellation | None = None) -> dict[Relation, str]:
        self.looks += 1
        return dict.fromkeys(relations, str(self.writes))


@pytest.fixture
def quick_turns() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def holdings_in(root: Path, warehouses: Mapping[str, Written]) -> Holdings:
    (root / "penstock.yml").write_text("name: two\n")
    project = load_project(root, environment=None, integrations=registry.names(), environ={})
    holdings = Holdings(Workspace(project, environ={}))
    holdings._reached = lambda: Reached(warehouses, {})  # type: ignore[assignment, arg-type]
    return holdings


def test_a_hash_of_former_rows_is_not_proved_by_how_the_present_ones_lie(tmp_path: Path) -> None:
    holdings, table = holdings_in(tmp_path, {"one": WrittenMeanwhile()}), Relation("one", "x", "d", "s", "t")
    assert holdings.of({table: (None,)})[table].hashes == {None: "None 1"}
    assert holdings.of({table: (("a",),)})[table].hashes["a",] == "('a',) 2"
    assert holdings.of({table: (None,)})[table].hashes[None] == "None 3"


def test_how_a_table_lies_is_told_without_a_hash(tmp_path: Path) -> None:
    warehouse, table = WrittenMeanwhile(), Relation("one", "x", "d", "s", "t")
    holdings = holdings_in(tmp_path, {"one": warehouse})
    assert holdings.lies([table, table]) == {table: "0"}
    assert warehouse.writes == 0, "nothing was hashed"
    assert holdings.of({table: (None,)})[table].laid == holdings.lies([table])[table]
    warehouse.writes, warehouse.looks = 5, 0
    assert holdings.lies([table]) == {table: "5"}
    assert (warehouse.writes, warehouse.looks) == (5, 1), "asked once, though another state was known"


@pytest.mark.usefixtures("quick_turns")
def test_two_warehouses_are_looked_at_by_two_threads(tmp_path: Path) -> None:
    warehouses = {name: Written() for name in ("one", "other")}
    holdings = holdings_in(tmp_path, warehouses)
    wrong: list[str] = []

    def steps(name: str) -> None:
        relations = [Relation(name, "duckdb", "d", "s", f"t{number}") for number in range(200)]
        try:
            for _ in range(60):
                warehouses[name].writes += 1
                found = holdings.of(dict.fromkeys(relations, (None,)))
                now = str(warehouses[name].writes)
                wrong.extend("stale" for one in relations if found[one].hashes[None] != now)
        except Exception as error:
            wrong.append(repr(error))

    threads = [threading.Thread(target=steps, args=(name,)) for name in warehouses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
