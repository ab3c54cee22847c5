"""The run store's tables, the same on SQLite and PostgreSQL. Structures inside a row are JSON text; times are epoch seconds.

Every row carries its environment. `events` is append-only; the state columns of runs, run_items, steps and attempts are
what the events fold to (see fold.py).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

SCHEMA_VERSION = "0006"

metadata = MetaData()
_SERIAL = BigInteger().with_variant(Integer, "sqlite")


def _text(name: str, *, key: bool = False, needed: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=key, nullable=not (key or needed))


def _time(name: str, *, needed: bool = False) -> Column[float]:
    return Column(name, Double, nullable=not needed)


def _count(name: str, *, key: bool = False, needed: bool = False) -> Column[int]:
    return Column(name, BigInteger, primary_key=key, nullable=not (key or needed), autoincrement=False)


version = Table("penstock_schema", metadata, _text("version_num", key=True))

runs = Table(
    "runs",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    _text("environment", needed=True),
    _text("state", needed=True),
    _text("selection", needed=True),
    _text("command", needed=True),
    _text("graph_hash", needed=True),
    _time("created_at", needed=True),
    _time("started_at"),
    _time("ended_at"),
    _text("message"),
    _text("counts"),
    _text("retry_of"),
    _text("run_key"),
    _text("wanted"),
    Index("runs_key", "environment", "run_key", unique=True),
    sqlite_autoincrement=True,
)

plans = Table(
    "plans",
    metadata,
    _text("run_id", key=True),
    _text("environment", needed=True),
    Column("document", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

run_items = Table(
    "run_items",
    metadata,
    _text("run_id", key=True),
    _text("item", key=True),
    _text("environment", needed=True),
    _count("run_number", needed=True),
    _count("position", needed=True),
    _text("ref", needed=True),
    _text("kind", needed=True),
    _text("name", needed=True),
    _text("resource_type", needed=True),
    _text("decision", needed=True),
    _text("reason", needed=True),
    _text("code", needed=True),
    _text("unit", needed=True),
    _text("severity", needed=True),
    _text("relation"),
    _text("state", needed=True),
    _text("step"),
    _count("attempt"),
    _time("started_at"),
    _time("ended_at"),
    _time("seconds"),
    _count("rows"),
    _count("size_bytes"),
    _text("message"),
    _text("cause"),
    _time("window_start"),
    _time("window_end"),
    _text("provenance"),
    _time("used_seconds"),
    _count("used_bytes"),
    _time("used_slots"),
    _time("used_money"),
    _text("used_currency"),
    Index("run_items_by_item", "environment", "item", "run_number"),
    sqlite_with_rowid=False,
)

steps = Table(
    "steps",
    metadata,
    _text("run_id", key=True),
    _text("id", key=True),
    _text("environment", needed=True),
    _text("integration", needed=True),
    _text("instance", needed=True),
    _text("kind", needed=True),
    _text("batch"),
    _text("state", needed=True),
    _text("items", needed=True),
    _time("created_at", needed=True),
    _time("started_at"),
    _time("ended_at"),
    _count("attempts", needed=True),
    _text("message"),
    _text("waited"),
    sqlite_with_rowid=False,
)

attempts = Table(
    "attempts",
    metadata,
    _text("run_id", key=True),
    _text("step", key=True),
    _count("attempt", key=True),
    _text("environment", needed=True),
    _text("state", needed=True),
    _text("items"),
    _count("fence", needed=True),
    _time("intent_at", needed=True),
    _time("started_at"),
    _time("ended_at"),
    _text("external"),
    _text("outcome"),
    _text("message"),
    Column("retryable", Boolean, nullable=False),
    _text("log"),
    _text("tail"),
    _text("intent"),
    sqlite_with_rowid=False,
)

events = Table(
    "events",
    metadata,
    _text("run_id", key=True),
    _count("seq", key=True),
    _time("at", needed=True),
    _text("kind", needed=True),
    _text("environment", needed=True),
    _text("state"),
    _text("step"),
    _count("attempt"),
    _text("item"),
    _text("data"),
    _count("position"),
    Index("events_by_position", "position", unique=True),
    sqlite_with_rowid=False,
)

materializations = Table(
    "materializations",
    metadata,
    Column("id", _SERIAL, primary_key=True, autoincrement=True),
    _text("run_id", needed=True),
    _text("step", needed=True),
    _count("attempt", needed=True),
    _text("environment", needed=True),
    _text("asset", needed=True),
    _text("outcome", needed=True),
    _time("started_at"),
    _time("ended_at", needed=True),
    _text("relation"),
    _time("seconds"),
    _count("rows"),
    _count("size_bytes"),
    _text("columns"),
    _text("code_version"),
    _text("text_hash"),
    _text("template_hash"),
    _text("macro_hash"),
    _text("metadata_version"),
    _text("variables"),
    _text("sql_ref"),
    _text("materialized"),
    _text("mode"),
    _text("tool_version"),
    _text("adapter_version"),
    _text("data_version_kind"),
    _text("data_version"),
    _time("data_version_at"),
    _text("inputs"),
    _text("column_hashes"),
    Column("stable", Boolean),
    _text("warehouse_token"),
    _text("reuse_key"),
    _text("clone_of"),
    _text("base_commit"),
    Column("dirty", Boolean),
    _text("facts"),
    _time("window_start"),
    _time("window_end"),
    _text("provenance"),
    Index("materializations_by_asset", "environment", "asset", "id"),
    Index("materializations_by_run", "run_id"),
    Index(
        "materializations_by_reuse_key",
        "reuse_key",
        sqlite_where=text("reuse_key IS NOT NULL"),
        postgresql_where=text("reuse_key IS NOT NULL"),
    ),
)

check_results = Table(
    "check_results",
    metadata,
    Column("id", _SERIAL, primary_key=True, autoincrement=True),
    _text("run_id", needed=True),
    _text("step", needed=True),
    _count("attempt", needed=True),
    _text("environment", needed=True),
    _text("check_key", needed=True),
    _text("name", needed=True),
    _text("outcome", needed=True),
    _time("started_at"),
    _time("ended_at", needed=True),
    _time("seconds"),
    _count("failures"),
    _text("message"),
    _text("inputs"),
    _text("facts"),
    Index("check_results_by_check", "environment", "check_key", "id"),
    Index("check_results_by_run", "run_id"),
)

outside = Table(
    "outside_materializations",
    metadata,
    _text("environment", key=True),
    _text("asset", key=True),
    Column("at", Double, primary_key=True),
    _text("status", needed=True),
    _text("made_by", needed=True),
    _count("rows"),
    _text("message"),
    _time("seconds"),
)

leases = Table(
    "leases",
    metadata,
    _text("name", key=True),
    _text("environment", needed=True),
    _text("run_id", needed=True),
    _text("step"),
    _text("owner"),
    _count("fence", needed=True),
    _time("acquired_at", needed=True),
    _time("expires_at", needed=True),
    _time("window_start"),
    _time("window_end"),
    sqlite_with_rowid=False,
)

# How many events have been committed: the row is locked from the numbering of events to their commit, so that nobody who
# follows the positions ever sees a later one before an earlier one.
event_count = Table(
    "event_count",
    metadata,
    _count("id", key=True),
    _count("last", needed=True),
    sqlite_with_rowid=False,
)

# How far each sink of events has come.
event_cursors = Table(
    "event_cursors",
    metadata,
    _text("sink", key=True),
    _count("position", needed=True),
    _time("moved_at", needed=True),
    sqlite_with_rowid=False,
)

# How far a schedule was looked at, in which form, and whether a person has paused it. The name `*` is all of automation.
schedules = Table(
    "automation_schedules",
    metadata,
    _text("environment", key=True),
    _text("name", key=True),
    _text("fingerprint", needed=True),
    _time("looked_until", needed=True),
    _time("changed_at", needed=True),
    _time("paused_at"),
    _text("paused_by"),
    _text("paused_why"),
    sqlite_with_rowid=False,
)

# A tick, what was decided about it and, where that is to run, the intent: one row, so that none exists without the others.
ticks = Table(
    "automation_ticks",
    metadata,
    _text("environment", key=True),
    _text("schedule", key=True),
    Column("at", Double, primary_key=True),
    _text("state", needed=True),
    _text("reason", needed=True),
    _count("number", needed=True),
    _time("decided_at", needed=True),
    _text("run_key"),
    _text("run_id"),
    _text("owner"),
    _time("held_until"),
    _time("ended_at"),
    Index("automation_ticks_by_state", "environment", "state"),
    sqlite_with_rowid=False,
)

# The daemons that work on an environment, each with the last time that it was heard of.
daemons = Table(
    "automation_daemons",
    metadata,
    _text("environment", key=True),
    _text("id", key=True),
    _text("owner", needed=True),
    _time("started_at", needed=True),
    _time("seen_at", needed=True),
    _text("saying", needed=True),
    sqlite_with_rowid=False,
)

made_from = Table(
    "made_from",
    metadata,
    _text("environment", key=True),
    _text("asset", key=True),
    _count("run_number", needed=True),
    _time("at", needed=True),
    Column("document", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# People who log in. `password` is a slow hash with its own parameters; `grants` is JSON, read by the service.
accounts = Table(
    "accounts",
    metadata,
    _text("name", key=True),
    _text("password", needed=True),
    _text("grants", needed=True),
    _time("created_at", needed=True),
    sqlite_with_rowid=False,
)

# `digest`: SHA-256 of the secret in the browser's cookie.
account_sessions = Table(
    "account_sessions",
    metadata,
    _text("digest", key=True),
    _text("account", needed=True),
    _time("began_at", needed=True),
    _time("used_at", needed=True),
    sqlite_with_rowid=False,
)

account_tokens = Table(
    "account_tokens",
    metadata,
    _text("id", key=True),
    *(_text(name, needed=True) for name in ("digest", "account", "about", "limits")),
    _time("created_at", needed=True),
    *(_time(name) for name in ("expires_at", "used_at", "revoked_at")),
    Index("account_tokens_by_digest", "digest", unique=True),
    sqlite_with_rowid=False,
)

# Who did or tried what. Rows are added and never changed.
audit = Table(
    "audit",
    metadata,
    Column("position", _SERIAL, primary_key=True, autoincrement=True),
    _time("at", needed=True),
    *(_text(name, needed=True) for name in ("environment", "who", "action", "target", "peer", "outcome")),
    *(_text(name) for name in ("token", "plan")),
)

# A root cause, opened once, updated, closed. `document` is what people are told of it.
incidents = Table(
    "incidents",
    metadata,
    _text("environment", key=True),
    _text("id", key=True),
    _text("kind", needed=True),
    _text("cause", needed=True),
    _text("document", needed=True),
    _time("opened_at", needed=True),
    _time("told_at"),
    _time("closed_at"),
    Column("quiet", Boolean, nullable=False),
    _time("muted_until"),
    _text("muted_by"),
    _text("threads"),
    Index("incidents_by_cause", "environment", "kind", "cause", "opened_at"),
    sqlite_with_rowid=False,
)

# Messages that are to be sent: written with what they tell of, sent at least once.
outbox = Table(
    "alert_outbox",
    metadata,
    Column("id", _SERIAL, primary_key=True, autoincrement=True),
    _text("environment", needed=True),
    _text("incident", needed=True),
    _text("channel", needed=True),
    _text("event", needed=True),
    _text("document", needed=True),
    _time("written_at", needed=True),
    _time("due_at"),
    _count("tries", needed=True),
    _time("sent_at"),
    _text("trouble"),
    Index("alert_outbox_by_due", "environment", "due_at"),
)
