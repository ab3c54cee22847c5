"""Models that are made anew among others that are added to: never one whose own settings keep its rows."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from penstock_dbt.worker import made_anew


@pytest.mark.parametrize(("configured", "during"), [(None, True), (True, True), (False, False)])
def test_what_is_protected_keeps_its_rows(configured: bool | None, during: bool) -> None:
    node = SimpleNamespace(config=SimpleNamespace(full_refresh=configured))
    other = SimpleNamespace(config=SimpleNamespace(full_refresh=None))
    manifest = SimpleNamespace(nodes={"a": node, "b": other})
    made_anew(manifest, ["a"])
    assert (node.config.full_refresh, other.config.full_refresh) == (during, None)
    made_anew(manifest, [])
    assert node.config.full_refresh is configured
