"""The tables of the run store that concern people: accounts, what they did, incidents and the messages about them. See `schema.py`."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Table

from penstock.store.schema_columns import SERIAL, count_column, metadata, text_column, time_column

# People who log in. `password` is a slow hash with its own parameters; `grants` is JSON, read by the service.
accounts = Table(
    "accounts",
    metadata,
    text_column("name", key=True),
    text_column("password", needed=True),
    text_column("grants", needed=True),
    time_column("created_at", needed=True),
    sqlite_with_rowid=False,
)

# `digest`: SHA-256 of the secret in the browser's cookie.
account_sessions = Table(
    "account_sessions",
    metadata,
    text_column("digest", key=True),
    text_column("account", needed=True),
    time_column("began_at", needed=True),
    time_column("used_at", needed=True),
    sqlite_with_rowid=False,
)

account_tokens = Table(
    "account_tokens",
    metadata,
    text_column("id", key=True),
    *(text_column(name, needed=True) for name in ("digest", "account", "about", "limits")),
    time_column("created_at", needed=True),
    *(time_column(name) for name in ("expires_at", "used_at", "revoked_at")),
    Index("account_tokens_by_digest", "digest", unique=True),
    sqlite_with_rowid=False,
)

# Who did or tried what. Rows are added and never changed.
audit = Table(
    "audit",
    metadata,
    Column("position", SERIAL, primary_key=True, autoincrement=True),
    time_column("at", needed=True),
    *(
        text_column(name, needed=True)
        for name in ("environment", "who", "action", "target", "peer", "outcome")
    ),
    *(text_column(name) for name in ("token", "plan")),
)

# A root cause, opened once, updated, closed. `document` is what people are told of it.
incidents = Table(
    "incidents",
    metadata,
    text_column("environment", key=True),
    text_column("id", key=True),
    text_column("kind", needed=True),
    text_column("cause", needed=True),
    text_column("document", needed=True),
    time_column("opened_at", needed=True),
    time_column("told_at"),
    time_column("closed_at"),
    Column("quiet", Boolean, nullable=False),
    time_column("muted_until"),
    text_column("muted_by"),
    text_column("threads"),
    Index("incidents_by_cause", "environment", "kind", "cause", "opened_at"),
    sqlite_with_rowid=False,
)

# Messages that are to be sent: written with what they tell of, sent at least once.
outbox = Table(
    "alert_outbox",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    text_column("environment", needed=True),
    text_column("incident", needed=True),
    text_column("channel", needed=True),
    text_column("event", needed=True),
    text_column("document", needed=True),
    time_column("written_at", needed=True),
    time_column("due_at"),
    count_column("tries", needed=True),
    time_column("sent_at"),
    text_column("trouble"),
    time_column("digest_at"),
    Index("alert_outbox_by_due", "environment", "due_at"),
)
