"""How Alembic runs our migrations: on the connection, and inside the transaction, that migrate.py hands over."""

from __future__ import annotations

from alembic import context

from penstock.store import schema

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=schema.metadata,
    version_table=schema.version.name,
    render_as_batch=True,
)
context.run_migrations()
