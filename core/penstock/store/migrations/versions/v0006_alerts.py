"""Schema 0006: incidents, and the messages about them that are to be sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "incidents",
        sa.Column("environment", sa.Text(), primary_key=True),
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.Double(), nullable=False),
        sa.Column("told_at", sa.Double()),
        sa.Column("closed_at", sa.Double()),
        sa.Column("quiet", sa.Boolean(), nullable=False),
        sa.Column("muted_until", sa.Double()),
        sa.Column("muted_by", sa.Text()),
        sa.Column("threads", sa.Text()),
        sqlite_with_rowid=False,
    )
    op.create_index("incidents_by_cause", "incidents", ["environment", "kind", "cause", "opened_at"])
    outbox()


def outbox() -> None:
    serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "alert_outbox",
        sa.Column("id", serial, primary_key=True, autoincrement=True),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("incident", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("written_at", sa.Double(), nullable=False),
        sa.Column("due_at", sa.Double()),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.Double()),
        sa.Column("trouble", sa.Text()),
    )
    op.create_index("alert_outbox_by_due", "alert_outbox", ["environment", "due_at"])
