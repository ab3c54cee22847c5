"""Settings and rows, read as what they must be."""

from __future__ import annotations

from decimal import Decimal

import pytest

from penstock.errors import ToolError
from penstock.integration import number_of, text_of, whole_of


def test_what_is_missing_or_empty_is_none() -> None:
    for read in (text_of, whole_of, number_of):
        assert [read({"a": None, "b": ""}, name) for name in ("a", "b", "c")] == [None, None, None]


def test_values_are_read_as_what_they_are() -> None:
    row = {"text": "7", "whole": 7, "exact": Decimal("7"), "part": "7.5", "name": 8}
    assert [whole_of(row, name) for name in ("text", "whole", "exact")] == [7, 7, 7]
    long = {
        "text": str(2**63 + 1),
        "exact": Decimal(2**63 + 1),
        "large": 2**63 + 1,
        "float": 1e3,
        "told": " 1e3 ",
    }
    assert [whole_of(long, name) for name in ("text", "exact", "large")] == [2**63 + 1] * 3, (
        "no number loses digits on its way through a float"
    )
    assert [whole_of(long, name) for name in ("float", "told")] == [1000, 1000]
    assert number_of(row, "part") == 7.5
    assert text_of(row, "name") == "8"


@pytest.mark.parametrize("value", ["hunter2", [5], "7.5", "1e999", "nan", float("inf")])
def test_a_wrong_value_is_named_and_not_shown(value: object) -> None:
    with pytest.raises(ToolError, match="`threads` is no") as wrong:
        whole_of({"threads": value}, "threads")
    assert str(value) not in str(wrong.value)
