"""Schema 0014: the oldest ticks of a schedule that wait are found at once, however many wait."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("automation_ticks_by_state", table_name="automation_ticks")
    op.create_index(
        "automation_ticks_by_state", "automation_ticks", ["environment", "state", "schedule", "at"]
    )
