"""Databricks for penstock: what is in Unity Catalog, and jobs of a workspace as steps. Importing this is cheap."""

from __future__ import annotations

from penstock_databricks.integration import INTEGRATION

__all__ = ["INTEGRATION"]
