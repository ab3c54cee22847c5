"""The run store's tables, the same on SQLite and PostgreSQL. Structures inside a row are JSON text; times are epoch seconds.

Every row carries its environment. `events` is append-only; the state columns of runs, run_items, steps and attempts are
what the events fold to (see fold.py).
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
)

from penstock.store import schema_columns
from penstock.store import schema_decisions as schema_decisions  # noqa: PLC0414  # as below
from penstock.store import schema_inbox as schema_inbox  # noqa: PLC0414  # as below
from penstock.store import schema_people as schema_people  # noqa: PLC0414  # its tables are in the same metadata
from penstock.store.schema_columns import SERIAL, count_column, text_column, time_column

SCHEMA_VERSION = "0016"
DONE = "decision <> 'skip'"
"""Of items: the run was to do something about it."""
metadata = schema_columns.metadata
# In SQL: an `Index` with a condition brings along the dialects of all databases that it has one for, into every command.
PARTIAL_INDEXES = (
    f"CREATE INDEX run_items_done ON run_items (environment, item, run_number) WHERE {DONE}",
    "CREATE INDEX materializations_by_reuse_key ON materializations (reuse_key) WHERE reuse_key IS NOT NULL",
)

version = Table("penstock_schema", metadata, text_column("version_num", key=True))

runs = Table(
    "runs",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    text_column("environment", needed=True),
    text_column("state", needed=True),
    text_column("selection", needed=True),
    text_column("command", needed=True),
    text_column("graph_hash", needed=True),
    time_column("created_at", needed=True),
    time_column("started_at"),
    time_column("ended_at"),
    text_column("message"),
    text_column("counts"),
    text_column("retry_of"),
    text_column("run_key"),
    text_column("wanted"),
    text_column("flags"),
    Index("runs_key", "environment", "run_key", unique=True),
    sqlite_autoincrement=True,
)

plans = Table(
    "plans",
    metadata,
    text_column("run_id", key=True),
    text_column("environment", needed=True),
    Column("document", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

run_items = Table(
    "run_items",
    metadata,
    text_column("run_id", key=True),
    text_column("item", key=True),
    text_column("environment", needed=True),
    count_column("run_number", needed=True),
    count_column("position", needed=True),
    text_column("ref", needed=True),
    text_column("kind", needed=True),
    text_column("name", needed=True),
    text_column("resource_type", needed=True),
    text_column("decision", needed=True),
    text_column("reason", needed=True),
    text_column("code", needed=True),
    text_column("unit", needed=True),
    text_column("severity", needed=True),
    text_column("relation"),
    text_column("state", needed=True),
    text_column("step"),
    count_column("attempt"),
    time_column("started_at"),
    time_column("ended_at"),
    time_column("seconds"),
    count_column("rows"),
    count_column("size_bytes"),
    text_column("message"),
    text_column("cause"),
    time_column("window_start"),
    time_column("window_end"),
    text_column("provenance"),
    time_column("used_seconds"),
    count_column("used_bytes"),
    time_column("used_slots"),
    time_column("used_money"),
    text_column("used_currency"),
    Index("run_items_by_item", "environment", "item", "run_number"),
    sqlite_with_rowid=False,
)

steps = Table(
    "steps",
    metadata,
    text_column("run_id", key=True),
    text_column("id", key=True),
    text_column("environment", needed=True),
    text_column("integration", needed=True),
    text_column("instance", needed=True),
    text_column("kind", needed=True),
    text_column("batch"),
    text_column("state", needed=True),
    text_column("items", needed=True),
    time_column("created_at", needed=True),
    time_column("started_at"),
    time_column("ended_at"),
    count_column("attempts", needed=True),
    text_column("message"),
    text_column("waited"),
    sqlite_with_rowid=False,
)

attempts = Table(
    "attempts",
    metadata,
    text_column("run_id", key=True),
    text_column("step", key=True),
    count_column("attempt", key=True),
    text_column("environment", needed=True),
    text_column("state", needed=True),
    text_column("items"),
    count_column("fence", needed=True),
    time_column("intent_at", needed=True),
    time_column("started_at"),
    time_column("ended_at"),
    text_column("external"),
    text_column("outcome"),
    text_column("message"),
    Column("retryable", Boolean, nullable=False),
    text_column("log"),
    text_column("tail"),
    text_column("intent"),
    sqlite_with_rowid=False,
)

events = Table(
    "events",
    metadata,
    text_column("run_id", key=True),
    count_column("seq", key=True),
    time_column("at", needed=True),
    text_column("kind", needed=True),
    text_column("environment", needed=True),
    text_column("state"),
    text_column("step"),
    count_column("attempt"),
    text_column("item"),
    text_column("data"),
    count_column("position"),
    Index("events_by_position", "position", unique=True),
    sqlite_with_rowid=False,
)

materializations = Table(
    "materializations",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    text_column("run_id", needed=True),
    text_column("step", needed=True),
    count_column("attempt", needed=True),
    text_column("environment", needed=True),
    text_column("asset", needed=True),
    text_column("outcome", needed=True),
    time_column("started_at"),
    time_column("ended_at", needed=True),
    text_column("relation"),
    time_column("seconds"),
    count_column("rows"),
    count_column("size_bytes"),
    text_column("columns"),
    text_column("code_version"),
    text_column("text_hash"),
    text_column("template_hash"),
    text_column("macro_hash"),
    text_column("metadata_version"),
    text_column("variables"),
    text_column("sql_ref"),
    text_column("materialized"),
    text_column("mode"),
    text_column("tool_version"),
    text_column("adapter_version"),
    text_column("data_version_kind"),
    text_column("data_version"),
    time_column("data_version_at"),
    text_column("inputs"),
    text_column("column_hashes"),
    Column("stable", Boolean),
    text_column("warehouse_token"),
    text_column("reuse_key"),
    text_column("clone_of"),
    text_column("base_commit"),
    Column("dirty", Boolean),
    text_column("facts"),
    time_column("window_start"),
    time_column("window_end"),
    text_column("provenance"),
    Index("materializations_by_asset", "environment", "asset", "id"),
    Index("materializations_by_run", "run_id"),
)

check_results = Table(
    "check_results",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    text_column("run_id", needed=True),
    text_column("step", needed=True),
    count_column("attempt", needed=True),
    text_column("environment", needed=True),
    text_column("check_key", needed=True),
    text_column("name", needed=True),
    text_column("outcome", needed=True),
    time_column("started_at"),
    time_column("ended_at", needed=True),
    time_column("seconds"),
    count_column("failures"),
    text_column("message"),
    text_column("inputs"),
    text_column("facts"),
    Index("check_results_by_check", "environment", "check_key", "id"),
    Index("check_results_by_run", "run_id"),
)

outside = Table(
    "outside_materializations",
    metadata,
    text_column("environment", key=True),
    text_column("asset", key=True),
    Column("at", Double, primary_key=True),
    text_column("status", needed=True),
    text_column("made_by", needed=True),
    count_column("rows"),
    text_column("message"),
    time_column("seconds"),
)

leases = Table(
    "leases",
    metadata,
    text_column("name", key=True),
    text_column("environment", needed=True),
    text_column("run_id", needed=True),
    text_column("step"),
    text_column("owner"),
    count_column("fence", needed=True),
    time_column("acquired_at", needed=True),
    time_column("expires_at", needed=True),
    time_column("window_start"),
    time_column("window_end"),
    sqlite_with_rowid=False,
)

# How many events have been committed: the row is locked from the numbering of events to their commit, so that nobody who
# follows the positions ever sees a later one before an earlier one.
event_count = Table(
    "event_count",
    metadata,
    count_column("id", key=True),
    count_column("last", needed=True),
    sqlite_with_rowid=False,
)

# How far each sink of events has come.
event_cursors = Table(
    "event_cursors",
    metadata,
    text_column("sink", key=True),
    count_column("position", needed=True),
    time_column("moved_at", needed=True),
    sqlite_with_rowid=False,
)

# How far a schedule was looked at, in which form, and whether a person has paused it. The name `*` is all of automation.
schedules = Table(
    "automation_schedules",
    metadata,
    text_column("environment", key=True),
    text_column("name", key=True),
    text_column("fingerprint", needed=True),
    time_column("looked_until", needed=True),
    time_column("changed_at", needed=True),
    time_column("paused_at"),
    text_column("paused_by"),
    text_column("paused_why"),
    sqlite_with_rowid=False,
)

# A tick, what was decided about it and, where that is to run, the intent: one row, so that none exists without the others.
ticks = Table(
    "automation_ticks",
    metadata,
    text_column("environment", key=True),
    text_column("schedule", key=True),
    Column("at", Double, primary_key=True),
    text_column("state", needed=True),
    text_column("reason", needed=True),
    count_column("number", needed=True),
    time_column("decided_at", needed=True),
    text_column("run_key"),
    text_column("run_id"),
    text_column("owner"),
    time_column("held_until"),
    time_column("ended_at"),
    Index("automation_ticks_by_state", "environment", "state", "schedule", "at"),
    sqlite_with_rowid=False,
)

# The daemons that work on an environment, each with the last time that it was heard of. `project`: a print of what it decides by.
daemons = Table(
    "automation_daemons",
    metadata,
    text_column("environment", key=True),
    text_column("id", key=True),
    text_column("owner", needed=True),
    time_column("started_at", needed=True),
    time_column("seen_at", needed=True),
    text_column("saying", needed=True),
    text_column("project"),
    time_column("decision_seconds"),
    time_column("write_seconds"),
    sqlite_with_rowid=False,
)

made_from = Table(
    "made_from",
    metadata,
    text_column("environment", key=True),
    text_column("asset", key=True),
    count_column("run_number", needed=True),
    time_column("at", needed=True),
    Column("document", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
