"""Schema 0004: of what each asset was made last, for the decision whether it must be made again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of what was made before nothing is known: it is made once more."""
    op.create_table(
        "made_from",
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column("run_number", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("environment", "asset"),
        sqlite_with_rowid=False,
    )
