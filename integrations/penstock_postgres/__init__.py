"""PostgreSQL for penstock: where a database is, what is in it, and how loads are written into it. Importing this is cheap."""

from __future__ import annotations

from penstock_postgres.integration import INTEGRATION

__all__ = ["INTEGRATION"]
