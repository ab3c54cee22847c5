"""Schema 0015: when newer data of a promise was expected, and when it came."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "freshness_predictions",
        sa.Column("environment", sa.Text(), primary_key=True),
        sa.Column("asset", sa.Text(), primary_key=True),
        sa.Column("as_of", sa.Double(), primary_key=True),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("expected_at", sa.Double(), nullable=False),
        sa.Column("arrived_at", sa.Double()),
        sqlite_with_rowid=False,
    )
