"""Schema 0001: everything. Later versions spell out their own tables; this one is the tables as they are in schema.py
until the first of them is written."""

from __future__ import annotations

from alembic import op

from penstock.store import schema

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    tables = [table for name, table in schema.metadata.tables.items() if name != schema.version.name]
    schema.metadata.create_all(op.get_bind(), tables=tables)
