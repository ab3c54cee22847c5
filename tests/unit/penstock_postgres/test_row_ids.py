"""The ids that rows get: version 4 UUIDs, none twice, across the blocks in which their randomness is taken."""

from __future__ import annotations

import uuid
from itertools import islice

from penstock_postgres.writing import row_ids


def test_ids_are_random_uuids_and_none_comes_twice() -> None:
    texts = [one.decode() for one in islice(row_ids(), 2_500)]
    found = [uuid.UUID(text) for text in texts]
    assert {one.version for one in found} == {4}
    assert {one.variant for one in found} == {uuid.RFC_4122}
    assert len(set(found)) == len(found)
    assert [str(one) for one in found] == texts
