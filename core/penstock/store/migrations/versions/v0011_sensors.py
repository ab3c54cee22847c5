"""Schema 0011: what each sensor saw last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "automation_sensors",
        *(sa.Column(name, sa.Text(), primary_key=True) for name in ("environment", "name")),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.Text(), nullable=False),
        sqlite_with_rowid=False,
    )
