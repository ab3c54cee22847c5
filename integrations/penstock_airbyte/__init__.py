"""Airbyte for penstock: streams and the tables they land in, and syncs of local connectors. Importing this is cheap."""

from __future__ import annotations

from penstock_airbyte.integration import INTEGRATION

__all__ = ["INTEGRATION"]
