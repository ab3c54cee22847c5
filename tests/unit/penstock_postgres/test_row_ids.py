"""The ids that rows get: version 4 UUIDs, none twice, all their digits by chance."""

from __future__ import annotations

import uuid

from penstock_postgres.writing import row_ids


def test_ids_are_random_uuids_and_none_comes_twice() -> None:
    texts = [one.decode() for one in row_ids(2_500)]
    found = [uuid.UUID(text) for text in texts]
    assert {one.version for one in found} == {4}
    assert {one.variant for one in found} == {uuid.RFC_4122}
    assert len(set(found)) == len(found)
    assert [str(one) for one in found] == texts
    seen = [len(set(signs)) for signs in zip(*texts, strict=True)]
    assert seen == [1 if place in (8, 13, 14, 18, 23) else 4 if place == 19 else 16 for place in range(36)]
    assert row_ids(0) == []
