"""What dbt's incremental strategies do with the rows that are there. Words only: who lists assets compiles none of the patterns
of `repeating`."""

from __future__ import annotations

# Strategies that replace whole partitions or batches, key or no key.
REPLACING = frozenset({"insert_overwrite", "microbatch"})
