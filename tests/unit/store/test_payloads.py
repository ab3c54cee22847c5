"""What events say: one record per kind, read back as it was written, also from a store of the schema before."""

from __future__ import annotations

import msgspec

from penstock.assets import DataVersion, DataVersionKind
from penstock.store.fold import KINDS
from penstock.store.payloads import PAYLOADS, ItemEnded, Materialized, Payload, RunEnded, decoded


def test_every_kind_of_event_has_its_record() -> None:
    assert PAYLOADS.keys() == KINDS


def test_what_is_not_known_is_not_written() -> None:
    assert msgspec.json.encode(ItemEnded(rows=3)) == b'{"rows":3}'
    assert msgspec.json.encode(Payload()) == b"{}"
    assert decoded("run.ended", '{"message":"over","later":1}') == RunEnded(message="over")
    assert decoded("run.exploded", "{}") is None


def test_facts_that_an_older_penstock_wrote_beside_the_fields_are_kept() -> None:
    text = (
        '{"rows":3,"materialization":{"data_version":{"kind":"job","value":"r/s/1"},"code_version":"v",'
        '"status":"success","rows_affected":3,"facts":{"cause":"x"}}}'
    )
    assert decoded("item.finished", text) == ItemEnded(
        rows=3,
        materialization=Materialized(
            data_version=DataVersion(DataVersionKind.JOB, "r/s/1"),
            code_version="v",
            facts={"cause": "x", "status": "success", "rows_affected": 3},
        ),
    )
