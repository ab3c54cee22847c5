"""Schema 0007: what automation decided about each asset, and since when it looks at it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "automation_decisions",
        sa.Column("environment", sa.Text(), primary_key=True),
        sa.Column("asset", sa.Text(), primary_key=True),
        sa.Column("at", sa.Double(), primary_key=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("code", "reason")),
        sa.Column("until_at", sa.Double()),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("otherwise", "line", "build_key", "basis")),
        sqlite_with_rowid=False,
    )
    op.create_index("automation_decisions_by_code", "automation_decisions", ["environment", "code", "at"])
    op.create_table(
        "automation_seen",
        sa.Column("environment", sa.Text(), primary_key=True),
        sa.Column("asset", sa.Text(), primary_key=True),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sqlite_with_rowid=False,
    )
