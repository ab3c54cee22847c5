"""Schema 0012: messages that wait for a digest; how long daemons take."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alert_outbox", sa.Column("digest_at", sa.Double()))
    op.add_column("automation_daemons", sa.Column("decision_seconds", sa.Double()))
    op.add_column("automation_daemons", sa.Column("write_seconds", sa.Double()))
