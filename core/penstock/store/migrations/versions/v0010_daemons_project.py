"""Schema 0010: what each daemon decides by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("automation_daemons", sa.Column("project", sa.Text()))
