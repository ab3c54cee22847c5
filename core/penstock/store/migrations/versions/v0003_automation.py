"""Schema 0003: schedules, their ticks, and the daemons that look at them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "automation_schedules",
        sa.Column("environment", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("looked_until", sa.Double(), nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.Column("paused_at", sa.Double()),
        sa.Column("paused_by", sa.Text()),
        sa.Column("paused_why", sa.Text()),
        sqlite_with_rowid=False,
    )
    ticks()
    op.create_table(
        "automation_daemons",
        sa.Column("environment", sa.Text(), primary_key=True),
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.Column("saying", sa.Text(), nullable=False),
        sqlite_with_rowid=False,
    )


def ticks() -> None:
    op.create_table(
        "automation_ticks",
        sa.Column("environment", sa.Text(), primary_key=True),
        sa.Column("schedule", sa.Text(), primary_key=True),
        sa.Column("at", sa.Double(), primary_key=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.Double(), nullable=False),
        sa.Column("run_key", sa.Text()),
        sa.Column("run_id", sa.Text()),
        sa.Column("owner", sa.Text()),
        sa.Column("held_until", sa.Double()),
        sa.Column("ended_at", sa.Double()),
        sqlite_with_rowid=False,
    )
    op.create_index("automation_ticks_by_state", "automation_ticks", ["environment", "state"])
