"""What holds for every warehouse, as far as it has the capability: catalog, counts, states, checks, cancelling."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar, cast

import pytest

from penstock.errors import PenstockError
from penstock.integration import (
    Answers,
    Cancellation,
    Catalog,
    Checks,
    Counts,
    Freshness,
    Jobs,
    QueryCancelled,
    Scope,
    SqlCheck,
    StateMarks,
    UsageReports,
)
from penstock.testing.case import WarehouseCase
from penstock.testing.evidence import PROPERTY

_C = TypeVar("_C")


class WarehouseSuite:
    """Give it a `warehouse` fixture, a WarehouseCase."""

    @pytest.fixture(autouse=True)
    def _evidence(self, record_property: Callable[[str, object], None]) -> None:
        self._record = record_property

    def _able(self, warehouse: WarehouseCase, capability: Callable[..., _C]) -> _C:
        """The warehouse, if it has the capability; that it was tried is remembered."""
        able = warehouse.warehouse
        if not isinstance(able, cast(type, capability)):
            pytest.skip(f"it has no {capability.__name__}")
        place = warehouse.warehouse.address.namespace.partition(":")[0]
        self._record(PROPERTY, (place, capability.__name__, warehouse.real, warehouse.stands_in))
        return cast("_C", able)

    def test_the_catalog_has_every_table_once(self, warehouse: WarehouseCase) -> None:
        able = self._able(warehouse, Catalog)
        pages = list(able.pages())
        found = [table.relation for page in pages for table in page.tables]
        assert len(found) == len(set(found))
        assert set(found) >= set(warehouse.tables)
        assert warehouse.absent not in found
        assert not any(page.changes_only for page in pages), "nothing was asked of changes"
        for table in (table for page in pages for table in page.tables):
            assert table.relation.namespace == warehouse.warehouse.address.namespace
            if table.relation in warehouse.tables and table.rows is not None and table.rows.exact:
                assert table.rows.rows == warehouse.tables[table.relation]

    def test_a_scope_leaves_out_the_rest(self, warehouse: WarehouseCase) -> None:
        relation = next(iter(warehouse.tables))
        able = self._able(warehouse, Catalog)
        pages = able.pages(Scope(relations=frozenset({relation})))
        assert [table.relation for page in pages for table in page.tables] == [relation]

    def test_rows_are_counted_of_what_exists(self, warehouse: WarehouseCase) -> None:
        able = self._able(warehouse, Counts)
        counts = able.row_counts([*warehouse.tables, warehouse.absent])
        assert {relation: count.rows for relation, count in counts.items()} == dict(warehouse.tables)
        assert all(count.exact for count in counts.values())

    def test_a_state_proves_what_it_says(self, warehouse: WarehouseCase) -> None:
        able = self._able(warehouse, Freshness)
        first = next(iter(warehouse.tables))
        before = able.states([first, warehouse.absent])
        assert set(before) == {first}
        assert able.states([first])[first].version == before[first].version, "nothing has changed"
        if warehouse.change is None or not before[first].equal_means_same:
            return
        warehouse.change()
        after = able.states([first])[first]
        assert after.version != before[first].version, "other data, and its version is the same"

    def test_a_mark_stands_for_one_state(self, warehouse: WarehouseCase) -> None:
        able = self._able(warehouse, StateMarks)
        first = next(iter(warehouse.tables))
        before = able.marked([first, warehouse.absent], wake=True)
        assert set(before) == {first}
        assert before[first].state and before[first].changed_at is not None and not before[first].hashes
        assert able.marked([first], wake=True)[first].state == before[first].state, "nothing has changed"
        if warehouse.change is not None:
            warehouse.change()
            after = able.marked([first], wake=True)[first]
            assert after.state != before[first].state, "other data, and its mark is the same"

    def test_checks_answer_in_order_and_an_error_is_an_answer(self, warehouse: WarehouseCase) -> None:
        checks = [
            SqlCheck(id="none", sql="SELECT 0"),
            SqlCheck(id="wrong", sql="SELECT FROM WHERE"),
            SqlCheck(id="three", sql="SELECT 3"),
        ]
        able = self._able(warehouse, Checks)
        results = list(able.run_checks(checks))
        assert [result.id for result in results] == ["none", "wrong", "three"]
        assert [result.failures for result in results] == [0, None, 3]
        assert results[1].error and results[0].error is None

    def test_one_query_answers_several_checks(self, warehouse: WarehouseCase) -> None:
        able = self._able(warehouse, Checks)
        check = SqlCheck(id="both", sql="SELECT 0, 3", parts=("first", "second"))
        assert [(result.id, result.failures) for result in able.run_checks([check])] == [
            ("first", 0),
            ("second", 3),
        ]
        short = SqlCheck(id="short", sql="SELECT 0", parts=("first", "second"))
        assert [result.failures for result in able.run_checks([short])] == [None, None]

    def test_a_query_is_answered_as_text(self, warehouse: WarehouseCase) -> None:
        able = self._able(warehouse, Answers)
        assert able.answers("SELECT 7 AS n, 'a' AS t, NULL AS none;", most=5) == [("7", "a", None)]
        many = "SELECT 1 AS n UNION ALL SELECT 1 UNION ALL SELECT 1"
        assert able.answers(many, most=2) == [("1",), ("1",)]
        for wrong in ("SELECT FROM WHERE", "CREATE TABLE penstock_answers AS SELECT 1 AS n"):
            with pytest.raises(PenstockError):
                able.answers(wrong, most=1)

    def test_a_query_that_runs_is_cancelled(self, warehouse: WarehouseCase) -> None:
        able = self._able(warehouse, Checks)
        if warehouse.endless is None:
            pytest.skip("the case has no query that runs for long")
        cancel = Cancellation()
        timer = threading.Timer(0.3, cancel.cancel)
        timer.start()
        with pytest.raises(QueryCancelled):
            list(able.run_checks([SqlCheck(id="endless", sql=warehouse.endless)], cancel))
        timer.join()
        (after,) = able.run_checks([SqlCheck(id="next", sql="SELECT 0")])
        assert after.failures == 0

    def test_what_is_cancelled_before_it_begins_does_not_begin(self, warehouse: WarehouseCase) -> None:
        cancel = Cancellation()
        cancel.cancel()
        able = self._able(warehouse, Counts)
        with pytest.raises(QueryCancelled):
            able.row_counts(warehouse.tables, cancel=cancel)

    def test_usage_is_told_once_per_query_of_its_time(self, warehouse: WarehouseCase) -> None:
        able = self._able(warehouse, UsageReports)
        if warehouse.used is None:
            pytest.skip("the case has no time with usage")
        begin, end = warehouse.used
        rows = list(able.usage(begin, end))
        queries = [row.query for row in rows if not row.whole]
        assert queries and len(queries) == len(set(queries))
        assert all(begin <= row.at < end for row in rows)
        assert all(row.usage.currency for row in rows if row.usage.money is not None)
        assert not any(row.pending and row.usage.money is not None for row in rows)
        middle = (begin + end) / 2
        halves = [row.query for part in ((begin, middle), (middle, end)) for row in able.usage(*part)]
        assert sorted(halves) == sorted(row.query for row in rows), "two halves are not the whole"

    def test_runs_of_its_own_jobs_are_told_once(self, warehouse: WarehouseCase) -> None:
        able = self._able(warehouse, Jobs)
        if warehouse.jobs_since is None:
            pytest.skip("the case has no runs of jobs")
        runs = list(able.job_runs(warehouse.jobs_since))
        assert runs and len(runs) == len({(run.job, run.run) for run in runs})
        assert all(run.ended_at is None or run.ended_at >= warehouse.jobs_since for run in runs)
        assert all((run.outcome is None) == (run.ended_at is None) for run in runs)
