"""How long a model may wait for new data, by dbt's own settings."""

from __future__ import annotations

from typing import Any

import pytest

from penstock_dbt.recipes import max_lag


@pytest.mark.parametrize(
    ("config", "seconds"),
    [
        ({}, None),
        ({"freshness": {"build_after": {"count": 4, "period": "hour"}}}, 14400.0),
        ({"freshness": {"build_after": {"count": None, "period": None}}}, None),
        ({"freshness": {"warn_after": {"count": 1, "period": "day"}}}, None),
        ({"state": {"lag_tolerance": "45m"}}, 2700.0),
        ({"state": {"lag_tolerance": "a while"}}, 0.0),
        (
            {"state": {"lag_tolerance": "1h"}, "freshness": {"build_after": {"count": 4, "period": "day"}}},
            3600.0,
        ),
    ],
)
def test_what_dbt_says(config: dict[str, Any], seconds: float | None) -> None:
    assert max_lag(config) == seconds
