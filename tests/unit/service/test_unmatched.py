"""A term that finds nothing is refused with what was written, and with the nearest name."""

from __future__ import annotations

import pytest

from penstock.errors import SelectionError, UnknownAsset
from penstock.service.choose import _refuse_unmatched
from tests.unit.graph import estate


@pytest.mark.parametrize("term", ["+", "stg_users+++", "++stg_users", "@@stg_users", "@"])
def test_a_walk_that_is_written_twice_or_around_nothing_is_no_missing_asset(term: str) -> None:
    graph = estate.graph()
    with pytest.raises(SelectionError) as refused:
        _refuse_unmatched(graph, graph.assets, [term])
    assert f"'{term}' cannot be read" in str(refused.value)


@pytest.mark.parametrize("term", ["stg_user", "2+stg_user", "stg_user+1", "@stg_user", "+fqn:stg_user+"])
def test_a_name_is_missed_without_its_walk(term: str) -> None:
    graph = estate.graph()
    with pytest.raises(UnknownAsset) as refused:
        _refuse_unmatched(graph, graph.assets, [term])
    assert refused.value.name == "stg_user"
    assert "stg_users" in refused.value.nearest
