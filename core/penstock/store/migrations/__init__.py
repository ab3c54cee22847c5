"""Alembic's migrations of the run store, oldest first in `versions`. Run by migrate.py only."""
