"""What an enforced contract makes of a model's table beside its rows: types and constraints."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from penstock_manifests.dbt import Node

_REFERENCES = re.compile(r"\breferences\b", re.IGNORECASE)


class _Constraint(msgspec.Struct, frozen=True):
    type: str | None = None
    expression: str | None = None


_CONSTRAINTS = msgspec.json.Decoder(list[_Constraint] | None)


def enforced(config: Mapping[str, object]) -> bool:
    contract = config.get("contract")
    return isinstance(contract, dict) and bool(contract.get("enforced"))


def contracted(node: Node, config: Mapping[str, object]) -> list[object]:
    """What shapes the table, to be digested."""
    if not enforced(config):
        return []
    columns = [(one.name, one.data_type, bytes(one.constraints)) for one in node.columns.values()]
    return [columns, bytes(node.constraints)]


def bound(node: Node, config: Mapping[str, object]) -> bool:
    """Whether its table has foreign keys. A custom constraint on a column is written out as it stands."""
    return enforced(config) and any(
        one.type == "foreign_key" or _REFERENCES.search(one.expression or "") is not None
        for one in _constraints(node)
    )


def _constraints(node: Node) -> Iterator[_Constraint]:
    for raw in (node.constraints, *(one.constraints for one in node.columns.values())):
        yield from _CONSTRAINTS.decode(raw) or ()
