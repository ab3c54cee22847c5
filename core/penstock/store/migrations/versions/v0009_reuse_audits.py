"""Schema 0009: what was built to audit its reuse, with both versions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reuse_audits",
        sa.Column("run_id", sa.Text(), primary_key=True),
        sa.Column("asset", sa.Text(), primary_key=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("environment", "name")),
        sa.Column("compared_at", sa.Double(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("outcome", "reason", "before", "after")),
        sa.Column("made_by", sa.BigInteger()),
        sqlite_with_rowid=False,
    )
    op.create_index("reuse_audits_by_asset", "reuse_audits", ["environment", "asset", "compared_at"])
