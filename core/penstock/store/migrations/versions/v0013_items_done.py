"""Schema 0013: the newest run that was to do something about an item is found at once, however many left it out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    done = sa.text("decision <> 'skip'")
    op.create_index(
        "run_items_done",
        "run_items",
        ["environment", "item", "run_number"],
        sqlite_where=done,
        postgresql_where=done,
    )
