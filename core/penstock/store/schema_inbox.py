"""The tables of what other systems have told, and of what sensors saw. In the run store's own metadata."""

from __future__ import annotations

from sqlalchemy import Index, Table

from penstock.store.schema_columns import count_column, metadata, text_column, time_column

# An id below a name is one event, however often it is delivered. `received_at` is of one event only in its environment: it is the
# time of the ticks that the event makes.
inbox = Table(
    "automation_inbox",
    metadata,
    text_column("environment", key=True),
    text_column("name", key=True),
    text_column("id", key=True),
    time_column("received_at", needed=True),
    text_column("kind", needed=True),
    text_column("body", needed=True),
    time_column("handled_at"),
    text_column("outcome", needed=True),
    Index("automation_inbox_by_time", "environment", "received_at", unique=True),
    Index("automation_inbox_unhandled", "environment", "handled_at"),
    sqlite_with_rowid=False,
)

# `seen`: by what it is called, which version of it was there. `mark` differs when the sensor looks at something else.
sensors = Table(
    "automation_sensors",
    metadata,
    text_column("environment", key=True),
    text_column("name", key=True),
    text_column("mark", needed=True),
    time_column("changed_at", needed=True),
    count_column("number", needed=True),
    text_column("seen", needed=True),
    sqlite_with_rowid=False,
)
