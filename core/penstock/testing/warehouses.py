"""What holds for every warehouse, as far as it has the capability: catalog, counts, states, checks, cancelling."""

from __future__ import annotations

import threading

import pytest

from penstock.integration import (
    Cancellation,
    Catalog,
    Checks,
    Counts,
    Freshness,
    QueryCancelled,
    Scope,
    SqlCheck,
)
from penstock.testing.case import WarehouseCase


class WarehouseSuite:
    """Give it a `warehouse` fixture, a WarehouseCase."""

    def test_the_catalog_has_every_table_once(self, warehouse: WarehouseCase) -> None:
        able = warehouse.warehouse
        if not isinstance(able, Catalog):
            pytest.skip("it has no Catalog")
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
        able = warehouse.warehouse
        if not isinstance(able, Catalog):
            pytest.skip("it has no Catalog")
        pages = able.pages(Scope(relations=frozenset({relation})))
        assert [table.relation for page in pages for table in page.tables] == [relation]

    def test_rows_are_counted_of_what_exists(self, warehouse: WarehouseCase) -> None:
        able = warehouse.warehouse
        if not isinstance(able, Counts):
            pytest.skip("it has no Counts")
        counts = able.row_counts([*warehouse.tables, warehouse.absent])
        assert {relation: count.rows for relation, count in counts.items()} == dict(warehouse.tables)
        assert all(count.exact for count in counts.values())

    def test_a_state_proves_what_it_says(self, warehouse: WarehouseCase) -> None:
        able = warehouse.warehouse
        if not isinstance(able, Freshness):
            pytest.skip("it has no Freshness")
        first = next(iter(warehouse.tables))
        before = able.states([first, warehouse.absent])
        assert set(before) == {first}
        assert able.states([first])[first].version == before[first].version, "nothing has changed"
        if warehouse.change is None or not before[first].equal_means_same:
            return
        warehouse.change()
        after = able.states([first])[first]
        assert after.version != before[first].version, "other data, and its version is the same"

    def test_checks_answer_in_order_and_an_error_is_an_answer(self, warehouse: WarehouseCase) -> None:
        checks = [
            SqlCheck(id="none", sql="SELECT 0"),
            SqlCheck(id="wrong", sql="SELECT FROM WHERE"),
            SqlCheck(id="three", sql="SELECT 3"),
        ]
        able = warehouse.warehouse
        if not isinstance(able, Checks):
            pytest.skip("it has no Checks")
        results = list(able.run_checks(checks))
        assert [result.id for result in results] == ["none", "wrong", "three"]
        assert [result.failures for result in results] == [0, None, 3]
        assert results[1].error and results[0].error is None

    def test_one_query_answers_several_checks(self, warehouse: WarehouseCase) -> None:
        able = warehouse.warehouse
        if not isinstance(able, Checks):
            pytest.skip("it has no Checks")
        check = SqlCheck(id="both", sql="SELECT 0, 3", parts=("first", "second"))
        assert [(result.id, result.failures) for result in able.run_checks([check])] == [
            ("first", 0),
            ("second", 3),
        ]
        short = SqlCheck(id="short", sql="SELECT 0", parts=("first", "second"))
        assert [result.failures for result in able.run_checks([short])] == [None, None]

    def test_a_query_that_runs_is_cancelled(self, warehouse: WarehouseCase) -> None:
        able = warehouse.warehouse
        if not isinstance(able, Checks):
            pytest.skip("it has no Checks")
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
        able = warehouse.warehouse
        if not isinstance(able, Counts):
            pytest.skip("it has no Counts")
        with pytest.raises(QueryCancelled):
            able.row_counts(warehouse.tables, cancel=cancel)
