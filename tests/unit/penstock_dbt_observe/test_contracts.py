"""Which tables have foreign keys, by their contract."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from penstock_dbt.contracts import bound, contracted
from penstock_manifests.dbt import Node

KEY = {"type": "foreign_key", "columns": ["parent"], "to": '"shop"."parent"', "to_columns": ["id"]}
ENFORCED = {"contract": {"enforced": True}}


@pytest.mark.parametrize(
    ("on_model", "on_column", "config", "has"),
    [
        ([KEY], None, ENFORCED, True),
        (None, [{"type": "foreign_key", "expression": "parent (id)"}], ENFORCED, True),
        (None, [{"type": "custom", "expression": "references parent (id)"}], ENFORCED, True),
        ([{"type": "check", "expression": "foreign_key > 0"}], [{"type": "not_null"}], ENFORCED, False),
        ([KEY], None, {"contract": {"enforced": False}}, False),
        ([KEY], None, {}, False),
        (None, None, ENFORCED, False),
    ],
)
def test_foreign_keys(on_model: Any, on_column: Any, config: dict[str, object], has: bool) -> None:
    text = {
        "unique_id": "model.shop.child",
        "name": "child",
        "constraints": on_model,
        "columns": {"parent": {"name": "parent", "constraints": on_column}},
    }
    node = msgspec.json.decode(msgspec.json.encode(text), type=Node)
    assert bound(node, config) is has


def test_constraints_are_digested_as_dbt_writes_them() -> None:
    """Spaces included: as other bytes every model with a contract would be made once more."""
    told = b'[{"type": "not_null"}, {"type": "check", "expression": "a > 0"}]'
    document = b'{"unique_id": "a", "name": "a", "constraints": [], "columns": {"a": {"name": "a", "constraints": %b}}}'
    node = msgspec.json.decode(document % told, type=Node)
    assert contracted(node, ENFORCED) == [[("a", None, told)], b"[]"]
