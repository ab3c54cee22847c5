"""Schema 0002: intents, windows, provenance and usage; positions of events and the cursors of who follows them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    windows("run_items", "leases", "materializations")
    op.add_column("attempts", sa.Column("intent", sa.Text()))
    op.add_column("materializations", sa.Column("provenance", sa.Text()))
    op.add_column("run_items", sa.Column("provenance", sa.Text()))
    usage()
    positions()


def windows(*tables: str) -> None:
    """Half-open ranges, in epoch seconds; both null: all of it."""
    for table in tables:
        op.add_column(table, sa.Column("window_start", sa.Double()))
        op.add_column(table, sa.Column("window_end", sa.Double()))


def usage() -> None:
    op.add_column("run_items", sa.Column("used_seconds", sa.Double()))
    op.add_column("run_items", sa.Column("used_bytes", sa.BigInteger()))
    op.add_column("run_items", sa.Column("used_slots", sa.Double()))
    op.add_column("run_items", sa.Column("used_money", sa.Double()))
    op.add_column("run_items", sa.Column("used_currency", sa.Text()))


def positions() -> None:
    """Events from before have no position: who follows them begins with what comes from now on."""
    op.add_column("events", sa.Column("position", sa.BigInteger()))
    op.create_index("events_by_position", "events", ["position"], unique=True)
    op.create_table(
        "event_count",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO event_count (id, last) VALUES (1, 0)")
    op.create_table(
        "event_cursors",
        sa.Column("sink", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("moved_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("sink"),
        sqlite_with_rowid=False,
    )
