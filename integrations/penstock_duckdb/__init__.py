"""DuckDB for penstock: where a file is, what is in it, and how loads are written into it. Importing this is cheap."""

from __future__ import annotations

from penstock_duckdb.integration import INTEGRATION

__all__ = ["INTEGRATION"]
