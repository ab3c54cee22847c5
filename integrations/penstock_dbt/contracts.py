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


_CONSTRAINT = msgspec.json.Decoder(_Constraint)
_Told = tuple[msgspec.Raw, ...] | None


def enforced(config: Mapping[str, object]) -> bool:
    contract = config.get("contract")
    return isinstance(contract, dict) and bool(contract.get("enforced"))


def contracted(node: Node, config: Mapping[str, object]) -> list[object]:
    """What shapes the table, to be digested."""
    if not enforced(config):
        return []
    columns = [(one.name, one.data_type, _text(one.constraints)) for one in node.columns.values()]
    return [columns, _text(node.constraints)]


def _text(told: _Told) -> bytes:
    """As dbt writes them: digests of before stay right."""
    return b"[%b]" % b", ".join(map(bytes, told or ()))


def bound(node: Node, config: Mapping[str, object]) -> bool:
    """Whether its table has foreign keys. A custom constraint on a column is written out as it stands."""
    return enforced(config) and any(
        one.type == "foreign_key" or _REFERENCES.search(one.expression or "") is not None
        for one in _constraints(node)
    )


def _constraints(node: Node) -> Iterator[_Constraint]:
    for told in (node.constraints, *(one.constraints for one in node.columns.values())):
        yield from map(_CONSTRAINT.decode, told or ())
