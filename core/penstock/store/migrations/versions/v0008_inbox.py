"""Schema 0008: what other systems have told, once each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "automation_inbox",
        *(sa.Column(name, sa.Text(), primary_key=True) for name in ("environment", "name", "id")),
        sa.Column("received_at", sa.Double(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "body")),
        sa.Column("handled_at", sa.Double()),
        sa.Column("outcome", sa.Text(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "automation_inbox_by_time", "automation_inbox", ["environment", "received_at"], unique=True
    )
    op.create_index("automation_inbox_unhandled", "automation_inbox", ["environment", "handled_at"])
