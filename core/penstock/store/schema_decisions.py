"""Tables of what was decided about each asset, by automation and in audits. In the run store's own metadata."""

from __future__ import annotations

from sqlalchemy import Column, Double, Index, Table

from penstock.store.schema_columns import count_column, metadata, text_column, time_column

# How automation saw an asset from that time on: a row for each change, none for "still the same". `build_key`: the code and data
# that it would be made from; `basis`: of which graph and policies that was said.
decisions = Table(
    "automation_decisions",
    metadata,
    text_column("environment", key=True),
    text_column("asset", key=True),
    Column("at", Double, primary_key=True),
    text_column("code", needed=True),
    text_column("reason", needed=True),
    time_column("until_at"),
    text_column("otherwise", needed=True),
    text_column("line", needed=True),
    text_column("build_key", needed=True),
    text_column("basis", needed=True),
    Index("automation_decisions_by_code", "environment", "code", "at"),
    sqlite_with_rowid=False,
)

# Since when an asset is looked at under a rule, and the code that it had: what was so before is no change.
seen = Table(
    "automation_seen",
    metadata,
    text_column("environment", key=True),
    text_column("asset", key=True),
    text_column("mark", needed=True),
    time_column("since", needed=True),
    text_column("code", needed=True),
    sqlite_with_rowid=False,
)

# What would have been reused in that run and was built to compare: the version that it held, and the one that it was built to.
reuse_audits = Table(
    "reuse_audits",
    metadata,
    text_column("run_id", key=True),
    text_column("asset", key=True),
    text_column("environment", needed=True),
    text_column("name", needed=True),
    time_column("compared_at", needed=True),
    text_column("outcome", needed=True),
    text_column("reason", needed=True),
    text_column("before", needed=True),
    text_column("after", needed=True),
    count_column("made_by"),
    Index("reuse_audits_by_asset", "environment", "asset", "compared_at"),
    sqlite_with_rowid=False,
)

# When newer data than that of `as_of` was expected for a promise, and when it came: a row for each age that the data had.
predictions = Table(
    "freshness_predictions",
    metadata,
    text_column("environment", key=True),
    text_column("asset", key=True),
    Column("as_of", Double, primary_key=True),
    time_column("made_at", needed=True),
    time_column("expected_at", needed=True),
    time_column("arrived_at"),
    sqlite_with_rowid=False,
)
